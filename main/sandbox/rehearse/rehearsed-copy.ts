import { createHash } from 'node:crypto'
import type { SandboxSpec } from '../../../protocol/sandbox.ts'
import { launcherInside } from '../bwrap-argv.ts'
import { applySteps, lastRecord, record } from './apply-list.ts'
import { compareFile, compareUpper, type RehearsedEntry, readAtMost } from './compare-copy.ts'
import { differences, snapshotOf } from './compare-runs.ts'
import { listUpper } from './list-upper.ts'
import type { CopyPlan } from './plan-copy.ts'
import { bytesOf, shownRaw } from './raw-path.ts'
import { RealReader } from './real-facts.ts'
import type { RehearsedCopy } from './rehearsal-run.ts'
import type { RehearseContext } from './rehearse.ts'
import { removeThrowaway } from './throwaway.ts'

/** What is applied is handed over in one piece. */
export const maxApplyBytes = 64 * 1024 * 1024

export async function rehearsedCopy(
  context: Pick<RehearseContext, 'launcher' | 'pipe'>,
  run: { readonly spec: SandboxSpec; readonly cwd: string; readonly dir: string; readonly plan: CopyPlan },
  madeForGrant: readonly string[],
): Promise<RehearsedCopy> {
  const { launcher } = context
  const made = new Set(madeForGrant)
  const entries: RehearsedEntry[] = []
  for (const { root, upper } of run.plan.folders) {
    entries.push(...(await compareUpper(root, upper, await listUpper(launcher, upper), made)))
  }
  if (run.plan.files.length > 0) await listUpper(launcher, `${run.dir}/files`)
  for (const { path, copy } of run.plan.files) {
    const entry = await compareFile(path, copy, made)
    if (entry) entries.push(entry)
  }
  const roots = [...run.plan.folders.map(({ root }) => root), ...run.plan.files.map(({ path }) => path)]

  return {
    entries,
    async contents({ path, source, before, after }, maxBytes) {
      const isFile = (facts: typeof before) => facts?.kind === 'file'
      return {
        before: isFile(before) ? await readAtMost(path, maxBytes) : null,
        after: isFile(after) && source ? await readAtMost(source, maxBytes) : null,
      }
    },
    async digest() {
      const hash = createHash('sha256')
      for (const { path, what, before, after, target, source } of entries) {
        hash.update(JSON.stringify([path, what, before, after, target]))
        const content =
          after?.kind === 'file' && source ? await readAtMost(source, Number.MAX_SAFE_INTEGER) : null
        if (content) hash.update(content)
      }
      return hash.digest('hex')
    },
    snapshot: () => snapshotOf(roots),
    differences: (since) => differences(entries, roots, since),
    async apply(spec, signal) {
      const real = new RealReader()
      for (const { path, stamp } of entries) {
        const now = await real.at(path)
        if (now.stamp === stamp && stamp !== 'elsewhere') continue
        // What was made for the grant stands there again, untouched.
        if (stamp === 'absent' && made.has(bytesOf(path).toString('utf8')) && now.facts?.bytes === 0) continue
        return `${shownRaw(path)} changed since the rehearsal. Nothing was applied; rehearse again.`
      }
      return applyIn(context, { ...run, spec }, entries, signal)
    },
    discard: () => removeThrowaway(launcher, run.dir),
  }
}

async function applyIn(
  context: Pick<RehearseContext, 'pipe'>,
  run: { readonly spec: SandboxSpec },
  entries: readonly RehearsedEntry[],
  signal: AbortSignal | null,
): Promise<string | null> {
  const records: Buffer[] = []
  let left = maxApplyBytes
  for (const step of applySteps(entries)) {
    const content = step.verb === 'f' ? await readAtMost(step.from, left) : null
    if (step.verb === 'f' && content === null)
      return 'What was rehearsed is too large to be applied, or cannot be read.'
    left -= content?.length ?? 0
    records.push(record(step, content))
  }
  const result = await context.pipe({
    spec: run.spec,
    argv: [launcherInside, '--apply'],
    cwd: '/',
    env: {},
    stdin: Buffer.concat([...records, lastRecord]),
    maxBytes: 64 * 1024,
    timeoutMs: 60_000,
    signal,
  })
  if (result.startProblem !== null) return result.startProblem
  const said = Buffer.from(result.stdout).toString('utf8').trim()
  if (said === `applied ${records.length}`) return null
  const [, count, what] = /^stopped (\d+) (.*)$/s.exec(said) ?? []
  if (count === undefined)
    return 'The changes were not applied, or only some of them: the step that does it ended early.'
  return Number(count) === 0
    ? `Nothing was applied: ${what}.`
    : `Stopped after ${count} of ${records.length} steps, which stay: ${what}.`
}
