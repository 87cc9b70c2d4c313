import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noGrant } from '../../protocol/action.ts'
import { systemClock } from '../platform/clock.ts'
import { createSandbox } from './create-sandbox.ts'
import { shimBeside, shimFor, shimInside, shimMissing, withShim } from './hold-shim.ts'

const built = fileURLToPath(new URL('../../native-sandbox/out/launcher', import.meta.url))

test('it stands in front of what a command preloads itself', () => {
  expect(withShim({ A: 'b' })).toEqual({ A: 'b', LD_PRELOAD: shimInside })
  expect(withShim({ LD_PRELOAD: '/a.so:/b.so' })).toEqual({ LD_PRELOAD: `${shimInside}:/a.so:/b.so` })
})

test('it is for runs that hold writes and want it, and that have it', () => {
  expect(shimFor({ holdShim: true }, 'writes', built)).toBe(shimBeside(built))
  expect(shimFor({ holdShim: true }, 'all', built)).toBeNull()
  expect(shimFor({ holdShim: true }, 'none', built)).toBeNull()
  expect(shimFor({}, 'writes', built)).toBeNull()
  expect(shimFor({ holdShim: true }, 'writes', '/nowhere/launcher')).toBeNull()
  expect(shimMissing(built)).toBe('')
  expect(shimMissing('/nowhere/launcher')).toContain('/nowhere/hold-shim.so is not there')
})

describe.runIf(process.platform === 'linux')('in a boundary', () => {
  let base = ''
  beforeAll(() => {
    base = realpathSync(mkdtempSync('/var/tmp/gatehouse-shim-'))
    for (const name of ['ws', 'out', 'bin']) mkdirSync(`${base}/${name}`)
    copyFileSync(built, `${base}/bin/launcher`)
  })
  afterAll(() => rmSync(base, { recursive: true }))

  async function run(launcher: string, script: string, holdShim = true) {
    const sandbox = createSandbox({ launcher, stateDir: `${base}/state`, clock: systemClock })
    const held: string[] = []
    const spec = await sandbox.buildSpec({
      mode: 'workspace-write',
      folder: `${base}/ws`,
      extraWritableRoots: [],
      deniedReads: [],
      grant: noGrant,
      gatehouseHome: `${base}/home`,
      hold: 'writes',
      holdShim,
    })
    const result = await sandbox.pipe({
      spec,
      argv: ['/bin/sh', '-c', script],
      cwd: `${base}/ws`,
      env: { PATH: '/usr/bin:/bin', BASE: base },
      stdin: null,
      maxBytes: 64 * 1024,
      timeoutMs: 30_000,
      signal: null,
      onHeld: (call, answer) => {
        held.push(call.path)
        answer({ verdict: 'deny', remember: false })
      },
    })
    return { held, out: Buffer.from(result.stdout).toString('utf8'), problem: result.startProblem }
  }
  const loaded = 'grep -c hold-shim /proc/self/maps; echo x > inside; echo x > "$BASE/out/new"'

  test('it is loaded, read-only, and what the kernel refuses is asked once', async () => {
    const { held, out, problem } = await run(
      built,
      `${loaded}; cp inside ${shimInside} || echo closed; echo "$LD_PRELOAD"`,
    )
    expect(problem).toBeNull()
    expect(out).toMatch(/^[1-9]\d*\nclosed\n\/run\/gatehouse\/hold-shim\.so\n$/)
    expect(held.filter((path) => path === `${base}/out/new`)).toHaveLength(1)
    expect(existsSync(`${base}/out/new`)).toBe(false)
  })

  test('without the setting, and without the file, calls are held as ever', async () => {
    for (const { held, out, problem } of [
      await run(built, loaded, false),
      await run(`${base}/bin/launcher`, loaded),
    ]) {
      expect(problem).toBeNull()
      expect(out).toBe('0\n')
      expect(held).toContain(`${base}/out/new`)
    }
  })

  test('a command that takes it off, or loads another one, gains nothing', async () => {
    const { held, out } = await run(
      built,
      `LD_PRELOAD= sh -c '${loaded}'; LD_PRELOAD=./fake.so sh -c '${loaded}'`,
    )
    expect(out).toBe('0\n0\n')
    expect(held.filter((path) => path === `${base}/out/new`)).toHaveLength(2)
    expect(existsSync(`${base}/out/new`)).toBe(false)
  })
})
