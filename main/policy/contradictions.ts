import type { Action } from '../../protocol/action.ts'
import { pathsOf } from './judge-file-access.ts'

const hostPattern = /\b(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}\b/gi
const fileEnding =
  /\.(?:[cm]?[jt]sx?|json|md|py|rs|go|c|h|cpp|java|rb|sh|txt|toml|ya?ml|lock|html|css|log|xml|csv)$/i

const hostsIn = (text: string): Set<string> =>
  new Set([...text.matchAll(hostPattern)].map((m) => m[0].toLowerCase()).filter((h) => !fileEnding.test(h)))

const textOf = (action: Action): string => {
  switch (action.kind) {
    case 'command':
      return action.argv.join(' ')
    case 'fileAccess':
      return pathsOf(action.held).join(' ')
    case 'fileChange':
      return action.edits.map((e) => e.path).join(' ')
    case 'hostAccess':
      return action.host
    case 'input':
      return action.text
    case 'permissions':
      return action.grant.writePaths.join(' ')
  }
}

/**
 * Where the agent's words and the action disagree, in the host's voice. Few and deterministic checks: no match,
 * no row. Never lowers anything.
 */
export function findContradictions(action: Action, says: string | null): readonly string[] {
  if (says === null || says.length > 20_000) return []
  const rows: string[] = []
  const text = textOf(action)

  const claimed = hostsIn(says)
  const acted = hostsIn(text)
  const other = [...acted].filter((h) => !claimed.has(h))
  if (claimed.size > 0 && other.length > 0)
    rows.push(
      `It names ${[...claimed].slice(0, 2).join(', ')}; the action goes to ${other.slice(0, 2).join(', ')}.`,
    )

  const onlyReads = /\b(?:only|just)\s+(?:read|look|list|inspect|check)|\bread-only\b/i.test(says)
  const writes =
    action.kind === 'fileChange' ||
    (action.kind === 'fileAccess' && action.held.kind === 'write') ||
    (action.escalation?.ladder[0]?.writePaths.length ?? 0) > 0 ||
    (action.kind === 'permissions' && action.grant.writePaths.length > 0)
  if (onlyReads && writes) rows.push('It says that it only reads; the action writes.')

  const offline = /\b(?:no|without)\s+(?:the\s+)?network|\boffline\b/i.test(says)
  if (offline && action.escalation?.ladder[0]?.network)
    rows.push('It says that no network is needed; the action asks for it.')
  return rows
}
