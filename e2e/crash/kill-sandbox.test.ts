import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildLauncher } from '../../native-sandbox/build.mjs'
import { type Code, codeFor } from '../sandbox/support/code-for.ts'

const rounds = Number(process.env['GATEHOUSE_CRASH_ROUNDS'] ?? 8)
const firstSeed = Number(process.env['GATEHOUSE_CRASH_SEED'] ?? Date.now() % 100_000)
const victims = [
  'host',
  'supervisor',
  'bwrap',
  'reaper',
  'supervisor and keeper',
  'host and supervisor',
] as const
type Victim = (typeof victims)[number]
const uids = process.getuid?.() === 0 ? [0, 65534] : [process.getuid?.() ?? 0]

/** Outside /tmp, which every sandbox hides. */
let root = ''
const code = new Map<number, Code>()
let launcher = ''
beforeAll(() => {
  const built = buildLauncher()
  expect(built.ok, built.line).toBe(true)
  root = mkdtempSync('/var/tmp/gatehouse-crash-')
  chmodSync(root, 0o755)
  // The same one in all rounds, also when somebody builds meanwhile.
  launcher = `${root}/launcher`
  cpSync(new URL('../../native-sandbox/out/launcher', import.meta.url), launcher)
  for (const uid of uids) {
    mkdirSync(`${root}/${uid}`)
    code.set(uid, codeFor(uid, `${root}/${uid}`))
  }
}, 120_000)
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Whole numbers below n, repeatable from a seed. */
function dice(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (state * 1103515245 + 12345) % 2147483648
    return Math.floor((state / 2147483648) * n)
  }
}

type Process = { readonly pid: number; readonly parent: number; readonly exe: string; readonly line: string }

/** What runs because of `base`: each has it in its command line. */
function processesOf(base: string): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
        if (!line.includes(base)) return []
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
        return [{ pid: Number(name), parent, exe: readlinkSync(`/proc/${name}/exe`), line }]
      } catch {
        return []
      }
    })
}

/** The processes that one kind of victim stands for, at this moment. */
function find(victim: Victim, base: string, host: number): number[] {
  const all = processesOf(base)
  const supervisors = all.filter(({ parent, line }) => parent === host && line.includes('--outside'))
  const below = (parents: readonly Process[], exe: RegExp) =>
    all.filter((p) => exe.test(p.exe) && parents.some(({ pid }) => pid === p.parent))
  const bwraps = below(supervisors, /bwrap/)
  switch (victim) {
    case 'host':
      return [host]
    case 'supervisor':
      return supervisors.map(({ pid }) => pid)
    case 'bwrap':
      return bwraps.map(({ pid }) => pid)
    case 'reaper':
      return below(bwraps, /bwrap/).map(({ pid }) => pid)
    case 'supervisor and keeper':
      return all
        .filter(({ line, exe }) => line.includes('--outside') && /launcher/.test(exe))
        .map(({ pid }) => pid)
    case 'host and supervisor':
      return [host, ...supervisors.map(({ pid }) => pid)]
  }
}

function place(uid: number, round: number): string {
  const base = `${root}/${uid}/round-${round}.`
  for (const path of ['', '/ws', '/out', '/home']) {
    mkdirSync(`${base}${path}`)
    chownSync(`${base}${path}`, uid, uid)
  }
  writeFileSync(`${base}/out/kept`, 'kept\n')
  chownSync(`${base}/out/kept`, uid, uid)
  return base
}

type Said = { readonly type: string; readonly path?: string; readonly ends?: readonly object[] }
type Host = { readonly child: ChildProcess; readonly said: Said[]; readonly closed: Promise<unknown> }

function startHost(uid: number, base: string): Host {
  const at = code.get(uid) as Code
  const as = process.getuid?.() === uid ? {} : { uid, gid: uid }
  const child = spawn(at.node, [`${at.folder}/e2e/crash/sandbox-host.ts`, launcher, base], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', HOME: base },
    ...as,
  })
  const said: Said[] = []
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) =>
    said.push(JSON.parse(line) as Said),
  )
  const closed = new Promise((resolve) => child.once('close', resolve))
  void closed.then(() => said.push({ type: 'closed' }))
  return { child, said, closed }
}

