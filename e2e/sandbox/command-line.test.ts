import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildLauncher } from '../../native-sandbox/build.mjs'

const program = path.resolve(import.meta.dirname, '../../scripts/gatehouse.mjs')

/** Outside /tmp, of which every run has its own. */
let base = ''
beforeAll(() => {
  expect(buildLauncher()).toMatchObject({ ok: true })
  base = mkdtempSync('/var/tmp/gatehouse-cli-')
  for (const name of ['ws/sub', 'home', 'gate']) mkdirSync(`${base}/${name}`, { recursive: true })
}, 120_000)
afterAll(() => rmSync(base, { recursive: true, force: true }))

const env = () => ({
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: `${base}/home`,
  GATEHOUSE_HOME: `${base}/gate`,
  TERM: 'xterm',
})

type Running = { readonly child: ChildProcess; said(): string; readonly ended: Promise<Ended> }
type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

/** Starts `gatehouse …` as `npx` would, with pipes. */
function start(args: readonly string[], input = ''): Running {
  const child = spawn(program, args, { cwd: `${base}/ws`, env: env(), stdio: ['pipe', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdin.end(input)
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })))
  return { child, said: () => out, ended }
}
const sandbox = (...args: readonly string[]): Promise<Ended> => start(['sandbox', ...args]).ended
const writing = ['-c', 'sandbox_mode="workspace-write"'] as const
const shell = (script: string): readonly string[] => ['--', 'sh', '-c', script]

test.each([
  ['the command says', ['--', 'true'], 0, /^$/],
  ['the command says, not zero', shell('exit 7'), 7, /^$/],
  ['ended by a signal', shell('kill -KILL $$'), 137, /^$/],
  ['no such program', ['--', 'no-such-program'], 127, /^gatehouse sandbox: no-such-program: No such file/],
  ['not a program', ['--', '/etc/passwd'], 126, /^gatehouse sandbox: \/etc\/passwd: Permission denied/],
  ['no such folder', ['-C', '/no/such/folder', '--', 'true'], 126, /^gatehouse sandbox: There is no folder/],
  ['no such profile', ['-P', 'nobody-wrote-it', '--', 'true'], 126, /^gatehouse sandbox: .+Nothing was run/],
  ['no command', ['--'], 2, /Write the command after/],
  ['no such option', ['--open', '--', 'true'], 2, /--help/],
] as const)('exit code: %s', async (_, args, code, words) => {
  const ended = await sandbox(...args)
  expect(ended).toMatchObject({ code, out: '' })
  expect(ended.err).toMatch(words)
  // One line, so that a caller can show it.
  if (code > 2 && code !== 7 && code !== 137) expect(ended.err.match(/\n/g)).toHaveLength(1)
})

test('without options nothing can be written, with workspace-write only the workspace', async () => {
  const script = `echo x > ${base}/ws/made; echo x > ${base}/home/made; true`
  await sandbox(...shell(script))
  expect(existsSync(`${base}/ws/made`)).toBe(false)
  await sandbox(...writing, ...shell(script))
  expect(readFileSync(`${base}/ws/made`, 'utf8')).toBe('x\n')
  expect(existsSync(`${base}/home/made`)).toBe(false)
})

test('pipes are passed through, byte for byte', async () => {
  const text = Array.from({ length: 20_000 }, (_, line) => `line ${line} ü\n`).join('')
  const { code, out, err } = await start(['sandbox', '--', 'sh', '-c', 'cat; echo done >&2'], text).ended
  expect([code, err]).toEqual([0, 'done\n'])
  expect(out === text).toBe(true)
})

test('a Node program prints to the pipes that Node makes, which are sockets', async () => {
  const { out } = await sandbox('--', process.execPath, '-e', 'console.log("said")')
  expect(out).toBe('said\n')
})

test('-C names the folder the command starts in, which is its workspace', async () => {
  const { code, out } = await sandbox(
    ...writing,
    '-C',
    'sub',
    ...shell('pwd; echo x > in-sub; echo x > ../above'),
  )
  expect([code, out]).toEqual([2, `${base}/ws/sub\n`])
  expect(existsSync(`${base}/ws/sub/in-sub`)).toBe(true)
  expect(existsSync(`${base}/ws/above`)).toBe(false)
})

test.each([
  ['SIGTERM', 'TERM'],
  ['SIGINT', 'INT'],
  ['SIGUSR1', 'USR1'],
] as const)('%s goes to the command, which decides how to end', async (signal, name) => {
  const running = start([
    'sandbox',
    ...shell(`trap 'echo got ${name}; exit 9' ${name}; echo ready; while :; do sleep 0.05; done`),
  ])
  await expect.poll(running.said, { timeout: 30_000 }).toBe('ready\n')
  running.child.kill(signal)
  expect(await running.ended).toMatchObject({ code: 9, out: `ready\ngot ${name}\n` })
})

test('a command that does not mind a signal is ended by it', async () => {
  const running = start(['sandbox', ...shell('echo ready; exec sleep 60')])
  await expect.poll(running.said, { timeout: 30_000 }).toBe('ready\n')
  running.child.kill('SIGTERM')
  expect(await running.ended).toMatchObject({ code: 143 })
})

