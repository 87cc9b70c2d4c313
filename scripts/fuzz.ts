import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { loadShellGrammar } from '../main/platform/shell-grammar.ts'
import { createDecoder } from '../main/policy/shell/decode-command.ts'
import { configTargets } from './fuzz/config-targets.ts'
import { randomFrom } from './fuzz/random.ts'
import { ruleTargets } from './fuzz/rule-targets.ts'
import { shellTargets } from './fuzz/shell-targets.ts'
import type { Once, Target } from './fuzz/target.ts'

/**
 * `npm run fuzz [-- --runs N --seed N --from N --minutes N --only NAME --skip-properties]`: the properties of the judge
 * with 10,000 scripts, then inputs that were changed in any way. It ends with 1 at the first input that makes a reader
 * throw, takes more than 50 ms, or gets a wider verdict than it may, and says how to make that input again.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** The number of the first input, to make one again. */
    from: { type: 'string', default: '0' },
    minutes: { type: 'string' },
    only: { type: 'string' },
    'skip-properties': { type: 'boolean', default: false },
  },
})
/** Milliseconds for one input. */
const limit = 50

const [runs, seed, from] = [values.runs, values.seed, values.from].map(Number) as [number, number, number]
const until = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000

if (!values['skip-properties'] && from === 0) {
  console.log('10,000 random scripts, and the other properties of the judge …')
  const root = path.resolve(import.meta.dirname, '..')
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--project', 'unit', 'main/policy/judge-properties.test.ts'],
    { cwd: root, stdio: 'inherit', env: { ...process.env, GATEHOUSE_PROPERTY_RUNS: '10000' } },
  )
  if (status !== 0) process.exit(1)
}

const decode = createDecoder(await loadShellGrammar())
const all = [...configTargets(), ...ruleTargets(decode), ...shellTargets(decode)]
const targets = values.only === undefined ? all : all.filter(({ name }) => name === values.only)
if (targets.length === 0) {
  console.error(`There is no target ${values.only}. There are: ${all.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}

type Worst = { readonly ms: number; readonly index: number; readonly name: string }
let worst: Worst = { ms: 0, index: 0, name: '' }
const started = Date.now()
let told = started
console.log(
  `seed ${seed}, ${runs.toLocaleString('en')} inputs over ${targets.map(({ name }) => name).join(', ')}`,
)

for (const target of targets)
  for (let i = 0; i < 3; i += 1) attempt(target, target.make(randomFrom(seed, -1 - i)))

let done = 0
for (let index = from; done < runs && Date.now() < until; index += 1, done += 1) {
  const target = targets[index % targets.length] as Target
  const input = target.make(randomFrom(seed, index))
  const { ms, problem } = attempt(target, input)
  if (problem !== null) fail(target, index, input, problem)
  if (ms > limit) {
    const again = [1, 2, 3].map(() => attempt(target, input).ms)
    if (again.every((one) => one > limit))
      fail(target, index, input, `It takes ${again.map((one) => one.toFixed(0)).join(', ')} ms.`)
    note(Math.min(...again), index, target.name)
  } else note(ms, index, target.name)
  if (Date.now() - told >= 5000) tell()
}
tell()
console.log('No crash, no hang, nothing wider.')

/**
 * One input, and how long the slowest reading of one text takes: processor or wall time, whichever is less, since a
 * busy machine is nobody's fault.
 */
function attempt(
  target: Target,
  input: readonly string[],
): { readonly ms: number; readonly problem: string | null } {
  let ms = 0
  const once: Once = (run) => {
    const start = performance.now()
    const cpu = process.cpuUsage()
    try {
      return run()
    } finally {
      const used = process.cpuUsage(cpu)
      ms = Math.max(ms, Math.min(performance.now() - start, (used.user + used.system) / 1000))
    }
  }
  try {
    const problem = target.check(input, once)
    return { problem, ms }
  } catch (thrown) {
    const words = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    return { problem: `It throws. ${words}`, ms }
  }
}

function note(ms: number, index: number, name: string): void {
  if (ms > worst.ms) worst = { ms, index, name }
}

function tell(): void {
  told = Date.now()
  const rate = done / Math.max(0.001, (told - started) / 1000)
  console.log(
    `${done.toLocaleString('en').padStart(11)} inputs, ${Math.round(rate).toLocaleString('en')}/s, worst ${worst.ms.toFixed(1)} ms (${worst.name}, ${worst.index})`,
  )
}

function fail(target: Target, index: number, input: readonly string[], problem: string): never {
  console.error(`\n${target.name}, input ${index}: ${problem}`)
  for (const text of input)
    console.error(
      `${JSON.stringify(text.slice(0, 400))}${text.length > 400 ? `… (${text.length} characters)` : ''}`,
    )
  const only = values.only === undefined ? '' : ` --only ${values.only}`
  console.error(`\nAgain: npm run fuzz -- --seed ${seed} --from ${index} --runs 1${only}`)
  process.exit(1)
}
