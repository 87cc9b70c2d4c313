/** What the launcher said of one attempt; null: nothing. */
export type ProbeAnswer =
  | { readonly came: 'opened' }
  | { readonly came: 'stopped'; readonly errno: number; readonly words: string }
  | null

/**
 * Reads the lines of `launcher --probe`, one per attempt and in their order. From the first line that is not the
 * one expected nothing is believed.
 */
export function readAnswers(said: string, kinds: readonly string[]): readonly ProbeAnswer[] {
  const lines = said.split('\n')
  const answers: ProbeAnswer[] = []
  for (const [index, kind] of kinds.entries()) {
    const [, of, came, errno, words] =
      /^probe (\w{1,20}) (?:(opened)|stopped (\d{1,5}) (.{1,200}))$/.exec(lines[index] ?? '') ?? []
    if (of !== kind) break
    answers.push(came === 'opened' ? { came } : { came: 'stopped', errno: Number(errno), words: words ?? '' })
  }
  return kinds.map((_, index) => answers[index] ?? null)
}
