import { type Amendment, lineEndOf } from './amend-rules.ts'
import { checkGatehouseRule, type GatehouseDraft } from './gatehouse-shape.ts'
import { printGatehouseRule } from './print-gatehouse-rule.ts'
import type { GatehouseRule } from './rule.ts'
import { gatehouseTables } from './toml-tables.ts'

const refused = (reason: string): Amendment => ({ kind: 'refused', reason })

/**
 * Adds a rule at the end of `rules/gatehouse.toml`; the rest stays byte for byte. Whoever writes the file reads the
 * result once more, since only a TOML reader can say whether the rest was fine.
 */
export function appendGatehouseRule(text: string, rule: GatehouseDraft): Amendment {
  const [problem] = checkGatehouseRule(rule)
  if (problem) return refused(problem.message)
  const end = lineEndOf(text)
  const gap = text === '' ? '' : text.endsWith(`${end}${end}`) ? '' : text.endsWith('\n') ? end : end + end
  return checked(text, `${text}${gap}${printGatehouseRule(rule, end)}`, 1)
}

/**
 * Puts a rule in the place of another.
 *
 * @param old the rule as it was read from this very text
 */
export function replaceGatehouseRule(text: string, old: GatehouseRule, rule: GatehouseDraft): Amendment {
  const [problem] = checkGatehouseRule(rule)
  if (problem) return refused(problem.message)
  const stale = staleReason(text, old)
  if (stale !== null) return refused(stale)
  const { from, to } = old.range
  const end = lineEndOf(text)
  const printed = printGatehouseRule(rule, end)
  const fresh = text.slice(from, to).endsWith('\n') ? printed : printed.slice(0, -end.length)
  return checked(text, text.slice(0, from) + fresh + text.slice(to), 0)
}

/**
 * Takes a rule out, with one blank line behind it. Comments between rules stay; those inside the rule go.
 *
 * @param old the rule as it was read from this very text
 */
export function removeGatehouseRule(text: string, old: GatehouseRule): Amendment {
  const stale = staleReason(text, old)
  if (stale !== null) return refused(stale)
  const { from, to } = old.range
  const blank = /^[ \t]*\r?\n/.exec(text.slice(to, to + 200))?.[0].length ?? 0
  return checked(text, text.slice(0, from) + text.slice(to + blank), -1)
}

function staleReason(text: string, { range, id }: GatehouseRule): string | null {
  if (range.to === 0) return 'This rule does not stand in a table of its own. Edit the file itself.'
  const stands = gatehouseTables(text).some(({ from, to }) => from === range.from && to === range.to)
  // The id is compared as written, so an edit that moved another rule to this place is noticed.
  const same = text.slice(range.from, range.to).includes(id)
  return stands && same ? null : 'The file has changed: the rule is no longer where it was. Read it again.'
}

function checked(before: string, after: string, more: number): Amendment {
  return gatehouseTables(after).length === gatehouseTables(before).length + more
    ? { kind: 'amended', text: after }
    : refused('The end of this file is not finished. Edit the file itself.')
}
