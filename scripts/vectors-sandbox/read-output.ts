/** One thing a probe tried and what came of it, as far as its output tells. */
export type Attempt = {
  /** The same word whether it worked or not, so that two outputs can be laid side by side. */
  readonly family: string
  readonly worked: boolean
  /** As printed, without numbers that differ from run to run. */
  readonly text: string
}

/** Names that sysprobe prints differently for success and failure of one call. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^(?:open\(O_WRONLY.*|write)$/, 'write'],
  [/^(?:open\(O_RDONLY.*|read)$/, 'read'],
  [/^(?:connect|bind|sendto|socket)$/, 'socket'],
  [/^(.*) in new userns$/, 'userns'],
  [/^(?:unshare.*)$/, 'unshare'],
]

const call = /^(OK|ERR) (.+?)(?: (-?\d+)| (E[A-Z0-9]+) \(.*\))?$/
/** `rc=0`, `mv=1`: the end of a command that the script wrote down. */
const status = /^(rc|mv|status)=(\d+)$/
/** `readable=3`: how many attempts of a loop got through. */
const count = /^([a-z]+)=(\d+)$/

/** The attempts of a probe's standard output, in their order. Other lines are passed over. */
export function readAttempts(stdout: string): readonly Attempt[] {
  return stdout.split('\n').flatMap((line): Attempt[] => {
    const done = call.exec(line)
    if (done) {
      const name = done[2] ?? ''
      const family = families.find(([shape]) => shape.test(name))?.[1] ?? name
      return [{ family, worked: done[1] === 'OK', text: [done[1], name, done[4] ?? ''].join(' ').trim() }]
    }
    const ended = status.exec(line)
    if (ended) return [{ family: ended[1] ?? '', worked: ended[2] === '0', text: line }]
    const counted = count.exec(line)
    if (counted) return [{ family: counted[1] ?? '', worked: counted[2] !== '0', text: line }]
    return []
  })
}

export type Pair = { readonly codex: Attempt | null; readonly ours: Attempt | null }

/**
 * Lays two outputs side by side. A call that prints one line more when it works (`bind`, then `listen`) must not shift
 * the rest, so what has no partner of its family stands alone.
 */
export function pairAttempts(codex: readonly Attempt[], ours: readonly Attempt[]): readonly Pair[] {
  const common: number[][] = Array.from({ length: codex.length + 1 }, () =>
    Array.from({ length: ours.length + 1 }, () => 0),
  )
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0
  for (let i = codex.length - 1; i >= 0; i--)
    for (let j = ours.length - 1; j >= 0; j--) {
      const row = common[i]
      const same = codex[i]?.family === ours[j]?.family
      if (row) row[j] = same ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  const pairs: Pair[] = []
  let [i, j] = [0, 0]
  while (i < codex.length || j < ours.length) {
    const [one, other] = [codex[i] ?? null, ours[j] ?? null]
    if (one && other && one.family === other.family) {
      pairs.push({ codex: one, ours: other })
      i++
      j++
    } else if (one && (!other || at(i + 1, j) >= at(i, j + 1))) {
      pairs.push({ codex: one, ours: null })
      i++
    } else {
      pairs.push({ codex: null, ours: other })
      j++
    }
  }
  return pairs
}

/** Codex's own leavings, which no other program leaves. */
const leavings = /codex-(?:bwrap-synthetic-mount-targets|daemon)-/

/** What a look says of something that is not there; that it is not there is told by the missing line. */
const absent = /^(?:ls|cat): .*: No such file or directory$/

/** The lines that a look at the host printed, without owners, times, sizes and run numbers. */
export function readListing(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(
          /^([a-z-])[rwxsStT-]{9}\+?\s+\d+\s+\S+\s+\S+\s+[\d,\s]*?\d+\s+\w{3}\s+\d+\s+[\d:]+\s+/,
          '$1 ',
        )
        .replaceAll(/\br1-(\w*-)?\d+/g, 'r1-$1N')
        .replace(/^[0-9a-f]{7,40} /, 'COMMIT '),
    )
    .filter((line) => line !== '' && !/^total \d+$/.test(line) && !leavings.test(line) && !absent.test(line))
    .toSorted()
}