/** Runs `gatehouse sandbox …` in a terminal of 20 lines, 70 wide, that script(1) makes. */
function inTerminal(command: string): Running & { type(text: string): void } {
  const line = `stty rows 20 cols 70; exec ${program} sandbox -- ${command}`
  const child = spawn('script', ['-qefc', line, '/dev/null'], { cwd: `${base}/ws`, env: env() })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code) => resolve({ code, out, err: '' })),
  )
  return { child, said: () => out, ended, type: (text) => void child.stdin.write(text) }
}

test('a terminal stays a terminal of the same size, without job control', async () => {
  const { ended } = inTerminal(
    `sh -c 'test -t 0 && test -t 1 && test -t 2 && stty size; (: < /dev/tty) || echo no job control'`,
  )
  const { code, out } = await ended
  expect([code, out]).toEqual([0, expect.stringMatching(/^20 70\r\n[^]*no job control\r\n$/)])
})

test('what is typed reaches the command, and so does Ctrl-C', async () => {
  const script = `trap "n=\\$((n + 1))" INT; n=0; echo ready; while ! read line; do :; done; sleep 0.3; echo "$line, $n"`
  const { said, type, ended } = inTerminal(`bash -c '${script}'`)
  await expect.poll(said, { timeout: 30_000 }).toContain('ready')
  type('\x03')
  await expect.poll(said, { timeout: 30_000 }).toContain('^C')
  type('typed\r')
  const { code, out } = await ended
  expect(code).toBe(0)
  expect(out).toContain('typed, 1')
})

test('--log-denials lists each call once with its program, after what the command printed', async () => {
  const script = `for i in 1 2 3; do echo x > ${base}/home/refused; done; mkdir ${base}/home/folder; echo fine`
  const { code, out, err } = await sandbox(...writing, '--log-denials', ...shell(script))
  expect([code, out]).toEqual([0, 'fine\n'])
  const [printed, listed] = err.split('gatehouse sandbox: the boundary stopped:\n')
  expect(printed).toContain('refused')
  expect(listed?.split('\n').slice(0, -1)).toEqual([
    expect.stringMatching(`^  write ${base}/home/refused \\(open\\w*, /\\S+\\) × 3$`),
    expect.stringMatching(`^  write ${base}/home/folder \\(mkdir\\w*, /\\S+mkdir\\)$`),
  ])
})

test('--log-denials says when nothing was stopped', async () => {
  const { err } = await sandbox('--log-denials', '--', 'true')
  expect(err).toBe('gatehouse sandbox: nothing was stopped.\n')
})

test('a git folder deep inside and a pointer file are protected', async () => {
  mkdirSync(`${base}/ws/deep/er/.git/hooks`, { recursive: true })
  mkdirSync(`${base}/ws/tree`)
  writeFileSync(`${base}/ws/tree/.git`, `gitdir: ${base}/ws/deep/er/.git\n`)
  const { code } = await sandbox(
    ...writing,
    ...shell(
      'echo x > deep/er/.git/hooks/pre-commit && exit 3; echo x > tree/.git && exit 4; echo x > deep/er/fine',
    ),
  )
  expect(code).toBe(0)
  expect(readFileSync(`${base}/ws/deep/er/fine`, 'utf8')).toBe('x\n')
})

type Answer = { readonly ok: boolean; readonly checks: readonly Check[] }
type Check = {
  readonly name: string
  readonly state: string
  readonly means: string
  readonly fix: string | null
}

/** The answer of `doctor --json`, which holds exactly this. */
function read(out: string): Answer {
  const answer = JSON.parse(out) as Answer
  expect(Object.keys(answer)).toEqual(['ok', 'checks'])
  expect(answer.checks.length).toBeGreaterThan(5)
  for (const check of answer.checks) {
    expect(Object.keys(check)).toEqual(['name', 'state', 'means', 'fix'])
    expect(['ok', 'limited', 'broken']).toContain(check.state)
    expect([check.name, check.means].map((text) => typeof text)).toEqual(['string', 'string'])
    expect(['string', 'object']).toContain(typeof check.fix)
  }
  return answer
}

test('doctor --json: a boundary was built here', async () => {
  const { code, out } = await start(['doctor', '--json']).ended
  const { ok, checks } = read(out)
  expect([code, ok]).toEqual([0, true])
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['boundary', 'bubblewrap', 'user namespaces', 'kernel', 'launcher', 'own folder']),
  )
  expect(checks.filter(({ state, fix }) => state === 'ok' && fix !== null)).toEqual([])
})

test('doctor where no namespaces can be had, as inside a boundary: broken, and says what to do', async () => {
  const { code, out, err } = await sandbox(...shell(`GATEHOUSE_HOME=/tmp/gate ${program} doctor --json`))
  expect(err).toBe('')
  const { ok, checks } = read(out)
  expect([code, ok]).toEqual([1, false])
  expect(checks[0]).toMatchObject({ name: 'boundary', state: 'broken', fix: expect.any(String) as string })
  expect(checks[0]?.means).toContain('bubblewrap says')
})
