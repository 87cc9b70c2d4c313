import type { GatehouseDraft } from './gatehouse-shape.ts'
import { absolutePath } from './program-name.ts'

/**
 * The narrowest rule that answers this command: every word fixed, closed at its end, in this folder only. A person
 * widens it from there; nothing is widened for them.
 *
 * @returns a draft without id, time and end, which the caller knows; null for an empty command
 */
export function suggestRule(
  argv: readonly string[],
  { cwd }: { readonly cwd: string | null },
): Omit<GatehouseDraft, 'id' | 'createdAtMs'> | null {
  if (argv[0] === undefined || argv[0] === '') return null
  return {
    decision: 'allow',
    subject: { kind: 'command', tokens: argv.map((text) => ({ kind: 'fixed', text })), openEnd: false },
    where: cwd === null ? null : absolutePath(cwd, null),
    runs: 'sandbox',
    endsAtMs: null,
    note: null,
    reviewed: false,
    match: [[...argv]],
    notMatch: [],
  }
}
