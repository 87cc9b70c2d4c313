import { closeSync, openSync } from 'node:fs'
import type { SandboxSpec } from '../../../protocol/sandbox.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Sandbox, StartRequest } from '../backend.ts'
import { SandboxUnavailable } from '../sandbox-unavailable.ts'
import { countConnections } from './count-connections.ts'
import { bytesOnDisk } from './measure.ts'
import { mountPoints, planCopy, whyNoCopy } from './plan-copy.ts'
import type { RehearsalRun, RehearsedRun, RehearseRequest } from './rehearsal-run.ts'
import { rehearsedCopy } from './rehearsed-copy.ts'
import { makeThrowaway, rehearsalsIn, removeThrowaway } from './throwaway.ts'
import { trial } from './trial.ts'

export type RehearseContext = {
  readonly launcher: string
  readonly stateDir: string
  readonly clock: Clock
  /** Names the copies of this host. No dot in it. */
  readonly host: string
  start(request: StartRequest): ReturnType<Sandbox['start']>
  pipe: Sandbox['pipe']
}

/** How often the copy is measured, in milliseconds. */
const measureMs = 200
/** The largest file a rehearsed command may write, so that one call cannot fill the disk between two measures. */
const maxFileBytes = 512 * 1024 * 1024

let lastCopy = 0

/**
 * Runs a command in its boundary, with a throwaway copy over everything it may write to and no network, whatever was
 * granted. Nothing is held: a refusal is a refusal.
 *
 * @throws SandboxUnavailable before anything is started, with nothing left
 */
export async function rehearse(context: RehearseContext, request: RehearseRequest): Promise<RehearsalRun> {
  const { launcher, stateDir, clock } = context
  const dir = `${rehearsalsIn(stateDir)}/${context.host}.${++lastCopy}`
  const spec = rehearsalSpec(request.spec, dir)
  const plan = planCopy(spec)
  const why =
    spec.boundary !== 'bounded' ? 'there is no boundary to rehearse in.' : whyNoCopy(plan, dir, mountPoints())
  if (why !== null) throw unusable(request.cwd, why)
  try {
    makeThrowaway(dir, plan)
    const run = await context.start({
      spec,
      argv: request.argv,
      cwd: request.cwd,
      env: request.env,
      onData: request.onData,
      cols: 100,
      rows: 30,
    })
    const connections = countConnections(run.pid, clock)
    let ended: RehearsedRun['ended'] = 'itself'
    const end = (why: RehearsedRun['ended']): void => {
      if (ended !== 'itself') return
      ended = why
      void run.stop()
    }
    const endTimer = clock.after(request.timeoutMs, () => end('timeUp'))
    const endMeasure = measure(dir, request.maxBytes, clock, () => end('tooLarge'))

    const outcome = async (): Promise<RehearsedRun> => {
      const exit = await run.exited
      endTimer()
      endMeasure()
      const stoppedConnections = connections.read()
      connections.close()
      try {
        const bytes = await bytesOnDisk(dir, Number.POSITIVE_INFINITY)
        const copy = await rehearsedCopy(
          context,
          { spec: request.spec, cwd: request.cwd, dir, plan },
          request.madeForGrant,
        )
        return { ...exit, ended: ended as RehearsedRun['ended'], bytes, stoppedConnections, copy }
      } catch (cause) {
        removeThrowaway(launcher, dir)
        throw cause
      }
    }
    return { stop: () => end('stopped'), ended: outcome() }
  } catch (cause) {
    removeThrowaway(launcher, dir)
    throw cause
  }
}

/** The same boundary, without a network and without questions, for the copy in `dir`. */
export function rehearsalSpec(spec: SandboxSpec, dir: string): SandboxSpec {
  const fileBytes = Math.min(spec.limits?.fileBytes ?? maxFileBytes, maxFileBytes)
  return {
    ...spec,
    network: 'none',
    // Where sockets are refused there is no connection to count; these end in the empty network all the same.
    localSockets: true,
    hold: 'none',
    limits: { ...spec.limits, fileBytes },
    rehearsalDir: dir,
  }
}

function measure(dir: string, maxBytes: number, clock: Clock, tooLarge: () => void): () => void {
  let over = false
  let cancel = () => {}
  const again = (): void => {
    cancel = clock.after(measureMs, () => {
      void bytesOnDisk(dir, maxBytes).then((bytes) => {
        if (over) return
        if (bytes > maxBytes) tooLarge()
        else again()
      })
    })
  }
  again()
  return () => {
    over = true
    cancel()
  }
}

const unusable = (path: string, detail: string) =>
  new SandboxUnavailable({ code: 'pathUnusable', path, detail })

/**
 * Whether throwaway copies can be made on this machine, by making one in the state folder.
 *
 * @returns null, or why not, in words
 */
export async function whyNoRehearsal(context: RehearseContext): Promise<string | null> {
  const root = `${rehearsalsIn(context.stateDir)}/${context.host}.${++lastCopy}`
  const dir = `${root}/copy`
  try {
    const plan = {
      folders: [{ root: `${root}/real`, upper: `${dir}/0/upper`, work: `${dir}/0/work` }],
      files: [],
    }
    makeThrowaway(`${root}/real`, { folders: [], files: [] })
    closeSync(openSync(`${root}/real/file`, 'wx', 0o600))
    makeThrowaway(dir, plan)
    const result = await trial(context.launcher, plan.folders[0] as (typeof plan.folders)[number])
    return result
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    removeThrowaway(context.launcher, root)
  }
}
