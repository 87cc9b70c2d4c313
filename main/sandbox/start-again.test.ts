import { expect, test } from 'vitest'
import type { RunExit, StartRequest } from './backend.ts'
import { type StartedRun, startAgain } from './start-again.ts'

const gone = "bwrap: Can't create file at /a.sock: Read-only file system"
const ok: RunExit = { exitCode: 0, signal: null, startProblem: null }
const failed = (startProblem: string): RunExit => ({ exitCode: null, signal: null, startProblem })

const begin = (...ends: readonly RunExit[]) => beginSlowly(Promise.resolve(), ...ends)

/** Each start ends as the next of `ends` says, printing as it does; the first not before `until`. */
async function beginSlowly(until: Promise<unknown>, ...ends: readonly RunExit[]) {
  const said: string[] = []
  const wrote: string[] = []
  let starts = 0
  const start = async ({ onData }: StartRequest): Promise<StartedRun> => {
    const end = ends[starts++]
    if (!end) throw new Error('It was started too often.')
    const name = `run ${starts}`
    onData(Buffer.from(`${name};`))
    return {
      pid: starts,
      write: (data) => void wrote.push(`${name}: ${data}`),
      resize: (cols) => void wrote.push(`${name} is ${cols} wide`),
      pause: () => {},
      resume: () => {},
      stop: async () => void wrote.push(`${name} stopped`),
      up: Promise.resolve({ holds: end.startProblem === null, why: end.startProblem }),
      grant: async () => name,
      revoke: async () => name,
      mask: async () => name,
      who: async () => null,
      ports: null,
      exited: Promise.resolve(end),
      stood: until.then(() => end.startProblem === null),
      lostSocket: (problem) => problem === gone,
    }
  }
  const request = { onData: (chunk: Uint8Array) => said.push(String(chunk)) } as unknown as StartRequest
  const run = await startAgain(start, request)
  return { run, said, wrote, starts: () => starts }
}

test('a run that starts is left alone, and shows what it printed', async () => {
  const { run, said, starts } = await begin(ok)
  expect(await run.exited).toEqual(ok)
  expect([said.join(''), starts(), run.pid]).toEqual(['run 1;', 1, 1])
})

test('a start that lost a socket is made once more; nothing is seen of the first', async () => {
  const { run, said, wrote } = await begin(failed(gone), ok)
  run.write('typed early')
  run.resize(100, 30)
  expect(await run.up).toEqual({ holds: true, why: null })
  expect(await run.exited).toEqual(ok)
  expect([said.join(''), run.pid, await run.grant('/a')]).toEqual(['run 2;', 2, 'run 2'])
  expect(wrote).toEqual(['run 1 is 100 wide', 'run 2 is 100 wide', 'run 2: typed early'])
})

test('it is made no third time, and for no other reason', async () => {
  const twice = await begin(failed(gone), failed(gone))
  expect(await twice.run.exited).toEqual(failed(gone))
  const other = await begin(failed('bwrap: something else'))
  expect(await other.run.exited).toEqual(failed('bwrap: something else'))
  expect(other.said.join('')).toBe('run 1;')
})

test('whoever stopped it gets no second start', async () => {
  const ends = Promise.withResolvers<void>()
  const { run, starts } = await beginSlowly(ends.promise, failed(gone))
  const stopped = run.stop()
  ends.resolve()
  await stopped
  expect(await run.exited).toEqual(failed(gone))
  expect(starts()).toBe(1)
})
