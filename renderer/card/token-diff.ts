export type TokenChange = { readonly kind: 'same' | 'added' | 'removed'; readonly text: string }

/** Beyond this many tokens a comparison says too little and costs too much. */
const most = 400

/** Words of a command line with the blanks they are divided by dropped; quotes are left as they are. */
const tokensOf = (line: string): string[] => line.split(/\s+/).filter((token) => token !== '')

/**
 * What an edit changed, token by token (longest common subsequence), for the eye only: what runs is the text.
 * @returns null when one side is too long to compare
 */
export function diffTokens(before: string, after: string): readonly TokenChange[] | null {
  const a = tokensOf(before)
  const b = tokensOf(after)
  if (a.length > most || b.length > most) return null
  const common = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    const row = common[i] as number[]
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const changes: TokenChange[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      changes.push({ kind: 'same', text: a[i] as string })
      i++
      j++
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      changes.push({ kind: 'removed', text: a[i++] as string })
    } else {
      changes.push({ kind: 'added', text: b[j++] as string })
    }
  }
  return changes
}
