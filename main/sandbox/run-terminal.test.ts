import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildLauncher } from '../../native-sandbox/build.mjs'
import { noGrant } from '../../protocol/action.ts'
import { systemClock } from '../platform/clock.ts'
import type { Sandbox } from './backend.ts'
import { createSandbox } from './create-sandbox.ts'

const launcher = new URL('../../native-sandbox/out/launcher', import.meta.url).pathname
const [interrupt, quit, suspend, endOfInput] = ['\u0003', '\u001C', '\u001A', '\u0004']

describe.runIf(process.platform === 'linux')('a terminal, through the supervisor', () => {
  let base = ''
  let sandbox: Sandbox
  beforeAll(() => {
    expect(buildLauncher()).toMatchObject({ ok: true })
    base = realpathSync(mkdtempSync('/var/tmp/gatehouse-terminal-'))
    for (const name of ['ws', 'home']) mkdirSync(`${base}/${name}`)
    sandbox = createSandbox({ launcher, stateDir: `${base}/home/state`, clock: systemClock })
  }, 120_000)
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  async function start(...argv: readonly string[]) {
    const spec = await sandbox.buildSpec({
      mode: 'workspace-write',
      folder: `${base}/ws`,
      extraWritableRoots: [],
      deniedReads: [],
      grant: noGrant,
      gatehouseHome: `${base}/home`,
    })
    let printed = ''
    const run = await sandbox.start({
      spec,
      argv,
      cwd: `${base}/ws`,
      env: { PATH: '/usr/bin:/bin', TERM: 'dumb', PS1: 'prompt ', LC_ALL: 'C' },
      cols: 80,
      rows: 24,
      onData: (chunk) => {
        printed += Buffer.from(chunk).toString('utf8')
      },
    })
    const sees = (text: string | RegExp) =>
      expect
        .poll(() => printed, { timeout: 30_000 })
        .toMatch(typeof text === 'string' ? new RegExp(text) : text)
    /** Types when `after` was printed; what was printed before is forgotten. */
    const type = async (after: string | RegExp, keys: string) => {
      await sees(after)
      printed = ''
      run.write(keys)
    }
    return { run, sees, type, ended: () => run.exited }
  }

  test.each([
    ['^C', interrupt, 130],
    ['^\\', quit, 131],
  ])('%s ends the command, and its end is told', async (_key, typed, exitCode) => {
    const { type, ended } = await start('sh', '-c', 'echo ready; exec sleep 600')
    await type('ready', typed)
    expect(await ended()).toEqual({ exitCode, signal: null, startProblem: null })
  })

  test('^C is the command’s own to handle', async () => {
    const { type, ended } = await start(
      'sh',
      '-c',
      'trap "exit 5" INT; echo ready; while :; do sleep 0.1; done',
    )
    await type('ready', interrupt)
    expect(await ended()).toMatchObject({ exitCode: 5 })
  })

  test('^D is the end of input', async () => {
    const { type, ended } = await start('sh', '-c', 'echo ready; cat; exit 6')
    await type('ready', endOfInput)
    expect(await ended()).toMatchObject({ exitCode: 6 })
  })

  test.each([
    ['exit 0', 0],
    ['exit 7', 7],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
  ])('%s is told as %i', async (script, exitCode) => {
    const { ended } = await start('sh', '-c', script)
    expect(await ended()).toEqual({ exitCode, signal: null, startProblem: null })
  })

  test('a shell has job control: ^Z, jobs, fg, and ^C in the job only', async () => {
    const { sees, type, ended } = await start('bash', '--norc', '--noprofile', '-i')
    await type('prompt ', 'sleep 600; echo "came to $?"\n')
    await type('sleep 600', suspend)
    await type(/Stopped[\s\S]*prompt /, 'jobs\n')
    await type(/Stopped[\s\S]*prompt /, 'fg\n')
    await type('sleep 600', interrupt)
    await type('prompt ', 'jobs; echo "still $((20 + 1))"\n')
    await sees('still 21')
    await type('prompt ', 'exit 9\n')
    expect(await ended()).toMatchObject({ exitCode: 9 })
  })

  test('a background job is told when it is done, and gone when the shell ends', async () => {
    const { type, ended } = await start('bash', '--norc', '--noprofile', '-i')
    await type('prompt ', 'sleep 600 &\n')
    await type(/\[1\] \d+[\s\S]*prompt /, 'kill %1; wait %1\n')
    await type(/Terminated[\s\S]*prompt /, 'sleep 600 & exit 3\n')
    expect(await ended()).toMatchObject({ exitCode: 3 })
  })
})
