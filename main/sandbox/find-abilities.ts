import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Abilities } from './backend.ts'
import type { Up } from './control/run-control.ts'
import { shimMissing } from './hold-shim.ts'
import { runPiped } from './run-piped.ts'
import type { RunContext } from './run-plan.ts'

/** How long the trial may take before it counts as not possible, in milliseconds. It takes about 10. */
const trialMs = 10_000

/**
 * What this machine can do, by a short run that asks for held calls and says what its launcher found. What could
 * not be tried is not possible, with the reason.
 */
export async function findAbilities(context: RunContext, clock: Clock): Promise<Abilities> {
  const tried = await trial(context, clock)
  return {
    holds: tried.holds,
    grows: tried.grows,
    why: tried.why,
    limits: context.cgroup().why,
    shim: shimMissing(context.launcher),
    kernel: release(),
    yama: yamaScope(),
    fuse: existsSync('/dev/fuse'),
  }
}

async function trial(context: RunContext, clock: Clock): Promise<Up> {
  const nothing: Up = { holds: false, grows: false, why: '', limits: '' }
  const root = realpathSync(mkdtempSync(`${tmpdir()}/gatehouse-trial-`))
  try {
    const spec: SandboxSpec = {
      boundary: 'bounded',
      writableRoots: [root],
      pinnedFolders: [],
      protectedPaths: [],
      grantedPaths: [],
      closedInGrants: [],
      deniedReads: [],
      network: 'none',
      tmp: 'private',
      hold: 'writes',
    }
    const up = Promise.withResolvers<Up>()
    const result = await runPiped(context, clock, {
      spec,
      argv: ['true'],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      stdin: null,
      maxBytes: 4096,
      timeoutMs: trialMs,
      signal: null,
      onHeld: (_, answer) => answer({ verdict: 'deny', remember: false }),
      onUp: up.resolve,
    })
    const why = result.startProblem ?? result.lost
    return why === undefined || why === null ? await up.promise : { ...nothing, why }
  } catch (cause) {
    return { ...nothing, why: (cause as Error).message }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** 0 to 3: who may look into another process; null where Yama is not part of the kernel. */
function yamaScope(): number | null {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'))
  } catch {
    return null
  }
}
