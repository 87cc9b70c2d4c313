import type { Grant } from '../../protocol/action.ts'
import type { Rehearsal, RehearsalRecord, RehearsedChange } from '../../protocol/rehearsal.ts'
import type { Violation } from '../../protocol/sandbox.ts'
import type { RehearsedEntry } from '../sandbox/rehearse/compare-copy.ts'
import { shownRaw } from '../sandbox/rehearse/raw-path.ts'
import type { RehearsedRun } from '../sandbox/rehearse/rehearsal-run.ts'
import { diffLines } from './diff-lines.ts'

/** Files that are compared line by line, and the characters of all diffs together. */
const maxDiffs = 200
const maxDiffChars = 1_000_000
/** The largest file that is compared, in bytes. */
const maxDiffBytes = 256 * 1024
/** Changes that are no deletions, for the screen and for the log. */
const maxShown = 2000
const maxLogged = 500
/** Characters of the paths of all deletions: what one message can carry, and what one line of the log should. */
const maxDeletedChars = 4_000_000
const maxLoggedChars = 500_000
/** What can be applied in one piece. */
const maxApplyBytes = 64 * 1024 * 1024

type Facts = {
  readonly id: string
  readonly atMs: number
  readonly durationMs: number
  readonly output: string
  readonly outputBytes: number
  readonly violations: readonly Violation[]
  /** As it was asked for; the rehearsal itself had neither network nor a missing boundary. */
  readonly grant: Grant
  /** Who acts on a path later and outside the boundary; null for most. */
  runsLater(path: string): string | null
}

/** What a rehearsal showed, bounded for the screen. Deletions come first and are all there. */
export async function describeRehearsal(run: RehearsedRun, facts: Facts): Promise<Rehearsal> {
  const { entries } = run.copy
  const deleted = entries.filter(({ what }) => what === 'deleted')
  const others = entries.filter(({ what }) => what !== 'deleted')
  const listed = withinChars(deleted, maxDeletedChars)
  const changes: RehearsedChange[] = listed.map((entry) => changeOf(entry, facts))
  let left = maxDiffChars
  for (const [at, entry] of others.slice(0, maxShown).entries()) {
    const text = at < maxDiffs ? await diffOf(run, entry) : null
    const fits = text !== null && text.diff.length <= left
    if (fits) left -= text.diff.length
    changes.push(changeOf(entry, facts, fits ? text : null))
  }
  const hosts = facts.violations.flatMap((v) =>
    v.kind === 'connect' ? [{ host: v.host, port: v.port }] : [],
  )
  const unlisted = deleted.length - listed.length
  const { id, atMs, durationMs, output, outputBytes } = facts
  return {
    id,
    atMs,
    durationMs,
    exitCode: run.exitCode,
    signal: run.signal,
    ended: run.ended,
    output,
    outputBytes,
    changes,
    counts: {
      added: others.filter(({ what }) => what === 'added').length,
      changed: others.filter(({ what }) => what !== 'added').length,
      deleted: deleted.length,
    },
    leftOut: Math.max(0, others.length - maxShown),
    bytes: run.bytes,
    hosts,
    stoppedConnections: run.stoppedConnections,
    notShown: notShown(run, facts, unlisted),
    applyProblem: applyProblem(run, facts, hosts.length, unlisted),
  }
}

/** The same for one line of the session log. */
export async function recordOf(rehearsal: Rehearsal, run: RehearsedRun): Promise<RehearsalRecord> {
  const withoutDiff = rehearsal.changes.map(({ diff: _diff, ...change }) => change)
  const deleted = withoutDiff.filter(({ what }) => what === 'deleted')
  const others = withoutDiff.filter(({ what }) => what !== 'deleted')
  return {
    ...rehearsal,
    changes: [...withinChars(deleted, maxLoggedChars), ...others.slice(0, maxLogged)],
    leftOut: rehearsal.leftOut + Math.max(0, others.length - maxLogged),
    digest: await run.copy.digest(),
  }
}

