import type { RunExit, SandboxRun, StartRequest } from './backend.ts'

/** A run that was started, and what is known of a start that failed. */
export type StartedRun = SandboxRun & {
  /** Whether the boundary stood. Settles at the latest when the run is over. */
  readonly stood: Promise<boolean>
  /** Whether it did not start only because a socket of another program went while it was to be covered. */
  readonly lostSocket: (startProblem: string) => boolean
}

/**
 * Starts a run, and once more when it did not start because a socket went just then: what could not be covered is
 * gone, so the second look no longer finds it. What was printed before the boundary stood is shown when that is decided.
 *
 * @throws as `start` does
 */
export async function startAgain(
  start: (request: StartRequest) => Promise<StartedRun>,
  request: StartRequest,
): Promise<SandboxRun> {
  let early: Uint8Array[] | null = []
  const showEarly = (): void => {
    for (const chunk of early ?? []) request.onData(chunk)
    early = null
  }
  const first = await start({
    ...request,
    onData: (chunk) => (early ? void early.push(chunk) : request.onData(chunk)),
  })
  let run: SandboxRun = first
  let stopped = false
  let size: readonly [number, number] | null = null
  const typed: string[] = []

  const decided = first.stood.then(async (stood) => {
    const problem = stood ? null : (await first.exited).startProblem
    if (problem !== null && !stopped && first.lostSocket(problem)) {
      early = null
      run = await start(request)
      if (size) run.resize(...size)
      if (stopped) void run.stop()
    }
    showEarly()
    for (const data of typed.splice(0)) run.write(data)
    return run
  })
  const exited = decided.then(
    (one) => one.exited,
    // The second start could not be planned: then the first one's end is what there is to tell.
    () => first.exited,
  )
  let open = false
  void decided.then(
    () => (open = true),
    () => {},
  )
  const later = async (ask: (one: SandboxRun) => Promise<string | null>): Promise<string | null> =>
    ask(await decided.catch(() => first))
  return {
    get pid() {
      return run.pid
    },
    write(data) {
      if (open) run.write(data)
      else typed.push(data)
    },
    resize(cols, rows) {
      size = [cols, rows]
      run.resize(cols, rows)
    },
    pause: () => run.pause(),
    resume: () => run.resume(),
    async stop() {
      stopped = true
      await run.stop()
      await exited
    },
    up: decided.then(
      (one) => one.up,
      () => first.up,
    ),
    grant: (path) => later((one) => one.grant(path)),
    revoke: (path) => later((one) => one.revoke(path)),
    mask: (path) => later((one) => one.mask(path)),
    who: async (flow) => (await decided.catch(() => first)).who(flow),
    ports: first.ports,
    exited: exited satisfies Promise<RunExit>,
  }
}
