import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildWith, cleanUp, tryRows } from './weaken-build.ts'
import { keep, load, noResults, seenFailing, summary } from './weaken-results.ts'
import { weakenings } from './weakenings.ts'

/**
 * Shows that the rows of e2e/sandbox can fail: builds the sandbox worse in many ways, and runs against each build the
 * rows that no build before has failed. `npm run weaken -- [--only WORDS] [--rows WORDS] [--every] [--summary]`
 *
 *   --only WORDS   only builds whose name holds the words; what others showed before is kept
 *   --rows WORDS   only rows whose full name ("as root …") holds the words
 *   --every        also rows that were seen failing already
 *   --summary      prints what is kept in out/weaken/results.json, and runs nothing
 *
 * Without words it begins anew. Ends with 1 when a row fails although the sandbox is as it should be, or when a row was
 * seen failing with no build and does not say why.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rows: { type: 'string' },
    every: { type: 'boolean', default: false },
    summary: { type: 'boolean', default: false },
  },
})
const root = path.resolve(import.meta.dirname, '..')
const folder = path.join(root, 'out/weaken')
const anew = !values.only && !values.rows && !values.summary && !values.every
const results = anew ? noResults() : load(folder)

if (!values.summary) {
  if (results.asItIs.length === 0) {
    results.asItIs = tryRows(buildWith(root, folder, null), null)
    keep(folder, results)
    const failed = results.asItIs.filter((row) => !row.passed)
    console.log(`as it is: ${results.asItIs.length} rows, ${failed.length} failed`)
    for (const { name, words } of failed) console.log(`  ${name}: ${words}`)
  }
  for (const weakening of weakenings.filter(({ name }) => name.includes(values.only ?? ''))) {
    const seen = seenFailing(results)
    const names = results.asItIs
      .map(({ name }) => name)
      .filter((name) => name.includes(values.rows ?? '') && (values.every || !seen.has(name)))
      .filter((name) => weakening.rows?.test(name) ?? true)
    if (names.length === 0) continue
    const tried = tryRows(buildWith(root, folder, weakening), names)
    const before = (results.builds[weakening.name] ?? []).filter(({ name }) => !names.includes(name))
    results.builds[weakening.name] = [...before, ...tried]
    keep(folder, results)
    const noticed = tried.filter((row) => row.noticed).length
    console.log(`${weakening.name}: ${noticed} of ${tried.length} rows notice`)
  }
  cleanUp(folder)
}
const { lines, good } = summary(results)
for (const line of lines) console.log(line)
process.exitCode = good ? 0 : 1
