import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { systemClock } from '../main/platform/clock.ts'
import type { Sandbox, SpecRequest } from '../main/sandbox/backend.ts'
import { bwrapArgv } from '../main/sandbox/bwrap-argv.ts'
import { createSandbox } from '../main/sandbox/create-sandbox.ts'
import { detectBackend } from '../main/sandbox/detect.ts'
import { inspectMachine } from '../main/sandbox/machine-facts.ts'
import { planStandIns } from '../main/sandbox/stand-ins.ts'
import { noGrant } from '../protocol/action.ts'
import type { SandboxSpec } from '../protocol/sandbox.ts'
import { root } from './support.ts'

export const launcher = path.join(root, 'native-sandbox/out/launcher')

/** A workspace with a home of its own beside it. Not below /tmp, which a boundary hides. */
export type Lab = {
  readonly sandbox: Sandbox
  readonly base: string
  readonly folder: string
  readonly home: string
  spec(change: Partial<SpecRequest> & Pick<SpecRequest, 'mode'>): Promise<SandboxSpec>
  remove(): void
}

/** @param place `disk`: /var/tmp. `memory`: /dev/shm, where only calls cost time. */
export function makeLab(place: 'disk' | 'memory'): Lab {
  const under = place === 'disk' ? '/var/tmp' : '/dev/shm'
  const base = realpathSync(mkdtempSync(path.join(under, 'gatehouse-bench-')))
  const [folder, home] = [path.join(base, 'work'), path.join(base, 'gatehouse')]
  for (const each of [folder, home]) mkdirSync(each)
  return {
    base,
    folder,
    home,
    sandbox: createSandbox({ launcher, stateDir: path.join(home, 'state/sandbox'), clock: systemClock }),
    spec(change) {
      return this.sandbox.buildSpec({
        folder,
        extraWritableRoots: [],
        deniedReads: [],
        grant: noGrant,
        gatehouseHome: home,
        ...change,
      })
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  }
}

/** Files in folders of a hundred, with a few lines each. */
export function fill(folder: string, count: number, text = 'one\ntwo\nthree\n'): void {
  for (let i = 0; i < count; i++) {
    const below = path.join(folder, `d${Math.floor(i / 100)}`)
    if (i % 100 === 0) mkdirSync(below, { recursive: true })
    writeFileSync(path.join(below, `f${i}.txt`), text)
  }
}

/**
 * bubblewrap itself with every argument of a spec. A boundary of ours mounts over absent protected paths too, on
 * stand-ins that its launcher makes and takes away; bubblewrap alone needs them to be there, so they are made here, in a
 * workspace that is used for nothing else. `true` runs in it at once.
 */
export async function bareBwrap(spec: SandboxSpec): Promise<readonly string[]> {
  const backend = await detectBackend(launcher)
  if ('problem' in backend) throw new Error('There is no bubblewrap that works here.')
  const { spec: there, folders, files } = planStandIns(spec)
  for (const folder of folders) mkdirSync(folder, { recursive: true })
  for (const file of files) writeFileSync(file, '')
  const machine = await inspectMachine(there, { ...backend, launcher })
  // Sockets of other programs come and go while this is measured.
  const argv = bwrapArgv(there, { ...machine, sockets: [] }, 'none', [])
  // The last two say what runs inside.
  return [backend.bwrap, ...argv.slice(0, -1)]
}

export const plainEnv = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: os.homedir(),
  LANG: 'C',
}

/** Runs one command in a spec and waits for its end. @throws Error when it did not end well */
export async function runIn(
  lab: Lab,
  spec: SandboxSpec,
  argv: readonly string[],
  more: { readonly env?: Record<string, string>; readonly holds?: boolean } = {},
): Promise<void> {
  const result = await lab.sandbox.pipe({
    spec,
    argv,
    cwd: lab.folder,
    env: { ...plainEnv, ...more.env },
    stdin: null,
    maxBytes: 64 * 1024,
    timeoutMs: 600_000,
    signal: null,
    // Nothing in these workloads leaves the workspace; a question would be a mistake of the bench.
    ...(more.holds
      ? {
          onHeld: (call, answer) => {
            process.stderr.write(`held: ${call.call} ${call.path}\n`)
            answer({ verdict: 'deny', remember: false })
          },
        }
      : {}),
  })
  if (result.exitCode === 0) return
  const said = Buffer.from(result.stderr).toString('utf8').trim().slice(-500)
  throw new Error(`${argv.join(' ')}: ${result.startProblem ?? `ended with ${result.exitCode}: ${said}`}`)
}
