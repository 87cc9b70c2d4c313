import type { RuleDraft } from '../../../protocol/rules.ts'

const eightHoursMs = 8 * 3_600_000

/** What a new rule begins as: it says nothing, stays in the sandbox and ends by itself. */
export const emptyRule = (where: string | null): RuleDraft => ({
  decision: 'allow',
  subject: { kind: 'command', tokens: [{ kind: 'fixed', text: '' }], openEnd: false },
  where,
  runs: 'sandbox',
  endsAtMs: Date.now() + eightHoursMs,
  note: null,
  match: [],
  notMatch: [],
})
