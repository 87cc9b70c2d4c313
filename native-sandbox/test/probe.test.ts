import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lab } from './support.ts'

describe.runIf(process.platform === 'linux')('probes', () => {
  let base = ''
  let launcher = ''
  let remove = () => {}
  beforeAll(() => ({ base, launcher, remove } = lab()), 600_000)
  afterAll(() => remove())

  function run(argv: readonly string[]) {
    const { status: code, stdout } = spawnSync(launcher, argv, { encoding: 'utf8', env: {} })
    return { code, stdout }
  }

  test('tell an attempt that worked from one that was stopped', () => {
    mkdirSync(`${base}/folder`)
    writeFileSync(`${base}/empty`, '')
    expect(run(['--probe', 'write', `${base}/folder`]).stdout).toBe('probe write opened\n')
    expect(run(['--probe', 'write', '/proc']).stdout).toMatch(/^probe write stopped \d+ .+\n$/)
    expect(run(['--probe', 'write', 'x'.repeat(5000)]).stdout).toBe(
      'probe write stopped 36 File name too long\n',
    )
    expect(run(['--probe', 'read', '/etc/passwd']).stdout).toBe('probe read opened\n')
    expect(run(['--probe', 'read', `${base}/empty`]).stdout).toBe('probe read stopped 61 No data available\n')
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
      'write',
      'read',
      'filter',
      'namespace',
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
