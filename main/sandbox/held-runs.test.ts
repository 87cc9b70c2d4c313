import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildLauncher } from '../../native-sandbox/build.mjs'
import { noGrant } from '../../protocol/action.ts'
import type { HeldAnswer, HeldCall, SandboxSpec } from '../../protocol/sandbox.ts'
import { systemClock } from '../platform/clock.ts'
import type { Sandbox, SandboxRun, StartRequest } from './backend.ts'
import { pathAnswers } from './control/path-answers.ts'
import { createSandbox } from './create-sandbox.ts'
import { isRunning, treeOf } from './process-tree.ts'

const launcher = new URL('../../native-sandbox/out/launcher', import.meta.url).pathname

describe.runIf(process.platform === 'linux')('calls of a real run that wait', () => {
  let base = ''
  let sandbox: Sandbox
  let spec: SandboxSpec
  let held: { call: HeldCall; answer: (answer: HeldAnswer) => void }[] = []
  let settled: string[] = []
  let output = ''

  beforeAll(async () => {
    expect(buildLauncher()).toMatchObject({ ok: true })
    // Not below /tmp, which is private inside.
    base = realpathSync(mkdtempSync('/var/tmp/gatehouse-held-runs-'))
    for (const name of ['ws', 'out', 'home']) mkdirSync(`${base}/${name}`)
    sandbox = createSandbox({ launcher, stateDir: `${base}/home/state`, clock: systemClock })
    spec = await sandbox.buildSpec({
      mode: 'workspace-write',
      folder: `${base}/ws`,
      extraWritableRoots: [],
      deniedReads: [],
      grant: noGrant,
      gatehouseHome: `${base}/home`,
      hold: 'writes',
    })
  }, 120_000)
  afterAll(() => rmSync(base, { recursive: true, force: true }))
  beforeEach(() => {
    held = []
    settled = []
    output = ''
    rmSync(`${base}/out`, { recursive: true })
    mkdirSync(`${base}/out`)
  })

  const request = (script: string): StartRequest => ({
    spec,
    argv: ['bash', '-c', script],
    cwd: `${base}/ws`,
    env: { PATH: '/usr/bin:/bin', OUT: `${base}/out` },
    cols: 80,
    rows: 24,
    onData: (chunk) => void (output += Buffer.from(chunk).toString('utf8')),
    onHeld: (call, answer) => void held.push({ call, answer }),
    onSettled: (id, by) => void settled.push(`${id} ${by}`),
  })
  /** Ended after its test, also when that failed. */
  let started: SandboxRun | null = null
  const start = async (script: string) => (started = await sandbox.start(request(script)))
  afterEach(async () => {
    await started?.stop()
    started = null
  })
  const waiting = (count: number) => expect.poll(() => held.length, { timeout: 20_000 }).toBe(count)
  const leftOver = (tree: readonly number[]) => tree.filter(isRunning)

  test('an answer lets the same process go on', async () => {
    const run = await start('echo $$; echo a > "$OUT/f"; echo $$; cat "$OUT/f"')
    expect(await run.up).toEqual({ holds: true, why: null })
    await waiting(1)
    expect(held[0]?.call).toMatchObject({
      kind: 'write',
      path: `${base}/out/f`,
      directory: `${base}/out`,
      exists: false,
      exe: expect.stringMatching(/bash$/),
      cwd: `${base}/ws`,
    })
    expect(existsSync(`${base}/out/f`)).toBe(false)
    held[0]?.answer({ verdict: 'once' })
    expect(await run.exited).toMatchObject({ exitCode: 0 })
    const [before, after, text] = output.trim().split('\r\n')
    expect([after, text]).toEqual([before, 'a'])
    expect(readFileSync(`${base}/out/f`, 'utf8')).toBe('a\n')
  })

  test('a denial is the program’s own error', async () => {
    const run = await start('touch "$OUT/f"')
    await waiting(1)
    held[0]?.answer({ verdict: 'deny', remember: false })
    expect(await run.exited).toMatchObject({ exitCode: 1 })
    expect(output).toMatch(/touch: .*(?:Permission denied|Read-only file system)/)
    expect(readdirSync(`${base}/out`)).toEqual([])
  })

  test('without somebody to ask nothing waits', async () => {
    const { onHeld: _, ...quiet } = request('touch "$OUT/f"')
    const run = await sandbox.start(quiet)
    expect(await run.up).toEqual({ holds: false, why: null })
    expect(await run.exited).toMatchObject({ exitCode: 1 })
    expect(readdirSync(`${base}/out`)).toEqual([])
  })

  test('a run with pipes asks as well', async () => {
    const piped = sandbox.pipe({
      ...request('echo a > "$OUT/f"'),
      stdin: null,
      maxBytes: 1000,
      timeoutMs: 60_000,
      signal: null,
    })
    await waiting(1)
    held[0]?.answer({ verdict: 'path' })
    expect(await piped).toMatchObject({ exitCode: 0, startProblem: null })
    expect(readdirSync(`${base}/out`)).toEqual(['f'])
  })

  test('a folder can be opened before anything asks, and closed again', async () => {
    const run = await sandbox.start(
      request('read -r x; touch "$OUT/f" && read -r x && touch "$OUT/g"; echo $?'),
    )
    await run.up
    expect(await run.grant(`${base}/out`)).toBeNull()
    run.write('\n')
    await expect.poll(() => readdirSync(`${base}/out`), { timeout: 20_000 }).toEqual(['f'])
    expect(held).toEqual([])
    expect(await run.revoke(`${base}/out`)).toBeNull()
    run.write('\n')
    await waiting(1)
    held[0]?.answer({ verdict: 'deny', remember: false })
    await run.exited
    expect(readdirSync(`${base}/out`)).toEqual(['f'])
  })

  test('after its end nothing of a run can be opened', async () => {
    const run = await start('read -r x')
    await run.stop()
    expect(await run.grant(`${base}/out`)).toBe('The run is over.')
  })

  test('what is gone before it could be closed is told apart from what could not be', async () => {
    const run = await start('read -r x')
    await run.up
    expect(await run.mask(`${base}/out/gone`)).toBe(pathAnswers.notThere)
    await run.stop()
  })

  describe.each<[string, (run: SandboxRun) => Promise<void>]>([
    ['the run is stopped', (run) => run.stop()],
    ['its launcher is killed', async (run) => void process.kill(run.pid, 'SIGKILL')],
    ['bubblewrap is killed', async (run) => void process.kill(treeOf(run.pid)[1] as number, 'SIGKILL')],
  ])('while calls wait %s', (_, end) => {
    test('they are void, nothing is written, and nothing is left', async () => {
      const script = 'setsid touch "$OUT/a" & setsid touch "$OUT/b" & trap "" TERM HUP; touch "$OUT/c"; wait'
      const run = await start(script)
      await waiting(3)
      const tree = treeOf(run.pid)
      await end(run)
      const exit = await run.exited
      expect(exit).not.toMatchObject({ exitCode: 0 })
      expect(exit.startProblem).toBeNull()
      expect(settled.filter((text) => text.endsWith('gone'))).toHaveLength(3)
      for (const { answer } of held) answer({ verdict: 'once' })
      expect(leftOver(tree)).toEqual([])
      await expect.poll(() => readdirSync(`${base}/ws`)).toEqual([])
      expect(readdirSync(`${base}/out`)).toEqual([])
    })
  })

  test('the caller that is killed takes its question with it', async () => {
    const run = await sandbox.start(
      request('touch "$OUT/f" & child=$!; read -r x; kill -9 $child; read -r x'),
    )
    await waiting(1)
    run.write('\n')
    await expect.poll(() => settled, { timeout: 20_000 }).toEqual([`${held[0]?.call.id} gone`])
    await run.stop()
    expect(readdirSync(`${base}/out`)).toEqual([])
  })

  test('a protected path stays one, whatever is granted', async () => {
    const run = await sandbox.start(
      request('mkdir .codex/x; touch .git/config; echo a > "$OUT/f"; ls -A .codex .git'),
    )
    await run.up
    expect(await run.grant(`${base}/ws`)).toEqual(expect.anything())
    await waiting(1)
    await run.stop()
    await expect.poll(() => readdirSync(`${base}/ws`)).toEqual([])
  })
})
