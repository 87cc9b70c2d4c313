import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { sandboxSettings } from '../main/cli/sandbox-settings.ts'
import type { SandboxSpec } from '../protocol/sandbox.ts'
import { median, type Result, timed } from './measure.ts'
import { bareBwrap, fill, type Lab, makeLab, plainEnv, runIn } from './sandbox-support.ts'

const run = promisify(execFile)

const sizes = [50, 2_000, 60_000] as const
const rounds = 40

type Way = { readonly name: string; run(): Promise<unknown> }

/**
 * A sandboxed `true` in every mode, in workspaces of three sizes, beside bubblewrap run bare with the same arguments,
 * and beside Codex (GATEHOUSE_BENCH_CODEX) and sandbox-runtime (GATEHOUSE_BENCH_SRT) where they are installed: all of
 * them turn about, so that they meet the same weather.
 */
export async function sandboxLaunch(): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const size of sizes) {
    const [lab, twin] = [workspaceOf(size), workspaceOf(size)]
    try {
      results.push(...(await measure(lab, twin, size)))
    } finally {
      for (const each of [lab, twin]) each.remove()
    }
  }
  return results
}

function workspaceOf(size: number): Lab {
  const lab = makeLab('disk')
  mkdirSync(path.join(lab.folder, '.git'))
  writeFileSync(path.join(lab.folder, '.git/HEAD'), 'ref: refs/heads/main\n')
  fill(lab.folder, size)
  return lab
}

/** @param twin like `lab`, for bubblewrap run bare, which is not to leave anything in ours */
async function measure(lab: Lab, twin: Lab, size: number): Promise<readonly Result[]> {
  const modes = await modesOf(lab, twin)
  const ways: Way[] = [
    { name: 'plain true', run: () => run('true', [], { cwd: lab.folder }) },
    ...modes.flatMap(({ ours, bare }) => (bare ? [ours, bare] : [ours])),
    ...others(lab),
  ]
  const samples = new Map(ways.map(({ name }) => [name, [] as number[]]))
  for (let round = -3; round < rounds; round++) {
    for (const way of ways) {
      const took = await timed(() => way.run())
      if (round >= 0) samples.get(way.name)?.push(took)
    }
  }
  const sampleOf = (name: string): readonly number[] => samples.get(name) ?? []
  const files = `${size.toLocaleString('en')} files`
  return [
    ...modes.map(({ ours, bare }): Result => {
      const [sample, baseline] = [sampleOf(ours.name), bare ? sampleOf(bare.name) : sampleOf('plain true')]
      return {
        name: `true, ${ours.name}, ${files}`,
        sample,
        baseline: { name: bare ? 'bare bwrap' : 'plain true', sample: baseline },
        budget: bare ? '≤ 1.6 × bare' : '',
        met: bare ? median(sample) / median(baseline) <= 1.6 : null,
      }
    }),
    ...others(lab).map(
      ({ name }): Result => ({
        name: `true, ${name}, ${files}`,
        sample: sampleOf(name),
        baseline: { name: 'workspace-write', sample: sampleOf('workspace-write') },
        budget: '',
        met: null,
      }),
    ),
  ]
}

async function specsOf(lab: Lab): Promise<Readonly<Record<string, SandboxSpec>>> {
  const strict = await sandboxSettings({
    folder: lab.folder,
    gatehouseHome: lab.home,
    home: plainEnv.HOME,
    tmpdir: null,
    flags: [],
    profile: ':strict',
    systemDir: path.join(lab.base, 'no-requirements'),
  })
  if ('problem' in strict) throw new Error(strict.problem)
  const { access, sandboxMode } = strict.settings
  return {
    'read-only': await lab.spec({ mode: 'read-only' }),
    'workspace-write': await lab.spec({ mode: 'workspace-write' }),
    'workspace-write, holding': await lab.spec({ mode: 'workspace-write', hold: 'writes' }),
    strict: await lab.spec({ mode: sandboxMode, ...(access ? { access } : {}) }),
    'full access': await lab.spec({ mode: 'danger-full-access' }),
  }
}

type Mode = { readonly ours: Way; readonly bare: Way | null }

async function modesOf(lab: Lab, twin: Lab): Promise<readonly Mode[]> {
  const bareSpecs = await specsOf(twin)
  return Promise.all(
    Object.entries(await specsOf(lab)).map(async ([name, spec]) => {
      const ours = { name, run: () => runIn(lab, spec, ['true'], { holds: spec.hold === 'writes' }) }
      if (spec.boundary === 'none') return { ours, bare: null }
      const [file = '', ...argv] = await bareBwrap(bareSpecs[name] ?? spec)
      return { ours, bare: { name: `bare ${name}`, run: () => run(file, [...argv, 'true']) } }
    }),
  )
}

function others(lab: Lab): readonly Way[] {
  const codex = process.env['GATEHOUSE_BENCH_CODEX']
  const srt = process.env['GATEHOUSE_BENCH_SRT']
  const options = { cwd: lab.folder }
  return [
    ...(codex
      ? [
          {
            name: 'Codex',
            run: () => run(codex, ['sandbox', '-c', 'sandbox_mode="workspace-write"', '--', 'true'], options),
          },
        ]
      : []),
    ...(srt ? [{ name: 'sandbox-runtime', run: () => run(srt, ['true'], options) }] : []),
  ]
}
