import type { Action, FileEdit, Grant } from '../../../protocol/action.ts'
import type { HeldCall } from '../../../protocol/sandbox.ts'
import { commandLine } from './command-line.ts'

/** A path below `cwd` without that prefix; any other path as it is. */
export const shortPath = (path: string, cwd: string): string =>
  path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path

const firstLine = (text: string): string => {
  const [first = '', ...rest] = text.split('\n')
  return rest.length === 0 ? first : `${first} (and ${rest.length} more lines)`
}

const edited = (edits: readonly FileEdit[], cwd: string): string => {
  const first = edits[0]
  if (!first) return 'edit nothing'
  const verb = { add: 'add', update: 'edit', delete: 'delete' }[first.change]
  const more = edits.length > 1 ? ` and ${edits.length - 1} more` : ''
  return `${verb} ${shortPath(first.path, cwd)}${more}`
}

/** What a running command wants of a file, and where. */
export function heldSubject(held: HeldCall, cwd: string): string {
  const verb =
    held.kind === 'read'
      ? 'read'
      : /^(?:unlink|rmdir)/.test(held.call)
        ? 'delete'
        : held.call.startsWith('rename')
          ? 'move'
          : held.exists
            ? 'write'
            : 'create'
  const to = held.path2 === null ? '' : ` to ${shortPath(held.path2, cwd)}`
  return `${verb} ${shortPath(held.path, cwd)}${to}`
}

/** What a grant gives, in words; used for requests in advance and in receipts. */
export function grantWords(grant: Grant): string {
  if (grant.unsandboxed) return 'no boundary'
  const parts = [
    ...grant.writePaths.map((path) => `write ${path}`),
    ...(grant.readPaths ?? []).map((path) => `read ${path}`),
    ...(grant.gitMetadata ? ['git metadata'] : []),
    ...(grant.hosts ?? []).map(({ pattern, port }) => `reach ${pattern}${port === null ? '' : `:${port}`}`),
    ...(grant.network ? ['network'] : []),
  ]
  return parts.length === 0 ? 'nothing beyond the sandbox' : parts.join(', ')
}

/** Whether it is something that a running command waits for. */
export const isHeldAction = ({ kind }: Action): boolean => kind === 'fileAccess' || kind === 'hostAccess'

/** One line that says what an action is. Literal, never a paraphrase of the agent's. */
export function actionSubject(action: Action): string {
  switch (action.kind) {
    case 'command':
      return firstLine(commandLine(action.argv, action.script))
    case 'fileAccess':
      return heldSubject(action.held, action.cwd)
    case 'fileChange':
      return edited(action.edits, action.cwd)
    case 'hostAccess':
      return `reach ${action.host.includes(':') ? `[${action.host}]` : action.host}:${action.port}`
    case 'input':
      return `type ${JSON.stringify(action.text.slice(0, 200))} into ${commandLine(action.argv, null)}`
    case 'permissions':
      return `asks in advance: ${grantWords(action.grant)}`
  }
}

/** Lines added and removed by an action that edits files; null for all others. */
export function editCounts(action: Action): { readonly added: number; readonly removed: number } | null {
  if (action.kind !== 'fileChange') return null
  return {
    added: action.edits.reduce((sum, edit) => sum + edit.added, 0),
    removed: action.edits.reduce((sum, edit) => sum + edit.removed, 0),
  }
}
