import { z } from 'zod'

/** What a rule says. Strictest wins: forbidden, then prompt, then allow. */
export const RuleDecision = z.enum(['allow', 'prompt', 'forbidden'])
export type RuleDecision = z.infer<typeof RuleDecision>

const word = z.string().max(10_000)
const words = z.array(word).min(1).max(200)

/** One token of a rule made here. `except` holds globs such as `release/*`. */
export const TokenPattern = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed'), text: word }),
  z.object({ kind: z.literal('oneOf'), texts: z.array(word).min(1).max(100) }),
  z.object({ kind: z.literal('any'), except: z.array(word).max(100) }),
])
export type TokenPattern = z.infer<typeof TokenPattern>

/** A rule as a person edits it: closed at its end unless `openEnd`. Stored in `rules/gatehouse.toml`. */
export const RuleDraft = z.object({
  decision: RuleDecision,
  subject: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('command'),
      tokens: z.array(TokenPattern).min(1).max(200),
      openEnd: z.boolean(),
    }),
    z.object({ kind: z.literal('write'), path: z.string().max(4096) }),
  ]),
  /** An absolute folder; null: everywhere. */
  where: z.string().max(4096).nullable(),
  /** `asAsked`: with what the question asked for; `sandbox`: inside the boundary only. */
  runs: z.enum(['sandbox', 'asAsked']),
  /** Unix time in milliseconds; null: until removed. */
  endsAtMs: z.int().nullable(),
  note: z.string().max(500).nullable(),
  match: z.array(words).max(50),
  notMatch: z.array(words).max(50),
})
export type RuleDraft = z.infer<typeof RuleDraft>
