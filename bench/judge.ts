import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ruleLookupOf } from '../main/host/policy/rule-lookup-of.ts'
import { loadShellGrammar } from '../main/platform/shell-grammar.ts'
import { noFacts } from '../main/policy/action-facts.ts'
import { judgeCommand } from '../main/policy/judge-command.ts'
import { judgeHost } from '../main/policy/network/judge-host.ts'
import { hostRulesOf } from '../main/policy/network/network-rules.ts'
import { compileRules } from '../main/policy/rules/compile-rules.ts'
import { matchRules } from '../main/policy/rules/match-rules.ts'
import { parseRules } from '../main/policy/rules/parse-rules.ts'
import { createDecoder } from '../main/policy/shell/decode-command.ts'
import { settingsOf } from '../protocol/settings.ts'
import { median, type Result, type Sample } from './measure.ts'
import { scratch } from './support.ts'

const counts = [1, 100, 1000]
const argv = ['git', 'push', 'origin', 'main']
const script = 'cd src && npm test && git add -A; git commit -m "one two" | tail -5'
const cwd = '/home/dana/project'

/**
 * Judgements against 1, 100 and 1,000 rules: an argument list against the rules alone, the whole judgement of it with
 * its path of reasoning, of a shell script of five commands, and of a host. Beside `codex execpolicy check`, which is
 * a process for each check, where it is on the PATH or named by GATEHOUSE_BENCH_CODEX.
 */
export async function judge(): Promise<readonly Result[]> {
  const decode = createDecoder(await loadShellGrammar())
  const settings = settingsOf('auto')
  const codex = findCodex()
  const jobs: Job[] = []
  for (const count of counts) {
    const text = rulesText(count)
    const set = parseRules([{ file: '/home/dana/.gatehouse/rules/a.rules', text }])
    const compiled = compileRules(set)
    const rules = { set, compiled, managed: new Set<string>(), ofFolder: new Set<string>(), digest: '' }
    const lookup = () => ruleLookupOf(rules, cwd, 0)
    const at = { resolveHostExecutables: true, strict: true, cwd, nowMs: 0 }
    const action = { kind: 'command' as const, argv, script: null, cwd, escalation: null }
    const line = { ...action, argv: ['bash', '-lc', script], script }
    const judgeLine = (of: typeof line | typeof action) =>
      judgeCommand(of, decode(of.argv), noFacts, settings, lookup())
    if (judgeLine(action).verdict.kind !== 'review' || decode(line.argv).parts.length !== 5)
      throw new Error('The bench does not measure what it says; look at its rules and its script.')

    const process = codex === null ? null : codexTimes(codex, text)
    jobs.push(
      {
        what: 'match an argv',
        count,
        run: () => matchRules(compiled, argv, at),
        wanted: 50_000,
        codex: process,
      },
      { what: 'judge an argv', count, run: () => judgeLine(action), wanted: 50_000, codex: process },
      {
        what: 'judge a five-command script',
        count,
        run: () => judgeLine(line),
        wanted: 5_000,
        codex: process,
      },
    )
    const hosts = hostRulesOf(networkRules(count))
    const facts = { allowLocalBinding: false, addresses: ['93.184.215.14'], lookup: 'ok' as const }
    const target = { host: 'registry.npmjs.org', port: 443, protocol: 'https' as const }
    const host = () => judgeHost(target, hosts, facts)
    jobs.push({ what: 'judge a host', count, run: host, wanted: 50_000, codex: null })
  }
  for (const { run } of jobs) spend(400, run)
  return jobs.map((job) => resultOf(job, jobs, codex !== null))
}

type Job = {
  readonly what: string
  /** Rules. */
  readonly count: number
  readonly run: () => unknown
  /** The budget, per second. */
  readonly wanted: number
  /** The same question asked of Codex; null: it was not asked. */
  readonly codex: Sample | null
  sample?: Sample
}

function resultOf(job: Job, jobs: readonly Job[], installed: boolean): Result {
  const { what, count, wanted, codex } = job
  const sample = cpuTimes(job.run)
  job.sample = sample
  const first = jobs.find((other) => other.what === what)?.sample
  const baseline =
    codex !== null
      ? { name: 'codex execpolicy check', sample: codex }
      : first && count > 1
        ? { name: '1 rule', sample: first }
        : null
  return {
    name: `${what}, ${count.toLocaleString('en')} ${count === 1 ? 'rule' : 'rules'}`,
    sample,
    unit: 'perSecond',
    baseline,
    budget: `≥ ${wanted.toLocaleString('en')}/s${installed ? '' : '; codex not installed'}`,
    met: 1000 / median(sample) >= wanted,
  }
}

/** The one that matches, and others as a team has them: a few dozen programs with many subcommands each. */
const rulesText = (count: number): string =>
  Array.from({ length: count }, (_, i) =>
    i === 0
      ? 'prefix_rule(pattern=["git", "push"], decision="prompt", justification="look first")'
      : `prefix_rule(pattern=["tool${i % 40}", ["sub${i}", "other${i}"]], decision="${i % 3 === 0 ? 'prompt' : 'allow'}")`,
  ).join('\n')

const networkRules = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    kind: 'network' as const,
    host: i === 0 ? 'registry.npmjs.org' : i % 2 === 0 ? `*.host${i}.example.com` : `host${i}.example.com`,
    protocol: 'https' as const,
    decision: i % 3 === 1 ? ('deny' as const) : ('allow' as const),
    justification: null,
    place: { file: 'a.rules', line: i + 1, column: 1 },
    range: { from: 0, to: 0 },
  }))

/** Milliseconds of processor time of this process so far. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Runs it for so many milliseconds of processor time, so that the compiler is done with it. */
function spend(ms: number, run: () => unknown): void {
  for (const until = cpuMs() + ms; cpuMs() < until; ) run()
}

/** Milliseconds of processor time for one run, as means of many; so a busy machine changes little. */
const cpuTimes = (run: () => unknown): Sample =>
  Array.from({ length: 20 }, () => {
    const start = cpuMs()
    let done = 0
    for (; cpuMs() - start < 20; done += 50) for (let i = 0; i < 50; i++) run()
    return (cpuMs() - start) / done
  })

/** The program, or null when it is not installed. */
function findCodex(): string | null {
  const named = process.env['GATEHOUSE_BENCH_CODEX']
  if (named !== undefined && named !== '') return named
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  return folders.map((folder) => path.join(folder, 'codex')).find((file) => existsSync(file)) ?? null
}

/** The same question to Codex: a process each time, from its start to its end. */
function codexTimes(codex: string, rules: string): Sample {
  const home = scratch()
  try {
    const file = path.join(home.path, 'a.rules')
    writeFileSync(file, rules)
    const args = ['execpolicy', 'check', '--rules', file, '--', ...argv]
    return Array.from({ length: 10 }, () => {
      const start = performance.now()
      const said = execFileSync(codex, args, {
        encoding: 'utf8',
        env: { ...process.env, CODEX_HOME: home.path },
      })
      if (!said.includes('"prompt"')) throw new Error(`codex answers otherwise: ${said.slice(0, 200)}`)
      return performance.now() - start
    })
  } finally {
    home.remove()
  }
}
