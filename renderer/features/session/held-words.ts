import type { HeldCounts } from '../../../protocol/sandbox.ts'
import type { ActionItem, Item } from '../../../protocol/sessions.ts'

const calls = (n: number): string => `${n.toLocaleString('en')} file ${n === 1 ? 'call' : 'calls'}`

/** "3 file calls waited: 2 granted, 1 denied". null when all of them were refused quietly. */
export function heldWords({ held, granted, denied, quiet }: HeldCounts): string | null {
  const asked = held - quiet
  if (asked <= 0) return null
  const gone = asked - granted - denied
  const parts = [
    ...(granted > 0 ? [`${granted} granted`] : []),
    ...(denied > 0 ? [`${denied} denied`] : []),
    ...(gone > 0 ? [`${gone} no longer needed`] : []),
  ]
  return `${calls(asked)} waited: ${parts.join(', ')}`
}

export type QuietWrites = {
  readonly count: number
  /** The first of each path, newest commands last; shorter than `count` where a path was tried again. */
  readonly list: NonNullable<ActionItem['quiet']>
}

/** Writes of a whole session that nobody was asked about, since the quiet-deny list refused them. */
export function quietOf(items: readonly Item[]): QuietWrites {
  let count = 0
  const list: NonNullable<ActionItem['quiet']> = []
  for (const item of items) {
    if (item.type !== 'action') continue
    count += item.calls?.quiet ?? item.quiet?.length ?? 0
    if (item.quiet && list.length < 500) list.push(...item.quiet)
  }
  return { count, list }
}
