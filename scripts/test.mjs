import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { build, CannotPrepare, cleanEnv, install, root } from './prepare.mjs'
import { duration, endMarked, runStep, say, stopAll, stopOnSignals } from './run-step.mjs'
import { missingPackages } from './system-packages.mjs'
import { countPlaywright, countVitest, lastLine, oneCheck } from './test-counts.mjs'

/**
 * Every check of the project, in order, each in one line; goes on after a failing one so that all is seen.
 * The last line is always "N passed, N failed" (with ", N skipped" when something was), the exit code 1 when
 * anything failed. Logs are in out/test/.
 */

const help = `npm test [-- options]

  --only a,b   only these steps: types, lint, format, imports, repo, unit, escapes, crash, e2e
  --yes        install missing system packages without asking (also with CI=true)
  --help       this text
`

const limitMs = 24 * 60_000
const minute = 60_000
const logs = path.join(root, 'out/test')
const bin = (name) => path.join('node_modules', '.bin', name)
const report = (name) => path.join(logs, `${name}.json`)
const marker = `GATEHOUSE_TEST_RUN=${randomBytes(9).toString('hex')}`

/** `commands` are run one after the other until one fails; `count` reads the report the last one wrote. */
const steps = [
  {
    id: 'types',
    commands: ['node', 'web', 'e2e'].map((part) => [bin('tsc'), '-p', `tsconfig.${part}.json`]),
    limitMs: 3 * minute,
  },
  { id: 'lint', commands: [[bin('oxlint'), '--type-aware', '--deny-warnings']], limitMs: 3 * minute },
  { id: 'format', commands: [[bin('biome'), 'check', '--linter-enabled=false', '.']], limitMs: minute },
  { id: 'imports', commands: [['node', 'scripts/check-imports.ts']], limitMs: minute },
  { id: 'repo', commands: [['node', 'scripts/check-repo.ts']], limitMs: minute },
  // One fewer than the processors is vitest's own choice, which on a small machine is one.
  { ...vitest('unit', 'unit', {}, ['--maxWorkers=2']), limitMs: 10 * minute },
  { ...vitest('escapes', 'sandbox'), limitMs: 8 * minute },
  // All 50 rounds take ten minutes: npx vitest run --project crash
  {
    ...vitest('crash', 'crash', { GATEHOUSE_CRASH_ROUNDS: process.env.GATEHOUSE_CRASH_ROUNDS ?? '4' }),
    limitMs: 7 * minute,
    needsBuild: true,
  },
  {
    id: 'e2e',
    commands: [[bin('playwright'), 'test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json']],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report('e2e'), PLAYWRIGHT_JSON_OUTPUT_FILE: report('e2e') },
    limitMs: 15 * minute,
    count: countPlaywright,
    needsBuild: true,
  },
]

function vitest(id, project, env = {}, more = []) {
  return {
    id,
    commands: [
      [
        bin('vitest'),
        'run',
        '--project',
        project,
        '--reporter=default',
        '--reporter=./scripts/report-tests.ts',
        ...more,
      ],
    ],
    env: { ...env, GATEHOUSE_TEST_REPORT: report(id) },
    count: countVitest,
  }
}

const flags = readFlags()
const started = Date.now()
const total = { passed: 0, failed: 0, skipped: 0 }
const skips = []
stopOnSignals(() => endMarked(marker, 0))
try {
  if (flags.help) say(help)
  else await everything()
} catch (problem) {
  await stopAll()
  say(problem instanceof Error ? problem.stack : String(problem))
  total.failed += 1
}
if (!flags.help) {
  process.exitCode = total.failed > 0 ? 1 : 0
  say(lastLine(total))
}

