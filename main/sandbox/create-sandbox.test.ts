import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildLauncher } from '../../native-sandbox/build.mjs'
import { noGrant } from '../../protocol/action.ts'
import type { SandboxMode } from '../../protocol/settings.ts'
import { systemClock } from '../platform/clock.ts'
import type { Sandbox, StartRequest } from './backend.ts'
import { createSandbox } from './create-sandbox.ts'

const launcher = new URL('../../native-sandbox/out/launcher', import.meta.url).pathname
const env = { PATH: '/usr/bin:/bin' }

describe.runIf(process.platform === 'linux')('a real sandbox', () => {
  let base = ''
  let sandbox: Sandbox
  beforeAll(() => {
    expect(buildLauncher()).toMatchObject({ ok: true })
    base = realpathSync(mkdtempSync(`${tmpdir()}/gatehouse-sandbox-`))
    for (const name of ['ws', 'home']) mkdirSync(`${base}/${name}`)
    sandbox = createSandbox({ launcher, stateDir: `${base}/home/state`, clock: systemClock })
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  const specOf = (mode: SandboxMode = 'workspace-write') =>
    sandbox.buildSpec({
      mode,
      folder: `${base}/ws`,
      extraWritableRoots: [],
      deniedReads: [],
      grant: noGrant,
      gatehouseHome: `${base}/home`,
    })

  async function start(argv: readonly string[], changes: Partial<StartRequest> = {}) {
    const chunks: Uint8Array[] = []
    const onData = (chunk: Uint8Array) => chunks.push(chunk)
    const spec = await specOf()
    const run = await sandbox.start({
      spec,
      argv,
      cwd: `${base}/ws`,
      env,
      cols: 80,
      rows: 24,
      onData,
      ...changes,
    })
    return { run, output: () => Buffer.concat(chunks).toString('utf8') }
  }

  test('a backend is found', async () => {
    expect(await sandbox.detect()).toMatchObject({ backend: 'bwrap' })
  })

  test.each(['workspace-write', 'danger-full-access'] as const)(
    '%s: a program runs in a PTY',
    async (mode) => {
      const spec = await specOf(mode)
      const { run, output } = await start(
        ['bash', '-c', 'test -t 0 && : < /dev/tty && stty size; read -r x; echo "got $x"; exit 3'],
        { spec },
      )
      run.resize(100, 50)
      run.write('word\n')
      expect(await run.exited).toEqual({ exitCode: 3, signal: null, startProblem: null })
      expect(output()).toContain('got word')
      expect(output()).toMatch(/^(?:24 80|50 100)\r$/m)
    },
  )

  test.each([
    ['workspace-write', ['no-such-program'], {}, 'no-such-program: No such file or directory'],
    ['danger-full-access', ['no-such-program'], {}, 'no-such-program: No such file or directory'],
    ['workspace-write', ['true'], { cwd: '/no/such' }, '/no/such: No such file or directory'],
  ] as const)(
    '%s: a start that went wrong is told apart from an end: %s',
    async (mode, argv, changes, words) => {
      const { run } = await start(argv, { spec: await specOf(mode), ...changes })
      expect((await run.exited).startProblem).toContain(words)
    },
  )

  test('a program cannot pretend that it was never started', async () => {
    const { run } = await start(['sh', '-c', 'echo "bwrap: no"; echo "exec 2 x" >&3; exit 127'])
    expect(await run.exited).toEqual({ exitCode: 127, signal: null, startProblem: null })
  })

  test('a boundary that cannot be built is a start problem in bubblewrap’s words', async () => {
    const spec = { ...(await specOf()), writableRoots: ['/no/such/root'] }
    const { run } = await start(['true'], { spec })
    expect((await run.exited).startProblem).toMatch(/^bwrap: .*\/no\/such\/root/)
  })

  test('an end while paused is told, and the output comes with resume', async () => {
    const { run, output } = await start(['sh', '-c', 'echo kept'])
    run.pause()
    expect(await run.exited).toMatchObject({ exitCode: 0 })
    expect(output()).toBe('')
    run.resume()
    expect(output()).toBe('kept\r\n')
  })

  test('stop ends a program that does not want to, also while paused', async () => {
    const script = 'trap "" TERM HUP INT; echo ready; while :; do sleep 1000; done'
    const { run, output } = await start(['bash', '-c', script])
    await expect.poll(output).toContain('ready')
    run.pause()
    await run.stop()
    expect(await run.exited).toEqual({ exitCode: null, signal: 'SIGKILL', startProblem: null })
    await run.stop()
    run.write('x')
    run.resize(1, 1)
  })

  test('no descriptor or stand-in is left after many runs', async () => {
    const fds = () => readdirSync('/proc/self/fd').length
    await (await start(['true'])).run.exited
    const before = fds()
    for (let i = 0; i < 20; i++) await (await start(['true'])).run.exited
    expect(fds()).toBeLessThanOrEqual(before + 1)
    expect(readdirSync(`${base}/ws`)).toEqual([])
  })

  describe('pipes', () => {
    const pipe = async (script: string, changes: Partial<Parameters<Sandbox['pipe']>[0]> = {}) => {
      const spec = await specOf()
      const rest = { stdin: null, maxBytes: 1000, timeoutMs: 20_000, signal: null }
      const result = await sandbox.pipe({
        spec,
        argv: ['bash', '-c', script],
        cwd: `${base}/ws`,
        env,
        ...rest,
        ...changes,
      })
      const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
      return { ...result, stdout: text(result.stdout), stderr: text(result.stderr) }
    }

    test('bytes go in and come out as they are', async () => {
      const stdin = Uint8Array.from({ length: 256 }, (_, i) => i)
      expect(await pipe('', { stdin, argv: ['sh', '-c', 'cat; echo e >&2; exit 5'] })).toEqual({
        exitCode: 5,
        stdout: Buffer.from(stdin).toString('latin1'),
        stderr: 'e\n',
        cut: false,
        startProblem: null,
      })
    })

    test('more than the limit is cut, and the program still ends', async () => {
      const result = await pipe('head -c 5000000 /dev/zero; exit 4')
      expect({ ...result, stdout: result.stdout.length }).toMatchObject({
        exitCode: 4,
        stdout: 1000,
        cut: true,
      })
    })

    test('time over and an abort end everything', async () => {
      expect(await pipe('echo a; sleep 1000 & sleep 1000', { timeoutMs: 50 })).toMatchObject({
        exitCode: null,
      })
      const abort = new AbortController()
      const running = pipe('sleep 1000', { signal: abort.signal })
      abort.abort()
      expect(await running).toMatchObject({ exitCode: null, startProblem: null })
    })

    test('a program that ends without reading its input is no fault', async () => {
      expect(await pipe('exit 0', { stdin: new Uint8Array(1 << 20) })).toMatchObject({ exitCode: 0 })
    })
  })

  test('without the launcher nothing starts, not even outside', async () => {
    const bare = createSandbox({ launcher: null, stateDir: `${base}/home/state`, clock: systemClock })
    expect(await bare.detect()).toMatchObject({ problem: { code: 'launcherMissing' } })
    for (const mode of ['workspace-write', 'danger-full-access'] as const) {
      const request = {
        spec: await specOf(mode),
        argv: ['true'],
        cwd: '/',
        env,
        cols: 80,
        rows: 24,
        onData() {},
      }
      await expect(bare.start(request)).rejects.toMatchObject({ problem: { code: 'launcherMissing' } })
    }
  })

  test('grants of absent paths are made as small as they are, and taken back untouched', async () => {
    const grant = { ...noGrant, writePaths: [`${base}/new/file`, `${base}/folder`] }
    const wants = {
      kind: 'write',
      path: `${base}/folder`,
      wants: 'directory',
      protected: false,
      evidence: '',
    } as const
    const first = await sandbox.prepareGrant([wants], grant)
    expect(readdirSync(`${base}/new`)).toEqual(['file'])
    expect(readdirSync(`${base}/folder`)).toEqual([])
    await first.undo()
    expect(readdirSync(base)).toEqual(['home', 'ws'])

    const second = await sandbox.prepareGrant([wants], grant)
    writeFileSync(`${base}/new/file`, 'written')
    await second.undo()
    expect(readFileSync(`${base}/new/file`, 'utf8')).toBe('written')
    await expect(
      sandbox.prepareGrant([], { ...noGrant, writePaths: [`${base}/a`, `${base}/new/file/below`] }),
    ).rejects.toThrow('could not be made')
    expect(readdirSync(base)).toEqual(['home', 'new', 'ws'])
  })
})
