import { createHash } from 'node:crypto'
import { type Action, type Grant, noGrant } from '../../protocol/action.ts'

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

const key = (grant: Grant): unknown => [grant.writePaths.toSorted(), grant.network, grant.unsandboxed]

/**
 * The key under which two requests are the same question. Words around it (reasons, claims) do not count, so
 * rewording a question does not make it a new one.
 */
export function fingerprintOf(action: Action): string {
  const rung = key(action.escalation?.ladder[0] ?? noGrant)
  switch (action.kind) {
    case 'command':
      return sha256(['command', action.argv, action.cwd, rung])
    case 'fileChange':
      return sha256(['fileChange', action.edits.map((e) => `${e.change} ${e.path}`).toSorted(), rung])
    case 'input':
      return sha256(['input', action.terminalId, action.text])
    case 'permissions':
      return sha256(['permissions', key(action.grant)])
  }
}

/** What an answer is bound to: everything that decides what will happen. */
export function digestOf(action: Action): string {
  switch (action.kind) {
    case 'command':
      return sha256([action.argv, action.cwd, (action.escalation?.ladder ?? []).map(key)])
    case 'fileChange':
      return sha256([action.edits.map((e) => [e.path, e.change, e.content]), action.cwd])
    case 'input':
      return sha256([action.terminalId, action.text])
    case 'permissions':
      return sha256([key(action.grant)])
  }
}
