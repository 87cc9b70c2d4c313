import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandLine, processesWith } from './processes.ts'
import { bwrap, lab, runInside, start } from './support.ts'

describe.runIf(process.platform === 'linux')('the supervisor', () => {
  let base = ''
  let launcher = ''
  let remove = () => {}
  beforeAll(() => ({ base, launcher, remove } = lab()), 600_000)
  afterAll(() => remove())

  const outside = (command: readonly string[], cwd = '/') => [
    '--outside',
    'fd:3',
    '--',
    ...bwrap(launcher, command).map((word, at, all) => (all[at - 1] === '--inside' ? cwd : word)),
  ]
  /** A word for the command line of a run, by which its processes are found. */
  const sleeper = (name: string) => ['sh', '-c', `echo ready; sleep 600; : ${base}-${name}`]
  const left = (name: string) => processesWith(`${base}-${name}`)

  test.each([
    ['exit 0', 0],
    ['exit 42', 42],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
  ])('ends as the command did: %s', async (script, code) => {
    const { code: ended, said } = await runInside(launcher, ['sh', '-c', script])
    expect(ended).toBe(code)
    expect(said.at(-1)).toEqual({ type: 'exit', code, signal: 0, waited: 0, passed: 0 })
  })

  test.each([
    ['an absent program', ['no-such-program'], '/', 127, ['hello', 'up', 'problem', 'exit'], 'exec', 2],
    ['a folder as program', ['/etc'], '/', 126, ['hello', 'up', 'problem', 'exit'], 'exec', 13],
    ['an absent folder', ['true'], '/no/such', 127, ['hello', 'problem', 'exit'], 'cwd', 2],
    ['a file as folder', ['true'], '/etc/passwd', 127, ['hello', 'problem', 'exit'], 'cwd', 20],
  ] as const)('%s is reported', async (_what, command, cwd, code, types, what, errno) => {
    const ended = await start(launcher, outside(command, cwd)).ended
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.said.map(({ type }) => type)).toEqual(types)
    expect(ended.said.at(-2)).toMatchObject({ what, errno })
    expect(ended.said.at(-1)).toMatchObject({ code })
  })

  test('an absent bubblewrap, and one that fails, are reported', async () => {
    const absent = await start(launcher, ['--outside', 'fd:3', '--', '/no/bwrap']).ended
    expect(absent.said.at(-2)).toMatchObject({ type: 'problem', what: 'bwrap', errno: 2 })
    const failing = await start(launcher, ['--outside', 'fd:3', '--', '/bin/sh', '-c', 'exit 9']).ended
    expect(failing.said.at(-2)).toMatchObject({ type: 'problem', what: 'bwrap', errno: 0 })
    expect(failing.code).toBe(9)
  })

  test('a process that is no launcher cannot make itself the command', async () => {
    // It has descriptor 3 and says the wrong things there.
    const script = 'printf xxxxxxxx >&3; echo started'
    const { said } = await start(launcher, ['--outside', 'fd:3', '--', '/bin/sh', '-c', script]).ended
    expect(said.map(({ type }) => type)).toEqual(['hello', 'problem', 'exit'])
  })

  test('says which process on the host is the command', async () => {
    const run = start(launcher, outside(sleeper('inner')))
    const { inner } = await run.heard('up')
    expect(left('inner')).toContain(inner)
    run.send({ type: 'stop' })
    expect(await run.ended).toMatchObject({ code: 137 })
  })

  test.each([
    ['stop', (run: ReturnType<typeof start>) => run.send({ type: 'stop' })],
    ['a word it does not know', (run) => run.send({ type: 'else' })],
    ['a line it cannot read', (run) => run.send('{"type":"stop"\n')],
    ['a line without end', (run) => run.send('x'.repeat(70_000))],
    ['a channel that closes', (run) => run.control.destroy()],
    ['SIGTERM', (run) => run.child.kill('SIGTERM')],
    ['SIGHUP', (run) => run.child.kill('SIGHUP')],
    ['SIGKILL', (run) => run.child.kill('SIGKILL')],
  ] as const satisfies readonly (readonly [string, (run: ReturnType<typeof start>) => unknown])[])(
    'everything inside ends with %s',
    async (name, act) => {
      const word = name.replaceAll(' ', '-')
      const run = start(launcher, outside(sleeper(word)))
      await run.heard('up')
      act(run)
      await run.ended
      await expect.poll(() => left(word)).toEqual([])
    },
  )

  test('what the command left running is gone when the end is told', async () => {
    const script = `setsid sh -c "sleep 600; : ${base}-orphan" & echo started`
    const run = start(launcher, outside(['sh', '-c', script]))
    await run.heard('exit')
    // Only the supervisor is there still, which has the same words in its arguments.
    const inside = left('orphan').filter((pid) => !commandLine(pid).includes('--outside'))
    expect(inside).toEqual([])
    expect(await run.ended).toMatchObject({ code: 0 })
    expect(left('orphan')).toEqual([])
  })

  test('what a bubblewrap that fails leaves behind is ended', async () => {
    const script = `sh -c "sleep 600; : ${base}-behind" & exit 9`
    const { said } = await start(launcher, ['--outside', 'fd:3', '--', '/bin/sh', '-c', script]).ended
    expect(said.at(-1)).toMatchObject({ type: 'exit', code: 9 })
    expect(left('behind')).toEqual([])
  })

  test('the keys of a terminal neither end nor stop it', async () => {
    const run = start(launcher, outside(sleeper('keys')))
    await run.heard('up')
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGPIPE'] as const)
      run.child.kill(signal)
    run.send({ type: 'grant', path: '/x', directory: false })
    await run.heard('granted')
    run.send({ type: 'stop' })
    expect(await run.ended).toMatchObject({ code: 137 })
  })

  test.each([
    ['another protocol', { protocol: 2 }],
    ['another type', { type: 'up' }],
    ['an unknown filter', { seccomp: 'else' }],
    ['no filter', { seccomp: 7 }],
    ['an unknown level', { hold: '' }],
    ['a negative limit', { openFiles: -1 }],
    ['a limit in words', { fileBytes: '1' }],
    ['no JSON', 'start\n'],
    ['a field that stands twice', '{"type":"start","protocol":1,"protocol":1}\n'],
    ['too long a line', `"${'x'.repeat(1_100_000)}"\n`],
  ] as const)('nothing starts with %s', async (_what, message) => {
    const ended = await start(launcher, outside(['echo', 'x']), { start: message }).ended
    expect(ended).toMatchObject({ code: 126, stdout: '' })
    expect(ended.said.slice(1)).toMatchObject([{ type: 'problem', what: 'start' }, { type: 'exit' }])
  })

  test('without an answer nothing starts', async () => {
    const run = start(launcher, outside(['echo', 'x']), { start: null })
    await run.heard('hello')
    run.control.end()
    expect(await run.ended).toMatchObject({ code: 126, stdout: '' })
  })

  test('limits that need a cgroup are said not to be in force where there is none', async () => {
    const { said } = await runInside(launcher, ['true'], { start: { pids: 10 } })
    expect(said[1]).toMatchObject({ type: 'up', limits: expect.stringContaining('no cgroup') })
    mkdirSync(`${base}/cgroup`)
    const none = await runInside(launcher, ['true'], { start: { pids: 10, cgroup: `${base}/cgroup` } })
    // The folder is no cgroup, so the run cannot be put into it: then there is no run.
    expect(none.said.at(-2)).toMatchObject({ type: 'problem', what: 'cgroup' })
  })

  test('opening a path without held calls is answered', async () => {
    const run = start(launcher, outside(sleeper('answers')))
    await run.heard('up')
    for (const type of ['grant', 'revoke', 'mask']) run.send({ type, path: '/x' })
    expect(await run.heard('masked')).toEqual({ type: 'masked', path: '/x', errno: 38 })
    expect(run.said.map(({ type }) => type)).toEqual(['hello', 'up', 'granted', 'revoked', 'masked'])
    run.send({ type: 'stop' })
    await run.ended
  })

  describe('over a socket', () => {
    async function listen(path: string) {
      const server = createServer()
      const connected = new Promise<Socket>((resolve) => server.once('connection', resolve))
      await new Promise<void>((resolve) => server.listen(path, resolve))
      return { server, connected }
    }

    test('it proves itself with its token', async () => {
      const { server, connected } = await listen(`${base}/s`)
      const run = start(launcher, ['--outside', `unix:${base}/s`, '--', '/bin/true'], {
        env: { GHCTL_TOKEN: 'once' },
      })
      const socket = await connected
      const hello = await new Promise<string>((resolve) =>
        socket.once('data', (text) => resolve(String(text))),
      )
      expect(JSON.parse(hello)).toEqual({ type: 'hello', protocol: 1, pid: run.child.pid, token: 'once' })
      socket.destroy()
      server.close()
      expect(await run.ended).toMatchObject({ code: 126 })
    })

    test.runIf(process.getuid?.() === 0)('a listener of another user learns nothing', async () => {
      // Root listens, nobody connects.
      const { server, connected } = await listen(`${base}/other`)
      spawnSync('chmod', ['755', base])
      spawnSync('chmod', ['777', `${base}/other`])
      const run = start(launcher, ['--outside', `unix:${base}/other`, '--', '/bin/true'], {
        env: { GHCTL_TOKEN: 'once' },
        uid: 65534,
      })
      const socket = await connected
      let heard = ''
      socket.on('data', (text) => (heard += String(text)))
      expect(await run.ended).toMatchObject({ code: 126 })
      server.close()
      expect(heard).toBe('')
    })

    test.each(['unix:relative', `unix:/${'x'.repeat(200)}`, 'unix:/no/such', 'fd:99', 'fd:x', 'fd:2', ''])(
      'nothing starts with %s',
      (control) => {
        const argv = ['--outside', control, '--', '/bin/echo', 'x']
        const { status, stdout } = spawnSync(launcher, argv, { encoding: 'utf8' })
        expect({ status, stdout }).toEqual({ status: 126, stdout: '' })
      },
    )
  })
})
