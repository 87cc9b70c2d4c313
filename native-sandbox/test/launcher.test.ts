import { execFileSync, spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sources, warnings } from '../build.mjs'

let base = ''
let status = ''
let launcher = ''

describe.runIf(process.platform === 'linux')('launcher', () => {
  beforeAll(() => {
    base = mkdtempSync(`${tmpdir()}/gatehouse-launcher-`)
    status = `${base}/status`
    launcher = `${base}/launcher`
    const sanitize = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-g', '-O1']
    execFileSync('gcc', [...warnings, ...sanitize, ...sources, '-o', launcher])
  })
  afterAll(() => rmSync(base, { recursive: true }))
  beforeEach(() => writeFileSync(status, ''))

  /** Runs it with the status file as descriptor 3, as bubblewrap passes it on. */
  function run(argv: readonly string[], options: { env?: Record<string, string>; extra?: number[] } = {}) {
    const fd = openSync(status, 'a')
    const {
      status: code,
      signal,
      stdout,
      stderr,
    } = spawnSync(launcher, argv, {
      encoding: 'utf8',
      env: { GHENV_PATH: '/usr/bin:/bin' },
      ...(options.env ? { env: options.env } : {}),
      stdio: ['ignore', 'pipe', 'pipe', fd, ...(options.extra ?? [])],
    })
    closeSync(fd)
    return {
      code,
      signal,
      stdout: String(stdout),
      stderr: String(stderr),
      report: readFileSync(status, 'utf8'),
    }
  }

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
    expect(run(argv)).toMatchObject({ code: 125, signal: null, stdout: '', report: '' })
  })

  test('the command gets its arguments, its variables and nothing else', () => {
    const env = {
      GHENV_PATH: '/usr/bin',
      'GHENV_A B': '1=2',
      GHENV_: 'x',
      LD_PRELOAD: '',
      SECRET: 's',
      GHENV: 'y',
    }
    const { stdout, report, code } = run(['--inside', '/', '--', 'env'], { env })
    expect(stdout.trim().split('\n').toSorted()).toEqual(['=x', 'A B=1=2', 'PATH=/usr/bin'])
    expect({ report, code }).toEqual({ report: 'up\n', code: 0 })
  })

  test('arguments are passed on as they are', () => {
    const odd = ['', ' ', '--', "'", '"', '\n', '$(x)', '\u{1f600}', 'x'.repeat(10_000)]
    const { stdout } = run(['--inside', '/', '--', 'printf', '%s\\0', ...odd])
    expect(stdout.split('\0').slice(0, -1)).toEqual(odd)
  })

  test('no descriptor above 2 reaches the command', () => {
    const extra = openSync('/etc/passwd', 'r')
    const { stdout } = run(['--inside', '/', '--', 'ls', '/proc/self/fd'], { extra: [extra, extra, extra] })
    closeSync(extra)
    // 3 is the folder that ls itself has open.
    expect(stdout.trim().split('\n')).toEqual(['0', '1', '2', '3'])
  })

  test('privileges, capabilities, signals and core files are given up', () => {
    const script = 'grep -E "^(NoNewPrivs|Cap|SigIgn|SigBlk)" /proc/self/status; ulimit -c'
    const { stdout } = run(['--inside', '/', '--', 'sh', '-c', script])
    const zero = '0000000000000000'
    const caps = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => `${name}:\t${zero}`)
    const bounding = process.getuid?.() === 0 ? caps : caps.filter((line) => !line.startsWith('CapBnd'))
    expect(stdout.trim().split('\n')).toEqual(
      expect.arrayContaining([...bounding, `SigIgn:\t${zero}`, `SigBlk:\t${zero}`, 'NoNewPrivs:\t1', '0']),
    )
  })

  test('without a descriptor to report on, nothing is started', () => {
    const { status: code, stdout } = spawnSync(launcher, ['--inside', '/', '--', 'echo', 'x'], {
      encoding: 'utf8',
    })
    expect({ code, stdout }).toEqual({ code: 126, stdout: '' })
  })

  test.each([
    ['an absent program', ['/', '--', 'no-such-program'], 127, 'up\nexec 2 No such file or directory\n'],
    ['a folder as program', ['/', '--', '/etc'], 126, 'up\nexec 13 Permission denied\n'],
    ['an absent folder', ['/no/such', '--', 'true'], 127, 'cwd 2 No such file or directory\n'],
    ['a file as folder', ['/etc/passwd', '--', 'true'], 127, 'cwd 20 Not a directory\n'],
  ] as const)('%s is reported', (_what, argv, code, report) => {
    expect(run(['--inside', ...argv])).toMatchObject({ code, report, stdout: '' })
  })

  test('a command cannot write a report', () => {
    const script = 'echo "exec 2 x" >&3; echo "exec 2 x" > /proc/self/fd/3; exit 127'
    expect(run(['--inside', '/', '--', 'sh', '-c', script])).toMatchObject({ code: 127, report: 'up\n' })
  })

  test('the status file is opened for appending, and never through a link', () => {
    writeFileSync(status, 'before\n')
    const argv = ['--', launcher, '--inside', '/', '--', 'echo', 'x']
    expect(run(['--outside', status, ...argv])).toMatchObject({ stdout: 'x\n', report: 'before\nup\n' })
    symlinkSync(status, `${base}/link`)
    expect(run(['--outside', `${base}/link`, ...argv])).toMatchObject({ code: 126, stdout: '' })
    expect(run(['--outside', status, '--', '/no/bwrap'])).toMatchObject({ code: 127 })
    expect(readFileSync(status, 'utf8')).toContain('bwrap 2 No such file or directory')
  })

  test('without a boundary it only reports', () => {
    const { stdout, report } = run([
      '--unbounded',
      status,
      '/',
      '--',
      'grep',
      'NoNewPrivs',
      '/proc/self/status',
    ])
    expect({ stdout, report }).toEqual({ stdout: 'NoNewPrivs:\t0\n', report: 'up\n' })
  })

  describe('probes', () => {
    test('tell an attempt that worked from one that was stopped', () => {
      mkdirSync(`${base}/folder`)
      writeFileSync(`${base}/empty`, '')
      expect(run(['--probe', 'write', `${base}/folder`]).stdout).toBe('probe write opened\n')
      expect(run(['--probe', 'write', '/proc']).stdout).toMatch(/^probe write stopped \d+ .+\n$/)
      expect(run(['--probe', 'write', 'x'.repeat(5000)]).stdout).toBe(
        'probe write stopped 36 File name too long\n',
      )
      expect(run(['--probe', 'read', '/etc/passwd']).stdout).toBe('probe read opened\n')
      expect(run(['--probe', 'read', `${base}/empty`]).stdout).toBe(
        'probe read stopped 61 No data available\n',
      )
      expect(run(['--probe', 'read', '/no/such']).stdout).toBe(
        'probe read stopped 2 No such file or directory\n',
      )
      expect(run(['--probe', 'connect', '1']).stdout).toBe('probe connect stopped 111 Connection refused\n')
      const protectedFile = `${base}/folder/file`
      writeFileSync(protectedFile, 'kept')
      expect(run(['--probe', 'protected', protectedFile]).stdout).toBe('probe protected opened\n')
      expect(run(['--probe', 'create', `${base}/folder/new`]).stdout).toBe('probe create opened\n')
      expect(run(['--probe', 'create', '/proc/new']).stdout).toMatch(/^probe create stopped \d+ .+\n$/)
      expect(run(['--probe', 'held', `${base}/folder`]).stdout).toBe('probe held opened\n')
      // Nothing is left behind, and nothing was changed.
      expect(readdirSync(`${base}/folder`)).toEqual(['file'])
      expect(readFileSync(protectedFile, 'utf8')).toBe('kept')
    })

    test('a process is that process only with the time of its start', () => {
      const started = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ')[19] ?? ''
      expect(run(['--probe', 'process', `${process.pid}/${started}`]).stdout).toBe('probe process opened\n')
      const other = run(['--probe', 'process', `${process.pid}/${started}1`])
      expect(other.stdout).toBe('probe process stopped 3 No such process\n')
      expect(run(['--probe', 'process', `${process.pid}/${started.slice(0, -1)}`]).code).toBe(1)
    })

    test('several are answered in order, each by its own line', () => {
      const pairs = ['write', `${base}/folder`, 'read', '/no/such', 'filter', 'keyctl', 'namespace', 'user']
      const { code, stdout } = run(['--probe', ...pairs])
      expect(stdout.split('\n').map((line) => line.split(' ')[1])).toEqual([
        ...['write', 'read', 'filter', 'namespace'],
        undefined,
      ])
      expect(code).toBe(1)
    })

    test('a Unix socket is reached with the word that proves who came', async () => {
      let heard = ''
      const server = createServer((socket) => socket.on('data', (text) => (heard += String(text))))
      await new Promise<void>((resolve) => server.listen(`${base}/socket`, resolve))
      expect(run(['--probe', 'socket', `word${base}/socket`]).stdout).toBe('probe socket opened\n')
      await expect.poll(() => heard).toBe('word')
      server.close()
      expect(run(['--probe', 'socket', `word${base}/no`]).stdout).toMatch(/^probe socket stopped 2 /)
    })

    test('reach a server that listens', async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const port = typeof address === 'object' && address ? String(address.port) : ''
      expect(run(['--probe', 'connect', port]).stdout).toBe('probe connect opened\n')
      server.close()
    })
  })
})
