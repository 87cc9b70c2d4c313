import type { Probe, Ran } from './probe-file.ts'
import { type Attempt, pairAttempts, readAttempts, readListing } from './read-output.ts'

/** One point in which a probe came out otherwise than with Codex. */
export type Finding = {
  /** `wider`: we let through what Codex stopped. `stricter`: the other way round. */
  readonly kind: 'wider' | 'stricter'
  /** An attempt, the host afterwards, the end of the command, or whether it was started at all. */
  readonly about: 'attempt' | 'host' | 'exit' | 'start'
  readonly family: string
  readonly codex: string
  readonly ours: string
}

/** Everything in which our run of a probe differs in what it lets through. Empty: the same. */
export function compareProbe(probe: Probe, ran: Ran): readonly Finding[] {
  const { expected } = probe
  const refusedThere = expected.outcome === 'sandbox-refused-to-start'
  if (refusedThere || ran.refused) return compareStart(refusedThere, ran)
  const attempts = comparePairs(expected.stdout, ran.stdout)
  const after = compareHost(probe.after_check_output ?? '', ran.after)
  // What a script wrote down says more than the end of its last command; without that, the end is all there is.
  const exit = readAttempts(expected.stdout).length > 0 ? [] : compareExit(expected.exit ?? 0, ran.exit)
  return [...attempts, ...after, ...exit]
}

function compareStart(refusedThere: boolean, ran: Ran): readonly Finding[] {
  if (refusedThere === ran.refused) return []
  const about = { about: 'start', family: 'start' } as const
  if (refusedThere) {
    const did = readAttempts(ran.stdout).filter(({ worked }) => worked)
    // Codex did not start it; where we do and every attempt is stopped, nothing got through either.
    if (did.length === 0 && (ran.exit !== 0 || readAttempts(ran.stdout).length > 0)) return []
    return [{ kind: 'wider', ...about, codex: 'not started', ours: did[0]?.text ?? `exit ${ran.exit}` }]
  }
  return [{ kind: 'stricter', ...about, codex: 'started', ours: ran.stderr.trim().slice(0, 160) }]
}

function comparePairs(codex: string, ours: string): readonly Finding[] {
  return pairAttempts(readAttempts(codex), readAttempts(ours)).flatMap((pair): Finding[] => {
    const there = worked(pair.codex)
    const here = worked(pair.ours)
    if (there === here) return []
    return [
      {
        kind: here ? 'wider' : 'stricter',
        about: 'attempt',
        family: (pair.codex ?? pair.ours)?.family ?? '',
        codex: pair.codex?.text ?? 'not tried',
        ours: pair.ours?.text ?? 'not tried',
      },
    ]
  })
}

const worked = (attempt: Attempt | null): boolean => attempt?.worked ?? false

/** A line on the host that Codex's run did not leave is something written; a missing one is something held back. */
function compareHost(codex: string, ours: string): readonly Finding[] {
  const [there, here] = [readListing(codex), readListing(ours)]
  const more = without(here, there)
  const less = without(there, here)
  const about = { about: 'host', family: 'host' } as const
  const [first, missing] = [more[0], less[0]]
  if (first !== undefined) return [{ kind: 'wider', ...about, codex: missing ?? 'nothing', ours: first }]
  if (missing !== undefined) return [{ kind: 'stricter', ...about, codex: missing, ours: 'nothing' }]
  return []
}

function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others]
  return lines.filter((line) => {
    const place = left.indexOf(line)
    if (place === -1) return true
    left.splice(place, 1)
    return false
  })
}

function compareExit(codex: number, ours: number): readonly Finding[] {
  if ((codex === 0) === (ours === 0)) return []
  return [
    {
      kind: ours === 0 ? 'wider' : 'stricter',
      about: 'exit',
      family: 'exit',
      codex: `exit ${codex}`,
      ours: `exit ${ours}`,
    },
  ]
}
