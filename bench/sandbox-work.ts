import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { shimMissing } from '../main/sandbox/hold-shim.ts'
import type { SandboxSpec } from '../protocol/sandbox.ts'
import { median, type Result, timed } from './measure.ts'
import { fill, type Lab, launcher, makeLab, runIn } from './sandbox-support.ts'

/** A disk varies by a quarter from one time to the next. */
const rounds = { memory: 1, disk: 3 }

type Work = {
  readonly name: string
  readonly argv: readonly string[]
  /** Written anew before every round, outside the time that is measured. */
  prepare(lab: Lab): void
}

/**
 * Work that writes much, with held calls and without: the price of asking where nothing is asked. The baseline is
 * the same boundary and system call filter without holding.
 */
export async function sandboxWork(): Promise<readonly Result[]> {
  const results: Result[] = []
  // On the disk for both: a boundary has a /dev/shm of its own, in which only the workspace is.
  const material = mkdtempSync('/var/tmp/gatehouse-bench-material-')
  try {
    const all = works(material)
    for (const place of ['memory', 'disk'] as const) {
      const lab = makeLab(place)
      try {
        for (const work of all) results.push(...(await measure(lab, work, place)))
      } finally {
        lab.remove()
      }
    }
  } finally {
    rmSync(material, { recursive: true, force: true })
  }
  return results
}

async function measure(lab: Lab, work: Work, place: 'memory' | 'disk'): Promise<readonly Result[]> {
  const spec: SandboxSpec = await lab.spec({ mode: 'workspace-write', hold: 'writes' })
  const shim = shimMissing(launcher) === ''
  const ways = [
    { name: 'not held', run: () => runIn(lab, { ...spec, hold: 'none' }, work.argv) },
    { name: 'held', run: () => runIn(lab, spec, work.argv, { holds: true }) },
    ...(shim
      ? [
          {
            name: 'held, with the shim',
            run: () => runIn(lab, { ...spec, holdShim: true }, work.argv, { holds: true }),
          },
        ]
      : []),
  ]
  const samples = ways.map(() => [] as number[])
  for (let round = -1; round < rounds[place]; round++) {
    for (const [index, way] of ways.entries()) {
      rmSync(lab.folder, { recursive: true, force: true })
      mkdirSync(lab.folder)
      work.prepare(lab)
      execFileSync('sync', ['-f', lab.folder])
      const took = await timed(() => way.run())
      if (round >= 0) samples[index]?.push(took)
    }
  }
  const [bare = [], ...others] = samples
  return others.map((sample, index) => ({
    name: `${work.name}, ${place}, ${ways[index + 1]?.name}`,
    sample,
    baseline: { name: 'not held', sample: bare },
    ...budget(index === 1, place, median(sample) / median(bare)),
  }))
}

/** With the shim anywhere, without it on a disk. */
function budget(shim: boolean, place: string, ratio: number): Pick<Result, 'budget' | 'met'> {
  if (!shim && place === 'memory') return { budget: '', met: null }
  const limit = shim ? 1.15 : 1.4
  return { budget: `≤ ${limit} × not held`, met: ratio <= limit }
}

function works(material: string): readonly Work[] {
  const tar = path.join(material, 'files.tar')
  const tree = path.join(material, 'tree')
  mkdirSync(tree)
  fill(tree, 20_000)
  execFileSync('tar', ['cf', tar, '-C', material, 'tree'])
  return [
    { name: 'untar 20,000 files', argv: ['tar', 'xf', tar], prepare: () => {} },
    {
      name: 'rm -rf of 20,000 files',
      argv: ['rm', '-rf', 'tree'],
      prepare: (lab) => void execFileSync('tar', ['xf', tar], { cwd: lab.folder }),
    },
    npmWork(material),
    compileWork(material),
  ]
}

/** `npm ci` of a lockfile over a hundred packages that were packed in this run: real work, and no network. */
function npmWork(material: string): Work {
  const project = path.join(material, 'project')
  const packed = path.join(project, 'packed')
  const sources = path.join(material, 'sources')
  mkdirSync(packed, { recursive: true })
  const dependencies: Record<string, string> = {}
  for (let i = 0; i < 100; i++) {
    const name = `local-${i}`
    const source = path.join(sources, name, 'package')
    mkdirSync(source, { recursive: true })
    writeFileSync(
      path.join(source, 'package.json'),
      JSON.stringify({ name, version: '1.0.0', main: 'd0/f0.txt' }),
    )
    fill(source, 120)
    execFileSync('tar', ['czf', path.join(packed, `${name}.tgz`), '-C', path.dirname(source), 'package'])
    dependencies[name] = `file:packed/${name}.tgz`
  }
  writeFileSync(
    path.join(project, 'package.json'),
    JSON.stringify({ name: 'bench', version: '1.0.0', dependencies }),
  )
  const npm = ['npm', '--offline', '--no-audit', '--no-fund', '--silent', '--no-update-notifier']
  execFileSync(
    'npm',
    [...npm.slice(1), 'install', '--package-lock-only', '--cache', path.join(material, 'cache')],
    {
      cwd: project,
    },
  )
  return {
    name: 'npm ci of 100 packages',
    argv: [...npm, 'ci', '--cache', './.cache', '--logs-max=0'],
    prepare: (lab) => cpSync(project, lab.folder, { recursive: true }),
  }
}

/** Forty C files, compiled two at a time. */
function compileWork(material: string): Work {
  const source = path.join(material, 'c')
  mkdirSync(source)
  for (let i = 0; i < 40; i++) {
    const functions = Array.from(
      { length: 60 },
      (_, n) =>
        `int f${i}_${n}(int x) { char b[64]; snprintf(b, sizeof b, "%d", x * ${n + 1}); return b[0] + ${n}; }`,
    )
    writeFileSync(
      path.join(source, `j${i}.c`),
      `#include <stdio.h>\n#include <stdlib.h>\n${functions.join('\n')}\n`,
    )
  }
  return {
    name: 'compile 40 C files',
    argv: ['sh', '-c', 'ls j*.c | TMPDIR=. xargs -P 2 -n 1 gcc -O0 -c'],
    prepare: (lab) => cpSync(source, lab.folder, { recursive: true }),
  }
}
