import type { TurnId } from '../../protocol/ids.ts'
import type { LogLine } from '../../protocol/log-entry.ts'
import { countWords } from '../../protocol/rehearsal.ts'
import type { Item } from '../../protocol/sessions.ts'

type Notice = Extract<Item, { type: 'notice' }>
type Made = Extract<LogLine, { type: 'rehearsal' }>
type Used = Extract<LogLine, { type: 'rehearsalUsed' }>

/** What a rehearsal showed, as a line of the session. */
export function rehearsalNotice(line: Made, turnId: string | null): Notice {
  const { rehearsal } = line
  const deleted = rehearsal.changes.filter(({ what }) => what === 'deleted').map(({ path }) => path)
  const hosts = rehearsal.hosts.map(
    ({ host, port }) => `${host ?? 'a host'}${port === null ? '' : `:${port}`}`,
  )
  return notice(line, turnId, 'info', `Rehearsed on a throwaway copy: ${countWords(rehearsal.counts)}`, [
    rehearsal.exitCode === null ? 'It was ended before its own end.' : `It ended with ${rehearsal.exitCode}.`,
    ...(deleted.length > 0 ? [`Deleted: ${deleted.join(', ')}`] : []),
    ...(hosts.length > 0 ? [`Not reached: ${hosts.join(', ')}`] : []),
  ])
}

/** What came of it; null for one that was thrown away, which changes nothing. */
export function rehearsalUsedNotice(line: Used, turnId: string | null): Notice | null {
  const { how, differences } = line
  if (how === 'discarded') return null
  const same = differences.length === 0
  const title =
    how === 'applied'
      ? same
        ? 'The rehearsed changes were applied; the command itself did not run'
        : 'The rehearsed changes were not applied as they were shown'
      : same
        ? 'The real run did what the rehearsal showed'
        : 'The real run differs from its rehearsal'
  return notice(line, turnId, same ? 'info' : 'warning', title, differences)
}

const notice = (
  { itemId, atMs }: Made | Used,
  turnId: string | null,
  level: Notice['level'],
  title: string,
  detail: readonly string[],
): Notice => ({
  id: itemId,
  turnId: turnId as TurnId | null,
  atMs,
  type: 'notice',
  level,
  title,
  detail: detail.join('\n'),
})
