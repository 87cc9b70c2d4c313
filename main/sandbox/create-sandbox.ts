import type { Clock } from '../platform/clock.ts'
import type { Abilities, Sandbox } from './backend.ts'
import { containedAbilities, requireContainer } from './container/require-container.ts'
import { ControlServer } from './control/control-server.ts'
import { type FoundCgroup, findCgroup } from './control/find-cgroup.ts'
import { type Backend, detectBackend } from './detect.ts'
import type { ContainerKind, PlatformFacts } from './detect-platform.ts'
import { gatherPlatform } from './detect-platform-facts.ts'
import { endOrphans } from './end-orphans.ts'
import { findAbilities } from './find-abilities.ts'
import { inspectPaths } from './inspect-paths.ts'
import { prepareGrant } from './prepare-grant.ts'
import { probe } from './probe.ts'
import { readViolations } from './read-violations.ts'
import { rehearsals } from './rehearse/rehearsals.ts'
import { type InheritedRun, type InheritRequest, runInherited } from './run-inherited.ts'
import { runPiped } from './run-piped.ts'
import type { RunContext } from './run-plan.ts'
import { runSandboxed } from './run-sandboxed.ts'
import { SandboxUnavailable } from './sandbox-unavailable.ts'
import { startAgain } from './start-again.ts'
import { sweepOldLedgers } from './sweep-old-ledgers.ts'

/** A sandbox that can also run a program on the standard streams of its own process: for the command line. */
export type LocalSandbox = Sandbox & {
  /** @throws SandboxUnavailable before anything is started */
  inherit(request: InheritRequest): Promise<InheritedRun>
}

/**
 * The sandbox of this machine. Linux: bubblewrap around our launcher.
 *
 * @param options.launcher absolute path of the built launcher; null when it was not found. Nothing starts
 *   without it, not even without a boundary.
 * @param options.stateDir a folder below GATEHOUSE_HOME, such as `state/sandbox`: the socket on which launchers
 *   report. No command can see it.
 */
export function createSandbox(options: {
  readonly launcher: string | null
  readonly stateDir: string
  readonly clock: Clock
  /** What of this machine decides whether it is a container. Absent: looked at, and no variable is believed. */
  readonly platform?: () => Promise<PlatformFacts>
}): LocalSandbox {
  const { launcher, stateDir, clock, platform = () => gatherPlatform({}) } = options
  const server = new ControlServer(`${stateDir}/control`, clock)
  let swept = false
  let known: Backend | null = null
  let abilities: Promise<Abilities> | null = null
  let foundCgroup: FoundCgroup | null = null
  let container: ContainerKind | null = null

  async function detect(): Promise<Backend> {
    const found = await detectBackend(launcher)
    if ('problem' in found) throw new SandboxUnavailable(found.problem)
    known = found
    return found
  }

  async function detectContainer(): ReturnType<Sandbox['detect']> {
    try {
      const kind = await context().container()
      return { backend: 'container', version: kind, abilities: containedAbilities }
    } catch (cause) {
      if (cause instanceof SandboxUnavailable) return { problem: cause.problem }
      throw cause
    }
  }

  function sweepOnce(): void {
    if (swept) return
    swept = true
    sweepOldLedgers(stateDir)
    endOrphans()
  }

  function context(): RunContext {
    if (launcher === null) {
      throw new SandboxUnavailable({ code: 'launcherMissing', path: 'native-sandbox/out/launcher' })
    }
    sweepOnce()
    return {
      launcher,
      server,
      backend: async () => known ?? detect(),
      container: async () => (container ??= requireContainer(await platform())),
      cgroup: () => (foundCgroup ??= findCgroup()),
    }
  }

  const sandbox: LocalSandbox = {
    async detect(boundary = 'sandbox') {
      // The first question of every host: what a killed one left in workspaces goes before anything else starts.
      sweepOnce()
      try {
        sandbox.rehearsals.sweep()
      } catch (cause) {
        if (!(cause instanceof Error && 'syscall' in cause)) throw cause
        return { problem: { code: 'pathUnusable', path: stateDir, detail: cause.message } }
      }
      if (boundary === 'container') return detectContainer()
      const found = await detectBackend(launcher)
      known = 'problem' in found ? null : found
      if ('problem' in found) return found
      // A machine does not change what it can do, so one trial for each host is enough.
      abilities ??= findAbilities(context(), clock)
      return { backend: 'bwrap', version: found.version, abilities: await abilities }
    },
    buildSpec: (request) => inspectPaths(request, launcher),
    prepareGrant,
    start: (request) => startAgain(async (one) => runSandboxed(context(), clock, one), request),
    pipe: async (request) => runPiped(context(), clock, request),
    inherit: async (request) => runInherited(context(), clock, request),
    rehearsals: rehearsals({
      launcher,
      stateDir,
      clock,
      start: (request) => sandbox.start(request),
      pipe: (request) => sandbox.pipe(request),
    }),
    readViolations,
    probe: (spec, folder) => probe({ sandbox, launcher, stateDir }, spec, folder),
  }
  return sandbox
}