/** Waits until a host says it. One that ends, or says for long nothing of the kind, is told with all it said. */
async function says({ said }: Host, type: string, why: string): Promise<void> {
  const heard = (): boolean => said.some((one) => [type, 'ends', 'closed'].includes(one.type))
  await expect.poll(heard, { timeout: 120_000, interval: 20, message: why }).toBe(true)
  expect(
    said.some((one) => one.type === type),
    `${why}; it said: ${JSON.stringify(said)}`,
  ).toBe(true)
}

/**
 * A bubblewrap that was killed between making its namespaces and letting the first process in them go on leaves that
 * one behind: it has set up nothing and waits for ever, until the next host ends it.
 */
const isOrphan = ({ exe, parent }: Process): boolean =>
  exe.endsWith('/bwrap') && !/\/(?:bwrap|launcher)$/.test(exeOf(parent))

function exeOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return ''
  }
}

const standIns = (base: string) => readdirSync(`${base}/ws`).filter((name) => !/^count-\d+$/.test(name))

/** Looks until it is so, for at most half a minute; then the expectation says what is not. */
async function becomes(look: () => unknown, value: unknown, why: string): Promise<void> {
  await expect.poll(look, { timeout: 30_000, interval: 20, message: why }).toEqual(value)
}

test(`nothing is left of a run whose ${victims.join(', or ')} is killed (${rounds} rounds from seed ${firstSeed})`, {
  timeout: 60_000 + rounds * 20_000,
}, async () => {
  const met = new Map<string, number>()
  for (let round = 0; round < rounds; round++) {
    const roll = dice(firstSeed + round)
    const uid = uids[(firstSeed + round) % uids.length] as number
    const victim = victims[roll(victims.length)] as Victim
    const moment = (['started', 'up', 'held', 'held'] as const)[roll(4)] as string
    const delayMs = roll(120)
    const why = `round ${round}, seed ${firstSeed + round}: ${victim} as ${uid}, ${delayMs} ms after ${moment}`
    const base = place(uid, round)
    const host = startHost(uid, base)
    const { child, said, closed } = host
    await says(host, moment, why)
    await wait(delayMs)
    const targets = find(victim, base, child.pid as number)
    for (const pid of targets) {
      try {
        process.kill(pid, 'SIGKILL')
        met.set(victim, (met.get(victim) ?? 0) + 1)
      } catch {
        // Ended by itself in between.
      }
    }
    const hostDies = victim.startsWith('host')
    if (!hostDies && targets.length < 2) {
      // One of the two runs was not there yet: the host is ended as well, or it would wait for it.
      await wait(roll(50))
      child.kill('SIGKILL')
    }
    await closed
    const ends = said.find(({ type }) => type === 'ends')?.ends
    if (!hostDies && targets.length >= 2) {
      expect(ends, why).toHaveLength(2)
      for (const end of ends ?? []) expect(end, why).not.toMatchObject({ exitCode: 0 })
    }
    const keeperDied = victim === 'supervisor and keeper'
    if (!keeperDied) await becomes(() => standIns(base), [], why)
    // What the kill itself leaves, before any other host looks after it.
    const left = () => processesOf(base).filter((one) => !isOrphan(one))
    await becomes(() => left().map(({ line }) => line), [], why)
    const orphans = processesOf(base).length
    if (orphans > 0) met.set('left for the next host', (met.get('left for the next host') ?? 0) + orphans)
    if (keeperDied || hostDies || orphans > 0) {
      // Nobody may have been left to clear up; the next host does, and the next run that needs the stand-ins.
      const next = startHost(uid, base)
      await says(next, 'up', `${why}, the next host`)
      next.child.kill('SIGKILL')
      await next.closed
    }
    await becomes(() => processesOf(base).map(({ line }) => line), [], why)
    await becomes(() => standIns(base), [], why)
    expect(readFileSync(`${base}/out/kept`, 'utf8'), why).toBe('kept\n')
    const outside = readdirSync(`${base}/out`).filter((name) => name !== 'kept' && name !== 'asked-3')
    expect(outside, why).toEqual([])
    rmSync(base, { recursive: true, force: true })
  }
  console.log(`killed: ${[...met].map(([victim, count]) => `${victim} ${count}`).join(', ')}`)
  // The rounds must have met what they are about.
  expect(met.size).toBeGreaterThan(Math.min(3, rounds / 8))
})