function withinChars<T extends { readonly path: string }>(changes: readonly T[], most: number): T[] {
  let left = most
  return changes.filter(({ path }) => {
    left -= path.length + 150
    return left >= 0
  })
}

function changeOf(
  { path, what, before, after, target }: RehearsedEntry,
  { runsLater }: Pick<Facts, 'runsLater'>,
  text: { readonly diff: string; readonly added: number; readonly removed: number } | null = null,
): RehearsedChange {
  const shown = shownRaw(path)
  const later = runsLater(shown)
  return {
    path: shown,
    what,
    before,
    after,
    target: target === null ? null : shownRaw(target),
    diff: text?.diff ?? null,
    added: text?.added ?? 0,
    removed: text?.removed ?? 0,
    ...(later === null ? {} : { runsLater: later }),
  }
}

async function diffOf(
  { copy }: RehearsedRun,
  entry: RehearsedEntry,
): Promise<ReturnType<typeof diffLines> | null> {
  if (entry.after?.kind !== 'file' || entry.what === 'mode') return null
  const { before, after } = await copy.contents(entry, maxDiffBytes)
  const old = before === null ? (entry.before?.kind === 'file' ? null : '') : textOf(before)
  const next = after === null ? null : textOf(after)
  return old === null || next === null ? null : diffLines(old, next)
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** null: no text that can be shown line by line. */
function textOf(bytes: Buffer): string | null {
  if (bytes.includes(0)) return null
  try {
    return strict.decode(bytes)
  } catch {
    return null
  }
}

/** What a program prints when a file of another user could not be copied. */
const saysOverflow = (output: string): boolean =>
  /Value too large for defined data type|EOVERFLOW/.test(output)

function notShown(run: RehearsedRun, { output, grant }: Facts, unlisted: number): string[] {
  const special = run.copy.entries.filter(({ after }) => after?.kind === 'other').length
  const sentences: (string | false)[] = [
    grant.unsandboxed && 'It ran inside the sandbox. Without it, it can reach more than this shows.',
    grant.network && 'It had no network. With one it may do more than this shows.',
    run.ended === 'timeUp' && 'Its time was up, so this is only the beginning of what it does.',
    run.ended === 'tooLarge' &&
      'It wrote more than a rehearsal keeps, so this is only the beginning of what it does.',
    run.ended === 'stopped' && 'It was stopped, so this is only the beginning of what it does.',
    saysOverflow(output) &&
      'A file of another user cannot be copied here, so a change to it was refused (EOVERFLOW) that may work for real.',
    run.stoppedConnections === null &&
      'Its connections could not be counted; hosts are only those that its output names.',
    special > 0 && `${special} pipes, sockets or devices that it made are left out when changes are applied.`,
    unlisted > 0 && `${unlisted} more deletions than can be listed.`,
  ]
  return sentences.filter((sentence) => sentence !== false)
}

function applyProblem(
  run: RehearsedRun,
  { output, grant }: Facts,
  hosts: number,
  unlisted: number,
): string | null {
  if (run.ended !== 'itself') return 'It did not come to its own end.'
  if (grant.unsandboxed) return 'What it would do without the sandbox is not known.'
  if (hosts > 0 || (run.stoppedConnections ?? 0) > 0)
    return 'It asked for the network, which a rehearsal cannot give.'
  if (run.stoppedConnections === null) return 'Whether it asked for the network could not be seen.'
  if (saysOverflow(output)) return 'A file of another user could not be copied.'
  if (unlisted > 0) return 'Not all of its deletions can be listed.'
  if (run.copy.entries.some(({ after }) => after?.kind === 'other'))
    return 'It made a pipe, socket or device.'
  if (run.bytes > maxApplyBytes) return 'It wrote too much to be applied in one piece.'
  return run.copy.entries.length === 0 ? 'It changed nothing.' : null
}
