/** Lines above which a diff is given as "everything replaced" instead of being searched for the shortest. */
const searchLimit = 4000

type Op = { readonly kind: ' ' | '+' | '-'; readonly text: string }

/**
 * A unified diff of two texts for a card, with three lines of context. git makes the diffs of the workspace;
 * this one is for edits that are not on the disk yet.
 */
export function diffLines(before: string, after: string): { diff: string; added: number; removed: number } {
  const a = splitLines(before)
  const b = splitLines(after)
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  )
    tail++
  const middle = compare(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  const ops: Op[] = [
    ...a.slice(0, head).map((text): Op => ({ kind: ' ', text })),
    ...middle,
    ...a.slice(a.length - tail).map((text): Op => ({ kind: ' ', text })),
  ]
  return {
    diff: hunks(ops),
    added: middle.filter((o) => o.kind === '+').length,
    removed: middle.filter((o) => o.kind === '-').length,
  }
}

const splitLines = (text: string): string[] => {
  if (text === '') return []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Longest common subsequence over what is left after equal heads and tails. */
function compare(a: readonly string[], b: readonly string[]): Op[] {
  const del = (text: string): Op => ({ kind: '-', text })
  const add = (text: string): Op => ({ kind: '+', text })
  if (a.length * b.length > searchLimit * 1000) return [...a.map(del), ...b.map(add)]
  const width = b.length + 1
  const table = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i * width + j] =
        a[i] === b[j]
          ? (table[(i + 1) * width + j + 1] as number) + 1
          : Math.max(table[(i + 1) * width + j] as number, table[i * width + j + 1] as number)
  const ops: Op[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      ops.push({ kind: ' ', text: a[i] as string })
      i++
      j++
    } else if (
      j >= b.length ||
      (i < a.length && (table[(i + 1) * width + j] as number) >= (table[i * width + j + 1] as number))
    ) {
      ops.push(del(a[i++] as string))
    } else {
      ops.push(add(b[j++] as string))
    }
  }
  return ops
}

function hunks(ops: readonly Op[]): string {
  const context = 3
  const out: string[] = []
  let oldNo = 1
  let newNo = 1
  let i = 0
  while (i < ops.length) {
    if ((ops[i] as Op).kind === ' ') {
      oldNo++
      newNo++
      i++
      continue
    }
    const start = Math.max(0, i - context)
    let end = i
    for (let gap = 0; end < ops.length && gap <= context * 2; end++)
      gap = (ops[end] as Op).kind === ' ' ? gap + 1 : 0
    while (end > i && (ops[end - 1] as Op).kind === ' ' && trailing(ops, end) > context) end--
    const part = ops.slice(start, end)
    const lead = i - start
    const olds = part.filter((o) => o.kind !== '+').length
    const news = part.filter((o) => o.kind !== '-').length
    out.push(`@@ -${olds === 0 ? 0 : oldNo - lead},${olds} +${news === 0 ? 0 : newNo - lead},${news} @@`)
    for (const op of part) out.push(`${op.kind}${op.text}`)
    for (const op of ops.slice(i, end)) {
      if (op.kind !== '+') oldNo++
      if (op.kind !== '-') newNo++
    }
    i = end
  }
  return out.length > 0 ? `${out.join('\n')}\n` : ''
}

/** Equal lines directly before `end`. */
function trailing(ops: readonly Op[], end: number): number {
  let n = 0
  while (end - 1 - n >= 0 && (ops[end - 1 - n] as Op).kind === ' ') n++
  return n
}
