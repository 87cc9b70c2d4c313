import { linkSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildLauncher } from '../../native-sandbox/build.mjs'
import { noGrant } from '../../protocol/action.ts'
import { systemClock } from '../platform/clock.ts'
import { createSandbox } from './create-sandbox.ts'
import { watchDenied } from './watch-denied.ts'

const launcher = new URL('../../native-sandbox/out/launcher', import.meta.url).pathname

describe.runIf(process.platform === 'linux')('a real run with a denied pattern', () => {
  let base = ''
  beforeAll(() => {
    expect(buildLauncher()).toMatchObject({ ok: true })
    // Not below /tmp, which is private inside.
    base = realpathSync(mkdtempSync('/var/tmp/gatehouse-watched-'))
    for (const name of ['ws', 'home']) mkdirSync(`${base}/${name}`)
  }, 120_000)
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  test('what somebody outside makes, renames or links meanwhile cannot be read inside', async () => {
    const sandbox = createSandbox({ launcher, stateDir: `${base}/home/state`, clock: systemClock })
    const spec = await sandbox.buildSpec({
      mode: 'workspace-write',
      folder: `${base}/ws`,
      extraWritableRoots: [],
      deniedReads: [],
      deniedGlobs: [{ folder: `${base}/ws`, pattern: '*.key' }],
      grant: noGrant,
      gatehouseHome: `${base}/home`,
    })
    let output = ''
    const run = await sandbox.start({
      spec,
      // Says of each name it is given whether the file can be read.
      argv: ['bash', '-c', 'stty -echo; echo ready; while read -r f; do cat "$f" || echo "no $f"; done'],
      cwd: `${base}/ws`,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', SHLVL: '1' },
      cols: 80,
      rows: 24,
      onData: (chunk) => void (output += Buffer.from(chunk).toString('utf8')),
    })
    const problems: string[] = []
    try {
      await watchDenied(spec, run, (words) => problems.push(words)).ready
      await expect.poll(() => output, { timeout: 20_000 }).toContain('ready')
      writeFileSync(`${base}/ws/plain`, 'can be read\n')
      writeFileSync(`${base}/ws/other`, 'secret\n')
      writeFileSync(`${base}/ws/new.key`, 'secret\n')
      renameSync(`${base}/ws/other`, `${base}/ws/renamed.key`)
      writeFileSync(`${base}/home/source`, 'secret\n')
      linkSync(`${base}/home/source`, `${base}/ws/linked.key`)
      for (const name of ['plain', 'new.key', 'renamed.key', 'linked.key']) run.write(`${name}\n`)
      await expect.poll(() => output, { timeout: 20_000 }).toContain('no linked.key')
    } finally {
      await run.stop()
    }
    for (const name of ['new', 'renamed']) expect(output).toContain(`no ${name}.key`)
    expect(output).toContain('can be read')
    expect(output).not.toContain('secret')
    expect(problems).toEqual([])
  }, 60_000)
})