async function everything() {
  const chosen = flags.only ? steps.filter((step) => flags.only.includes(step.id)) : steps
  const node = await prepared(() => install({ yes: flags.yes, forTests: true }), 'packages')
  if (node === null) return
  rmSync(logs, { recursive: true, force: true })
  mkdirSync(logs, { recursive: true })
  const built = (await prepared(() => build(node), 'build')) !== null

  for (const step of chosen) {
    const missing =
      step.id === 'e2e' ? missingPackages({ forTests: true }).find((p) => p.debian === 'chromium') : null
    if (step.needsBuild && !built) leaveOut(step, 'the app could not be built')
    else if (missing && process.env.CI !== 'true') leaveOut(step, `${missing.debian} is not installed`)
    else if (Date.now() - started > limitMs)
      count(step.id, oneCheck(false, `not run: ${duration(limitMs)} are over`), 0)
    else await check(step, node.node)
  }
  if (skips.length > 0) say(`\nSkipped:\n${skips.map((line) => `  ${line}`).join('\n')}`)
  say(`\nAll of it took ${duration(Date.now() - started)}. Logs are in out/test/.\n`)
}

/** Preparation counts only when it goes wrong. */
async function prepared(work, name) {
  try {
    return (await work()) ?? true
  } catch (problem) {
    if (!(problem instanceof CannotPrepare)) throw problem
    count(name, oneCheck(false, 'see above'), 0)
    return null
  }
}

async function check(step, node) {
  const env = { ...cleanEnv(), ...step.env, NO_COLOR: '1' }
  env.PATH = `${path.dirname(node)}${path.delimiter}${env.PATH}`
  Object.assign(env, Object.fromEntries([marker.split('=')]))
  let run = { ok: true, why: '', tail: [], ms: 0 }
  let ms = 0
  let log = ''
  for (const [index, [command, ...args]] of step.commands.entries()) {
    log = path.join('out/test', `${step.id}${index > 0 ? `-${index + 1}` : ''}.log`)
    run = await runStep(`running ${step.id}`, command, args, {
      cwd: root,
      env,
      logFile: path.join(root, log),
      limitMs: Math.max(1000, Math.min(step.limitMs, started + limitMs - Date.now())),
    })
    ms += run.ms
    if (!run.ok) break
  }
  const left = await endMarked(marker)
  const result = step.count
    ? step.count(readReport(step.id), run)
    : oneCheck(run.ok, `${run.why}\n${run.tail.slice(-20).join('\n')}`)
  if (left.length > 0)
    result.skips.push(`${step.id} left processes behind, which were ended: ${left.join('; ')}`)
  count(step.id, result, ms, log)
}

function leaveOut(step, why) {
  count(step.id, { passed: 0, failed: 0, failures: [], skips: [`all of ${step.id}: ${why}`] }, 0)
}

function count(id, result, ms, log = '') {
  total.passed += result.passed
  total.failed += result.failed
  total.skipped += result.skips.length
  skips.push(...result.skips)
  const words = lastLine({ passed: result.passed, failed: result.failed, skipped: result.skips.length })
  say(`${id.padEnd(9)}${words.padEnd(38)}${duration(ms).padStart(9)}`)
  for (const failure of result.failures.slice(0, 20)) say(`  x ${failure.replaceAll('\n', '\n    ')}`)
  if (result.failures.length > 20) say(`  and ${result.failures.length - 20} more`)
  if (result.failed > 0 && log) say(`  log: ${log}`)
}

function readReport(id) {
  try {
    return readFileSync(report(id), 'utf8')
  } catch {
    return ''
  }
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        yes: { type: 'boolean', short: 'y', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const only = values.only?.split(',').map((id) => id.trim()) ?? null
    const unknown = only?.filter((id) => !steps.some((step) => step.id === id)) ?? []
    if (unknown.length > 0)
      throw new Error(`--only ${unknown.join(',')}: the steps are ${steps.map((s) => s.id).join(', ')}`)
    return { only, yes: values.yes || process.env.CI === 'true', help: values.help }
  } catch (problem) {
    say(problem instanceof Error ? problem.message : String(problem))
    process.exit(2)
  }
}
