import { stripVTControlCharacters } from 'node:util'

/**
 * From the reports of vitest and Playwright to counts and names. Pure; plain Node 20.
 *
 * A report that is absent, broken or contradicts the exit code counts as one failed check: a run that could not be
 * read has not passed.
 *
 * @typedef {{ passed: number, failed: number, failures: string[], skips: string[] }} Counts
 *   `failures`: one text per failed test, its title and the first lines of what went wrong.
 *   `skips`: one text per skipped test, with its reason.
 */

const reasonLines = 6

/** @returns {Counts} */
export const oneCheck = (ok, failure) => ({
  passed: ok ? 1 : 0,
  failed: ok ? 0 : 1,
  failures: ok ? [] : [failure],
  skips: [],
})

/** @returns {Counts} */
export function countVitest(text, run) {
  const report = parse(text)
  if (!Array.isArray(report?.testResults)) return unread(run, 'vitest')
  const counts = { passed: 0, failed: 0, failures: [], skips: [] }
  for (const file of report.testResults) {
    const tests = file.assertionResults ?? []
    for (const test of tests) {
      const title = test.fullName ?? test.title
      if (test.status === 'passed') counts.passed += 1
      else if (test.status === 'failed')
        addFailure(counts, `${file.name}: ${title}`, test.failureMessages?.[0])
      else counts.skips.push(withReason(title, test.note))
    }
    if (file.status === 'failed' && !tests.some((test) => test.status === 'failed')) {
      addFailure(counts, `${file.name}: the file could not be run`, file.message)
    }
  }
  return agree(counts, run, 'vitest')
}

/** @returns {Counts} */
export function countPlaywright(text, run) {
  const report = parse(text)
  if (!Array.isArray(report?.suites)) return unread(run, 'Playwright')
  const counts = { passed: 0, failed: 0, failures: [], skips: [] }
  for (const error of report.errors ?? []) addFailure(counts, 'outside of a test', error.message)
  const walk = (suite, titles) => {
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests ?? []) {
        const title = `${test.projectName}: ${[...titles, spec.title].join(' > ')}`
        const last = test.results?.at(-1)
        if (test.status === 'expected') counts.passed += 1
        else if (test.status === 'skipped') counts.skips.push(withReason(title, skipReason(test)))
        else if (test.status === 'flaky')
          addFailure(counts, `${title} (passed only when repeated)`, firstError(test))
        else addFailure(counts, title, last?.error?.message ?? last?.status)
      }
    }
    for (const inner of suite.suites ?? []) walk(inner, inner.title ? [...titles, inner.title] : titles)
  }
  for (const suite of report.suites) walk(suite, suite.title ? [suite.title] : [])
  return agree(counts, run, 'Playwright')
}

/** The last line of everything. */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

const firstError = (test) => test.results?.find((result) => result.error)?.error?.message
const skipReason = (test) =>
  [...(test.annotations ?? []), ...(test.results?.at(-1)?.annotations ?? [])].find(
    (annotation) => annotation.type === 'skip' || annotation.type === 'fixme',
  )?.description
/** A title may name the reason itself: "… (needs macOS)". */
const withReason = (title, reason) => {
  if (reason) return `${title}: ${reason}`
  return /\(needs [^)]+\)/.test(title) ? title : `${title}: no reason given`
}

/** The counts must fit the exit code: green tests with a red exit mean an error outside of any test. */
function agree(counts, run, tool) {
  if (!run.ok && counts.failed === 0)
    addFailure(counts, `${tool}: ${run.why}`, run.tail.slice(-reasonLines).join('\n'))
  if (run.ok && counts.passed + counts.failed + counts.skips.length === 0)
    addFailure(counts, `${tool} found no test`)
  return counts
}

const unread = (run, tool) =>
  oneCheck(
    false,
    firstLines(`${tool} left no readable report (${run.why})\n${run.tail.slice(-reasonLines).join('\n')}`),
  )

function addFailure(counts, title, reason) {
  counts.failed += 1
  counts.failures.push(reason ? firstLines(`${title}\n${reason}`) : title)
}

function firstLines(text) {
  const lines = stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim())
  return lines
    .slice(0, reasonLines + 1)
    .map((line) => line.slice(0, 300))
    .join('\n')
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
