import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const { hashOf, readStamps, whyReinstall, writeStamp } = (await import('./stale.mjs' as string)) as {
  hashOf(root: string, inputs: readonly string[]): string
  readStamps(file: string): Record<string, string>
  whyReinstall(root: string): string | null
  writeStamp(file: string, name: string, hash: string): void
}
const here = import.meta.dirname
let root = ''
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'gatehouse test '))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (name: string, text: string) => {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
  writeFileSync(path.join(root, name), text)
}
const lock = (packages: object) => JSON.stringify({ packages })

test('a build is stale when a file changed, came or was renamed, and not when a test did', () => {
  put('main/a.ts', '1')
  const first = hashOf(root, ['main', 'vite.config.ts'])
  put('main/a.test.ts', 'x')
  expect(hashOf(root, ['main', 'vite.config.ts'])).toBe(first)
  put('main/b.ts', '1')
  const second = hashOf(root, ['main', 'vite.config.ts'])
  put('vite.config.ts', '')
  const third = hashOf(root, ['main', 'vite.config.ts'])
  expect(new Set([first, second, third]).size).toBe(3)
})

test('a broken stamp file means that nothing was built', () => {
  const file = path.join(root, 'out/.stamp.json')
  writeStamp(file, 'web', 'abc')
  expect(readStamps(file)).toEqual({ web: 'abc' })
  for (const text of ['', '[]', '{"web":', 'null']) {
    writeFileSync(file, text)
    expect(readStamps(file)).toEqual({})
  }
})

test.each([
  ['nothing is installed', null, 'no packages are installed'],
  ['what is wanted is installed', { 'node_modules/a': { version: '1.0.0', integrity: 'x' } }, null],
  [
    'another version is installed',
    { 'node_modules/a': { version: '0.9.0', integrity: 'x' } },
    'a 0.9.0 is installed',
  ],
  [
    'other bytes are installed',
    { 'node_modules/a': { version: '1.0.0', integrity: 'y' } },
    'a 1.0.0 is installed',
  ],
  ['an install was interrupted', {}, 'a is not installed'],
])('packages: %s', (_title, installed, why) => {
  put(
    'package-lock.json',
    lock({
      '': {},
      'node_modules/a': { version: '1.0.0', integrity: 'x' },
      'node_modules/for-a-mac': { version: '1.0.0', optional: true },
    }),
  )
  if (installed) put('node_modules/.package-lock.json', lock(installed))
  if (why === null) expect(whyReinstall(root)).toBeNull()
  else expect(whyReinstall(root)).toContain(why)
})

test.each(['start.mjs', 'test.mjs'])('%s --help works with nothing installed, in any folder', (script) => {
  for (const name of ['start', 'test', 'prepare', 'run-step', 'stale', 'system-packages', 'test-counts']) {
    cpSync(path.join(here, `${name}.mjs`), path.join(root, `scripts/${name}.mjs`))
  }
  const text = execFileSync(process.execPath, [path.join(root, 'scripts', script), '--help'], {
    cwd: tmpdir(),
    encoding: 'utf8',
  })
  expect(text).toContain(script === 'start.mjs' ? '--no-open' : '--only')
})

test.each([
  ['start.mjs', ['--nonsense']],
  ['start.mjs', ['--port', '99999']],
  ['test.mjs', ['--only', 'unit,nonsense']],
])('%s %j is refused with exit code 2', (script, args) => {
  const run = () => execFileSync(process.execPath, [path.join(here, script), ...args], { stdio: 'pipe' })
  expect(run).toThrow(expect.objectContaining({ status: 2 }))
})

test('stopping a step stops what the step started', async () => {
  const marker = `GATEHOUSE_TEST_MARK=${process.pid}-${Math.random()}`
  const runner = path.join(here, 'run-step.mjs')
  // A step whose shell starts a second process and one that leaves its process group.
  put(
    'run.mjs',
    `import { runStep, stopOnSignals, endMarked } from ${JSON.stringify(runner)}
     stopOnSignals(() => endMarked(${JSON.stringify(marker)}, 0))
     const started = runStep('sleeping', 'sh', ['-c', 'sleep 600 & setsid sleep 601 & echo up; wait'], {
       cwd: '/', logFile: ${JSON.stringify(path.join(root, 'log'))},
       env: { ...process.env, ${JSON.stringify(marker.split('=')[0])}: ${JSON.stringify(marker.split('=')[1])} },
     })
     setInterval(() => {}, 1000)
     const { readFileSync } = await import('node:fs')
     const poll = setInterval(() => {
       try { if (readFileSync(${JSON.stringify(path.join(root, 'log'))}, 'utf8').includes('up')) { clearInterval(poll); console.log('up') } } catch {}
     }, 20)
     await started`,
  )
  const child = spawn(process.execPath, [path.join(root, 'run.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGTERM')
  const code = await new Promise((resolve) => child.once('exit', resolve))

  expect(code).toBe(143)
  const { endMarked } = (await import('./run-step.mjs' as string)) as {
    endMarked(marker: string, graceMs: number): Promise<string[]>
  }
  expect(await endMarked(marker, 0)).toEqual([])
})
