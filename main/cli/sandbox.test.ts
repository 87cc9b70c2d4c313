import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildLauncher } from '../../native-sandbox/build.mjs'
import type { PlatformFacts } from '../sandbox/detect-platform.ts'
import { plainMachine } from '../testing/platform-facts.ts'
import { commands } from './commands.ts'
import { runCli } from './run-cli.ts'

describe.runIf(process.platform === 'linux')('settings of gatehouse sandbox', () => {
  /** Outside /tmp, of which every run has its own. */
  let base = ''
  beforeEach(() => {
    const built = buildLauncher()
    expect(built.ok, built.line).toBe(true)
    base = realpathSync(mkdtempSync('/var/tmp/gatehouse-sandbox-cli-'))
    for (const name of ['ws', 'home', 'gate', 'system', 'out']) mkdirSync(`${base}/${name}`)
  }, 120_000)
  afterEach(() => rmSync(base, { recursive: true, force: true }))

  /** Tries to write in the workspace and beside it. `null`: nothing was run. */
  async function wrote(...options: readonly string[]) {
    return wroteIn({}, ...options)
  }
  async function wroteIn(facts: Partial<PlatformFacts>, ...options: readonly string[]) {
    const said = { out: '', err: '' }
    const script = 'echo x > in; echo x > ../out/beside; echo ran'
    const code = await runCli(['sandbox', ...options, '--', 'sh', '-c', script], commands, {
      cwd: `${base}/ws`,
      env: { PATH: '/usr/bin:/bin', GATEHOUSE_HOME: `${base}/gate` },
      home: `${base}/home`,
      systemDir: `${base}/system`,
      platform: async () => ({ ...plainMachine, ...facts }),
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      streams: {
        input: '',
        onOutput: (chunk) => void (said.out += Buffer.from(chunk).toString()),
        onErrors: () => {},
      },
    })
    const places = { in: existsSync(`${base}/ws/in`), beside: existsSync(`${base}/out/beside`) }
    return { code, err: said.err, wrote: said.out === 'ran\n' ? places : null }
  }
  const settings = (text: string): void => writeFileSync(`${base}/gate/config.toml`, text)
  const writing = ['-c', 'sandbox_mode="workspace-write"']
  const nowhere = { in: false, beside: false }

  test('Read only without any, whatever sandbox_mode of a file says', async () => {
    settings('sandbox_mode = "workspace-write"\n')
    expect(await wrote()).toMatchObject({ wrote: nowhere, err: '' })
  })

  test('the container is the boundary only in one, only with what it keeps, and says so', async () => {
    settings('[gatehouse]\nboundary = "container"\n')
    const inside = await wroteIn({ container: 'docker' }, ...writing)
    expect(inside).toMatchObject({ code: 0, wrote: { in: true, beside: true } })
    expect(inside.err).toContain('the container is the boundary (docker)')

    const elsewhere = await wrote(...writing)
    expect(elsewhere).toMatchObject({ code: 126, wrote: null })
    expect(elsewhere.err).toContain(`${base}/gate/config.toml:2: [gatehouse] boundary = "container" needs`)

    const reading = await wroteIn({ container: 'docker' })
    expect(reading).toMatchObject({ code: 126, wrote: null })
    expect(reading.err).toContain('Read only cannot be kept')
  })

  test('default_permissions of a file counts, a mode of the line more, -P most', async () => {
    settings('default_permissions = ":workspace"\n')
    expect((await wrote()).wrote).toEqual({ in: true, beside: false })
    rmSync(`${base}/ws/in`)
    expect((await wrote('-c', 'sandbox_mode="read-only"')).wrote).toEqual(nowhere)
    expect((await wrote(...writing, '-P', ':read-only')).wrote).toEqual(nowhere)
  })

  test('a folder of the settings may be written, a file makes the start refuse', async () => {
    settings(`[sandbox_workspace_write]\nwritable_roots = ["${base}/out"]\n`)
    expect((await wrote(...writing)).wrote).toEqual({ in: true, beside: true })
    writeFileSync(`${base}/file`, '')
    settings(`[sandbox_workspace_write]\nwritable_roots = ["${base}/out", "${base}/file"]\n`)
    expect(await wrote(...writing)).toMatchObject({
      code: 126,
      wrote: null,
      err: expect.stringContaining(`${base}/file cannot be used here`) as string,
    })
  })

  test('an administrator narrows what the line asks for, and it is told', async () => {
    writeFileSync(`${base}/system/requirements.toml`, 'allowed_sandbox_modes = ["read-only"]\n')
    for (const options of [writing, ['-P', ':workspace'], ['-c', 'sandbox_mode="danger-full-access"']]) {
      const { wrote: places, err } = await wrote(...options)
      expect(places).toEqual(nowhere)
      expect(err).toMatch(/^gatehouse sandbox: .+\n$/)
    }
  })

  test.each([
    ['a file that is none', 'sandbox_mode = \n', writing],
    ['an older boundary', '[features]\nuse_legacy_landlock = true\n', writing],
    ['a mode that is none', '', ['-c', 'sandbox_mode="open"']],
    ['a profile that is none', '', ['-P', 'absent']],
  ])('nothing is run under %s', async (_, text, options) => {
    settings(text)
    const { code, err, wrote: places } = await wrote(...options)
    expect([code, places]).toEqual([126, null])
    expect(err).toMatch(/^gatehouse sandbox: .+\n$/)
  })

  test('an older boundary is not asked for by full access', async () => {
    settings('[features]\nuse_legacy_landlock = true\n')
    expect((await wrote('-c', 'sandbox_mode="danger-full-access"')).wrote).toEqual({ in: true, beside: true })
  })
})
