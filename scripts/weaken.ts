import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type Weakening, weakenings } from './weakenings.ts'

/**
 * Shows that the rows of e2e/sandbox can fail: builds the sandbox worse in several ways, runs every row against each,
 * and lists the rows that never noticed. `node scripts/weaken.ts [--only WORDS] [--rows WORDS]`
 *
 * Copies stand in out/weaken/. Rows whose attempt would harm the machine if it worked are left out.
 */
const root = path.resolve(import.meta.dirname, '..')
const { values } = parseArgs({ options: { only: { type: 'string' }, rows: { type: 'string' } } })

const parts = [
  'main',
  'protocol',
  'native-sandbox',
  'e2e/sandbox',
  'scripts',
  'fixtures',
  'package.json',
  'vitest.config.ts',
  'tsconfig.json',
  'tsconfig.node.json',
  'tsconfig.e2e.json',
]

/** Full names of rows that failed and of all rows that ran. */
function run(folder: string): { failed: Set<string>; all: Set<string> } {
  const report = path.join(folder, 'report.json')
  rmSync(report, { force: true })
  spawnSync(
    path.join(root, 'node_modules/.bin/vitest'),
    [
      'run',
      '--project',
      'sandbox',
      'e2e/sandbox/escapes.test.ts',
      '--reporter=json',
      `--outputFile=${report}`,
      ...(values.rows ? ['-t', values.rows] : []),
    ],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, GATEHOUSE_ROWS_HARMLESS: '1' },
    },
  )
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: { fullName: string; status: string }[] }[]
  }
  const tests = testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status !== 'skipped')
  return {
    failed: new Set(tests.filter((test) => test.status === 'failed').map((test) => test.fullName)),
    all: new Set(tests.map((test) => test.fullName)),
  }
}

function copyOf(weakening: Weakening | null): string {
  const folder = path.join(
    root,
    'out/weaken',
    weakening ? weakening.name.replaceAll(/[^a-z]+/g, '-') : 'as-it-is',
  )
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const part of parts) cpSync(path.join(root, part), path.join(folder, part), { recursive: true })
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  for (const { file, from, to } of weakening?.changes ?? []) {
    const at = path.join(folder, file)
    const text = readFileSync(at, 'utf8')
    if (text.split(from).length !== 2) throw new Error(`${file} does not hold exactly once: ${from}`)
    writeFileSync(
      at,
      text.replace(from, () => to),
    )
  }
  return folder
}

const asItIs = run(copyOf(null))
console.log(`as it is: ${asItIs.all.size} rows, ${asItIs.failed.size} failed`)
const noticed = new Set<string>()
for (const weakening of weakenings.filter(({ name }) => !values.only || name.includes(values.only))) {
  const { failed, all } = run(copyOf(weakening))
  for (const name of failed) noticed.add(name)
  console.log(`${weakening.name}: ${failed.size} of ${all.size} rows notice`)
}
const silent = [...asItIs.all].filter((name) => !noticed.has(name))
console.log(`\n${noticed.size} of ${asItIs.all.size} rows were seen failing; ${silent.length} were not:`)
for (const name of silent) console.log(`  ${name}`)
process.exitCode = asItIs.failed.size > 0 ? 1 : 0
