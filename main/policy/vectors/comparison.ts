/**
 * How one case of a vector file compares with what Codex did.
 *
 * `stricter`: we let through less. `seed`: today's Codex left what the documents of the system say, and we keep it.
 * `wider`: we let through more, which is a defect. `noVerdict`: Codex refused before its policy spoke, or the case is
 * about something else than policy.
 */
export type Compared = {
  /** Group, and what tells the case from its neighbours. */
  readonly title: string
  readonly result: 'agree' | 'stricter' | 'seed' | 'wider' | 'noVerdict'
  /** The deliberate difference that explains `stricter` or `seed`; null: nobody wrote it down. */
  readonly difference: string | null
  readonly codex: string
  readonly ours: string
}

/** A place where Gatehouse is stricter on purpose. docs/CODEX-DIFFERENCES.md is checked against these. */
export type Difference = {
  readonly id: string
  /** What Gatehouse does instead, as a sentence. */
  readonly what: string
  readonly why: string
}
