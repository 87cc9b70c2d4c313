import { createHash } from 'node:crypto'
import { type Action, type Grant, noGrant } from '../../protocol/action.ts'
import { pathsOf } from '../policy/judge-file-access.ts'
import type { DecodedCommand } from '../policy/shell/command-part.ts'
import { proposedPrefix } from '../policy/shell/fixed-prefix.ts'

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

const key = (grant: Grant): unknown => [
  grant.writePaths.toSorted(),
  grant.network,
  grant.unsandboxed,
  // Only where they are used, so that keys in logs of before still compare.
  ...(grant.readPaths?.length || grant.gitMetadata
    ? [[...(grant.readPaths ?? [])].toSorted(), grant.gitMetadata === true]
    : []),
  ...(grant.hosts?.length ? [grant.hosts.map(({ pattern, port }) => `${pattern} ${port}`).toSorted()] : []),
]
const rungOf = (action: Action): unknown => key(action.escalation?.ladder[0] ?? noGrant)

/**
 * The key under which two questions are the same kind of question: for a command the programs, their fixed
 * words and what they want beyond the sandbox. Arguments, reasons and claims do not count, so rewording a
 * question does not make it a new one. What is granted hangs on `exactKey`, never on this.
 *
 * @param decoded the command as it was read; null for every other kind
 * Source: UX.md 2.10
 */
export function fingerprintOf(action: Action, decoded: DecodedCommand | null): string {
  switch (action.kind) {
    case 'command': {
      const hosts = (action.escalation?.violations ?? []).flatMap((v) =>
        v.kind === 'connect' ? [`${v.host ?? '?'}:${v.port ?? '?'}`] : [],
      )
      const what =
        decoded === null || decoded.notInspectable !== null || decoded.parts.length === 0
          ? action.argv
          : decoded.parts.map((part) => proposedPrefix(part))
      return sha256(['command', what, rungOf(action), hosts.toSorted()])
    }
    case 'input':
      return sha256(['input', action.argv, action.text])
    case 'fileAccess':
      return sha256(['fileAccess', action.held.kind, action.held.directory])
    case 'fileChange':
    case 'hostAccess':
    case 'permissions':
      return exactKey(action)
  }
}

/** The key under which an answer holds for the next attempt: this exact action, in this place. */
export function exactKey(action: Action): string {
  switch (action.kind) {
    case 'command':
      return sha256(['command', action.argv, action.cwd, rungOf(action)])
    case 'fileChange':
      return sha256([
        'fileChange',
        action.edits.map((e) => `${e.change} ${e.path}`).toSorted(),
        rungOf(action),
      ])
    case 'input':
      return sha256(['input', action.terminalId, action.text])
    case 'fileAccess':
      return sha256(['fileAccess', action.held.kind, ...pathsOf(action.held)])
    case 'hostAccess':
      return sha256(['hostAccess', action.host, action.port, action.protocol])
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
    case 'fileAccess': {
      const { kind, call, path, path2, directory, flags } = action.held
      const ladder = (action.escalation?.ladder ?? []).map(key)
      return sha256([action.runActionId, kind, call, path, path2, directory, flags, ladder])
    }
    case 'hostAccess': {
      const { runActionId, host, port, protocol } = action
      return sha256([runActionId, host, port, protocol, (action.escalation?.ladder ?? []).map(key)])
    }
    case 'permissions':
      return sha256([key(action.grant)])
  }
}
