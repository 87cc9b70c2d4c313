import { expect, test } from 'vitest'

// The scripts that run before anything is installed are plain JavaScript and have no types.
type Run = { ok: boolean; why: string; tail: string[] }
type Counts = { passed: number; failed: number; failures: string[]; skips: string[] }
const { countVitest, countPlaywright, lastLine } = (await import('./test-counts.mjs' as string)) as {
  countVitest(text: string, run: Run): Counts
  countPlaywright(text: string, run: Run): Counts
  lastLine(total: { passed: number; failed: number; skipped: number }): string
}

const green = { ok: true, why: 'exit code 0', tail: [] }
const red = { ok: false, why: 'exit code 1', tail: ['Error: out of memory'] }
const vitestReport = (...assertionResults: object[]) =>
  JSON.stringify({ testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults }] })
const playwrightReport = (tests: object[], errors: object[] = []) =>
  JSON.stringify({
    errors,
    suites: [{ title: 'a.spec.ts', suites: [{ title: 'inbox', specs: [{ title: 'opens', tests }] }] }],
  })

test('vitest: each test counts, a failure carries its title and first lines', () => {
  const report = vitestReport(
    { fullName: 'adds', status: 'passed' },
    { fullName: 'divides', status: 'failed', failureMessages: ['\u001b[31mexpected 1\u001b[39m\n  at a.ts'] },
    { fullName: 'uses Seatbelt', status: 'skipped', note: 'needs macOS' },
    { fullName: 'uses the keychain (needs a desktop) > keeps a key', status: 'skipped' },
    { fullName: 'rests', status: 'skipped' },
  )
  expect(countVitest(report, red)).toEqual({
    passed: 1,
    failed: 1,
    failures: ['a.test.ts: divides\nexpected 1\n  at a.ts'],
    skips: [
      'uses Seatbelt: needs macOS',
      'uses the keychain (needs a desktop) > keeps a key',
      'rests: no reason given',
    ],
  })
})

test('vitest: a file that could not be run is a failure', () => {
  const report = {
    testResults: [{ name: 'a.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }],
  }
  expect(countVitest(JSON.stringify(report), red)).toMatchObject({ passed: 0, failed: 1 })
})

test('Playwright: expected, unexpected, flaky and skipped with its reason', () => {
  const tests = [
    { projectName: 'serve', status: 'expected', results: [{}] },
    { projectName: 'sim', status: 'unexpected', results: [{ error: { message: 'no button' } }] },
    { projectName: 'sim', status: 'flaky', results: [{ error: { message: 'late' } }, {}] },
    { projectName: 'mac', status: 'skipped', annotations: [{ type: 'skip', description: 'needs macOS' }] },
  ]
  expect(countPlaywright(playwrightReport(tests), red)).toEqual({
    passed: 1,
    failed: 2,
    failures: [
      'sim: a.spec.ts > inbox > opens\nno button',
      'sim: a.spec.ts > inbox > opens (passed only when repeated)\nlate',
    ],
    skips: ['mac: a.spec.ts > inbox > opens: needs macOS'],
  })
})

test('Playwright: an error outside of a test is a failure', () => {
  const report = playwrightReport([{ projectName: 'serve', status: 'expected' }], [{ message: 'no server' }])
  expect(countPlaywright(report, red)).toMatchObject({ passed: 1, failed: 1 })
})

test.each([
  ['no report', '', green],
  ['half a report', '{"testResults": [', red],
  ['a report of something else', '[1]', green],
  ['green tests with a red exit', vitestReport({ fullName: 'adds', status: 'passed' }), red],
  ['no test at all', JSON.stringify({ testResults: [] }), green],
])('%s does not pass', (_title, text, run) => {
  expect(countVitest(text, run).failed).toBe(1)
})

test('the last line names skipped tests only when there are some', () => {
  expect(lastLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
  expect(lastLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped')
})
