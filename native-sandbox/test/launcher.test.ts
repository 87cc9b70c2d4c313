import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lab, runInside, start } from './support.ts'

describe.runIf(process.platform === 'linux')('launcher', () => {
  let launcher = ''
  let remove = () => {}
  beforeAll(() => ({ launcher, remove } = lab()), 600_000)
  afterAll(() => remove())

  test.each([
    [],
    [''],
    ['--'],
    ['--inside'],
    ['--inside', '/'],
    ['--inside', '/', '--'],
    ['--inside', '/', '--', ''],
    ['--inside', '--', 'true'],
    ['--inside', '/', 'true', '--'],
    ['--outside', '/dev/null', '--'],
    ['--outside', '--', '--'],
    ['--unbounded', '/dev/null', '--', 'true'],
    ['--unbounded', '/dev/null', '/', '--'],
    ['--probe'],
    ['--probe', 'write'],
    ['--probe', 'else', 'x'],
    ['--probe', 'socket', '/no/word'],
    ['--probe', 'socket', 'no path'],
    ['--probe', 'socket', `word/${'x'.repeat(200)}`],
    ['--probe', 'process', '1'],
    ['--probe', 'process', '0/1'],
    ['--probe', 'process', '1/'],
    ['--probe', 'filter', 'else'],
    ['--probe', 'namespace', ''],
    ['--probe', 'read', '/etc/passwd', 'else', 'x'],
    ['--probe', 'connect', ''],
    ['--probe', 'connect', '0'],
    ['--probe', 'connect', '65536'],
    ['--probe', 'connect', '-1'],
    ['--probe', 'connect', '99999999999999999999'],
    ['--probe', 'connect', '80x'],
    ['--probe', 'read', '/etc/passwd', 'more'],
    ['%s%n%n%n'],
    ['x'.repeat(100_000)],
  ])('an argument list it does not know starts nothing: %#', (...argv) => {
    const { status, signal, stdout } = spawnSync(launcher, argv, { encoding: 'utf8' })
    expect({ status, signal, stdout }).toEqual({ status: 125, signal: null, stdout: '' })
  })

  test('the command gets its arguments, its variables and nothing else', async () => {
    const env = {
      GHENV_PATH: '/usr/bin',
      'GHENV_A B': '1=2',
      GHENV_: 'x',
      LD_PRELOAD: '',
      SECRET: 's',
      GHENV: 'y',
      GHCTL_TOKEN: 'once',
    }
    const { stdout, said, code } = await runInside(launcher, ['env'], { env })
    expect(stdout.trim().split('\n').toSorted()).toEqual(['=x', 'A B=1=2', 'PATH=/usr/bin'])
    expect(said.map(({ type }) => type)).toEqual(['hello', 'up', 'exit'])
    expect(said[0]).toMatchObject({ protocol: 1, token: 'once' })
    expect(code).toBe(0)
  })

  test('arguments are passed on as they are', async () => {
    const odd = ['', ' ', '--', "'", '"', '\n', '$(x)', '\u{1f600}', 'x'.repeat(10_000)]
    const { stdout } = await runInside(launcher, ['printf', '%s\\0', ...odd])
    expect(stdout.split('\0').slice(0, -1)).toEqual(odd)
  })

  test('no descriptor above 2 reaches the command', async () => {
    const extra = openSync('/etc/passwd', 'r')
    const { stdout } = await runInside(launcher, ['ls', '/proc/self/fd'], { extra: [extra, extra, extra] })
    closeSync(extra)
    // 3 is the folder that ls itself has open.
    expect(stdout.trim().split('\n')).toEqual(['0', '1', '2', '3'])
  })

  test('privileges, capabilities, signals and core files are given up', async () => {
    const script = 'grep -E "^(NoNewPrivs|Cap|SigIgn|SigBlk|Seccomp:)" /proc/self/status; ulimit -c'
    const { stdout } = await runInside(launcher, ['sh', '-c', script])
    const zero = '0000000000000000'
    const caps = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => `${name}:\t${zero}`)
    expect(stdout.trim().split('\n').toSorted()).toEqual(
      [...caps, `SigIgn:\t${zero}`, `SigBlk:\t${zero}`, 'NoNewPrivs:\t1', 'Seccomp:\t2', '0'].toSorted(),
    )
  })

  test('limits are set, and never raised', async () => {
    const { stdout } = await runInside(launcher, ['sh', '-c', 'ulimit -n; ulimit -Hn; ulimit -f'], {
      start: { openFiles: 64, fileBytes: 1024 * 1024 },
    })
    expect(stdout.trim().split('\n')).toEqual(['64', '64', '2048'])
    const high = await runInside(launcher, ['sh', '-c', 'ulimit -Hn'], {
      start: { openFiles: Number.MAX_SAFE_INTEGER },
    })
    const own = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' })
    expect(high.stdout).toBe(own.stdout)
  })

  test('without somebody to report to, nothing is started', () => {
    for (const mode of [
      ['--inside', '/'],
      ['--outside', 'fd:3'],
      ['--unbounded', 'fd:3', '/'],
    ]) {
      const { status, stdout } = spawnSync(launcher, [...mode, '--', '/bin/echo', 'x'], { encoding: 'utf8' })
      expect({ mode, status, stdout }).toEqual({ mode, status: 126, stdout: '' })
    }
  })

  test('without a boundary it only reports, and becomes the command', async () => {
    const script = 'grep NoNewPrivs /proc/self/status; echo $$; ls /proc/self/fd | tail -n 1'
    const run = start(launcher, ['--unbounded', 'fd:3', '/', '--', 'sh', '-c', script])
    const { stdout, said } = await run.ended
    expect(stdout).toBe(`NoNewPrivs:\t0\n${run.child.pid}\n3\n`)
    expect(said.map(({ type }) => type)).toEqual(['hello', 'up'])
  })

  test.each([
    ['an absent folder', ['/no/such', '--', 'true'], 127, ['hello', 'problem'], 'cwd'],
    ['an absent program', ['/', '--', 'no-such-program'], 127, ['hello', 'up', 'problem'], 'exec'],
    ['a folder as program', ['/', '--', '/etc'], 126, ['hello', 'up', 'problem'], 'exec'],
  ] as const)('%s is reported without a boundary, too', async (_what, argv, code, types, what) => {
    const ended = await start(launcher, ['--unbounded', 'fd:3', ...argv]).ended
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.said.map(({ type }) => type)).toEqual(types)
    expect(ended.said.at(-1)).toMatchObject({ what })
  })
})
