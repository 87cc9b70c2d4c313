import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CommandAction } from '../../protocol/action.ts'
import { type Granular, type Settings, settingsOf } from '../../protocol/settings.ts'
import { escalation } from '../testing/builders.ts'
import { decode } from '../testing/decoder.ts'
import { lookupOf } from '../testing/lookup-of.ts'
import { noFacts } from './action-facts.ts'
import { judgeAction } from './judge-action.ts'
import { parseGatehouseRules } from './rules/gatehouse-rules.ts'
import type { GatehouseRule, PrefixRule, RuleDecision } from './rules/rule.ts'

/** Scripts of the longest property; `npm run fuzz` asks for more. */
const scripts = Number(process.env['GATEHOUSE_PROPERTY_RUNS'] ?? 2_000)
const runs = Math.ceil(scripts * 0.15)

type Rule = PrefixRule | GatehouseRule

const place = { file: 'a.rules', line: 1, column: 1 }
const range = { from: 0, to: 0 }
const program = fc.constantFrom('git', 'rm', 'make', 'cat', 'ls', 'sudo', 'python3')
const word = fc.constantFrom('push', 'status', '-f', '-rf', 'x', '--force', '-c', 'main')
const decision = fc.constantFrom<RuleDecision>('allow', 'prompt', 'forbidden')
const restricting = fc.constantFrom<RuleDecision>('prompt', 'forbidden')

const prefixRule = (decisions: fc.Arbitrary<RuleDecision>): fc.Arbitrary<Rule> =>
  fc
    .record({
      head: program,
      rest: fc.array(fc.uniqueArray(word, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
      decision: decisions,
      anyCase: fc.boolean(),
    })
    .map(({ head, rest, ...more }) => ({
      kind: 'prefix',
      pattern: [[head], ...rest],
      justification: null,
      match: [],
      notMatch: [],
      place,
      range,
      ...more,
    }))

const token = fc.oneof(
  word.map((text) => ({ kind: 'fixed' as const, text })),
  fc.uniqueArray(word, { minLength: 1, maxLength: 2 }).map((texts) => ({ kind: 'oneOf' as const, texts })),
  fc.constantFrom({ kind: 'any' as const, except: [] }, { kind: 'any' as const, except: ['m*'] }),
)

const gatehouseRule = (decisions: fc.Arbitrary<RuleDecision>): fc.Arbitrary<Rule> =>
  fc
    .record({
      id: fc.integer({ min: 0, max: 9 }).map((n) => `r${n}`),
      decision: decisions,
      subject: fc.oneof(
        fc.record({
          kind: fc.constant('command' as const),
          tokens: fc
            .tuple(
              program.map((text) => ({ kind: 'fixed' as const, text })),
              fc.array(token, { maxLength: 2 }),
            )
            .map(([head, rest]) => [head, ...rest]),
          openEnd: fc.boolean(),
        }),
        fc.record({ kind: fc.constant('write' as const), path: fc.constantFrom('/out', '/w', '/w/.git') }),
      ),
      where: fc.constantFrom(null, '/w', '/elsewhere'),
      runs: fc.constantFrom('sandbox' as const, 'asAsked' as const),
      endsAtMs: fc.constantFrom(null, 1, 100),
    })
    .map((rule) => ({
      kind: 'gatehouse',
      createdAtMs: 0,
      note: null,
      reviewed: true,
      match: [],
      notMatch: [],
      place,
      range,
      ...rule,
    }))

const rule = fc.oneof(prefixRule(decision), gatehouseRule(decision))
const restriction = fc.oneof(prefixRule(restricting), gatehouseRule(restricting))

const granular: fc.Arbitrary<Granular> = fc.record({
  sandboxApproval: fc.boolean(),
  rules: fc.boolean(),
  mcpElicitations: fc.boolean(),
  requestPermissions: fc.boolean(),
  skillApproval: fc.boolean(),
})
const settings: fc.Arbitrary<Settings> = fc
  .record({
    sandboxMode: fc.constantFrom<Settings['sandboxMode'][]>(
      'read-only',
      'workspace-write',
      'danger-full-access',
    ),
    approvalPolicy: fc.constantFrom<Settings['approvalPolicy'][]>(
      'untrusted',
      'on-request',
      'granular',
      'never',
    ),
    switches: granular,
  })
  .map(({ switches, ...more }) => ({
    ...more,
    ...(more.approvalPolicy === 'granular' ? { granular: switches } : {}),
    preset: null,
    leaseEndsAtMs: null,
    extraWritableRoots: [],
    deniedReads: [],
  }))

/** A part that stands alone as a script. */
const simple = fc
  .record({
    head: fc.oneof(
      { weight: 6, arbitrary: program },
      fc.constantFrom('/usr/bin/git', '"rm"', 'bash', 'curl', '$p', 'perl -e 1'),
    ),
    words: fc.array(
      fc.oneof({ weight: 5, arbitrary: word }, fc.constantFrom('"a b"', '$v', '*.c', '"$(git status)"', '~')),
      { maxLength: 3 },
    ),
    behind: fc.oneof(
      { weight: 4, arbitrary: fc.constant('') },
      fc.constantFrom(' > o', ' 2>&1', ' > /dev/null', ' <<< h', " <<'E'\nx\nE\n"),
    ),
    before: fc.oneof({ weight: 5, arbitrary: fc.constant('') }, fc.constantFrom('X=1 ', 'LD_PRELOAD=x ')),
  })
  .map(({ head, words, behind, before }) => `${before}${[head, ...words].join(' ')}${behind}`)

const joined = (texts: readonly string[], by: string): string =>
  // What follows a here-document begins on a line of its own.
  texts.some((text) => text.endsWith('\n')) ? texts.map((t) => `{ ${t}\n}`).join(by) : texts.join(by)

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
/** A script made of parts, and the parts. */
type Made = { readonly text: string; readonly parts: readonly string[] }
const wrappers: readonly ((text: string) => string)[] = [
  (t) => t,
  (t) => `(${t}\n)`,
  (t) => `{ ${t}\n}`,
  (t) => `if ${t}\nthen ls\nfi`,
  (t) => `for i in a b; do ${t}\ndone`,
  (t) => `f() { ${t}\n}`,
  (t) => `bash -c ${quote(t)}`,
  (t) => `echo "$(${t}\n)"`,
  (t) => `eval ${quote(t)}`,
  (t) => `sudo sh -c ${quote(t)}`,
  (t) => `timeout 5 bash -c ${quote(t)}`,
  (t) => `time { ${t}\n}`,
]
const list: fc.Arbitrary<Made> = fc
  .record({
    parts: fc.array(simple, { minLength: 1, maxLength: 4 }),
    by: fc.constantFrom(' && ', ' || ', '; ', '\n', ' | ', ' & '),
    wrap: fc.constantFrom(...wrappers),
  })
  .map(({ parts, by, wrap }) => ({ text: wrap(joined(parts, by)), parts }))
const script: fc.Arbitrary<Made> = fc.oneof(
  { weight: 4, arbitrary: list },
  fc
    .tuple(list, list)
    .map(([a, b]) => ({ text: joined([a.text, b.text], '\n'), parts: [...a.parts, ...b.parts] })),
)

const asked = fc.constantFrom(
  null,
  escalation({ unsandboxed: true }),
  escalation({ writePaths: ['/out/f'] }, { source: 'observed' }),
  escalation({ network: true }),
)

const actionOf = (text: string, wants: CommandAction['escalation']): CommandAction => ({
  kind: 'command',
  argv: ['bash', '-c', text],
  script: text,
  cwd: '/w',
  escalation: wants,
})

const rank = { run: 0, review: 1, forbid: 2 } as const

/** How much room a judgement gives: a question gives less than a run, and a run with a grant more than one without. */
function room(
  text: string,
  wants: CommandAction['escalation'],
  under: Settings,
  rules: ReturnType<typeof lookupOf>,
): readonly [number, string] {
  const { verdict, grant } = judgeAction(actionOf(text, wants), noFacts, { settings: under, rules, decode })
  return [rank[verdict.kind], JSON.stringify(grant)]
}

test('one more prompt or forbidden rule never widens a verdict', () => {
  fc.assert(
    fc.property(
      script,
      asked,
      settings,
      fc.array(rule, { maxLength: 5 }),
      restriction,
      (s, wants, under, rules, more) => {
        const [before, grant] = room(s.text, wants, under, lookupOf(rules))
        const [after, grantAfter] = room(s.text, wants, under, lookupOf([...rules, more]))
        expect(after).toBeGreaterThanOrEqual(before)
        if (after === 0) expect(grantAfter).toBe(grant)
      },
    ),
    { numRuns: runs },
  )
})

test('one more rule of an administrator never widens a verdict, and no rule of a person lifts it', () => {
  const managed = prefixRule(restricting).map(
    (r) => ({ ...r, place: { ...place, file: 'requirements.toml' } }) as PrefixRule,
  )
  fc.assert(
    fc.property(
      script,
      asked,
      settings,
      fc.array(rule, { maxLength: 5 }),
      managed,
      (s, wants, under, rules, more) => {
        const alone = room(s.text, wants, under, lookupOf([], [more]))[0]
        const before = room(s.text, wants, under, lookupOf(rules))[0]
        const after = room(s.text, wants, under, lookupOf(rules, [more]))[0]
        expect(after).toBeGreaterThanOrEqual(before)
        // Where the rule of the administrator speaks, allow rules change nothing.
        const without = room(s.text, wants, under, lookupOf([]))[0]
        if (alone > without) expect(after).toBeGreaterThanOrEqual(alone)
      },
    ),
    { numRuns: runs },
  )
})

test('the order of rules changes neither verdict nor grant', () => {
  const shuffled = fc
    .array(rule, { minLength: 2, maxLength: 6 })
    .chain((rules) => fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length })))
  fc.assert(
    fc.property(script, asked, settings, shuffled, (s, wants, under, [rules, others]) => {
      expect(room(s.text, wants, under, lookupOf(others))).toEqual(
        room(s.text, wants, under, lookupOf(rules)),
      )
    }),
    { numRuns: runs },
  )
})

test(`no script of ${scripts} gets a wider verdict than the strictest of its parts`, {
  timeout: 600_000,
}, () => {
  fc.assert(
    fc.property(script, asked, settings, fc.array(rule, { maxLength: 5 }), (s, wants, under, rules) => {
      const lookup = lookupOf(rules)
      const whole = room(s.text, wants, under, lookup)[0]
      for (const part of s.parts) {
        const alone = room(part, wants, under, lookup)[0]
        expect([part, whole >= alone]).toEqual([part, true])
      }
    }),
    { numRuns: scripts },
  )
})

test('untrusted is never wider than on-request, and neither is never when it comes to rules', () => {
  fc.assert(
    fc.property(script, asked, settings, fc.array(rule, { maxLength: 5 }), (s, wants, under, rules) => {
      const lookup = lookupOf(rules)
      const of = (approvalPolicy: Settings['approvalPolicy']): number =>
        room(s.text, wants, { ...under, approvalPolicy }, lookup)[0]
      expect(of('untrusted')).toBeGreaterThanOrEqual(of('on-request'))
      // Nobody is there to ask.
      expect(of('never')).not.toBe(rank.review)
    }),
    { numRuns: runs },
  )
})

test('edits: one more prompt or forbidden rule never widens, and order never matters', () => {
  const writes = fc.array(gatehouseRule(decision), { maxLength: 5 })
  const path = fc.constantFrom('/w/a', '/w/.git/config', '/out/f')
  fc.assert(
    fc.property(path, settings, writes, gatehouseRule(restricting), (target, under, rules, more) => {
      const of = (lookup: ReturnType<typeof lookupOf>): number => {
        const edits = [
          { path: target, change: 'update' as const, added: 1, removed: 1, diff: '', content: '' },
        ]
        const facts = {
          ...noFacts,
          protectedPath: target.includes('.git') ? target : null,
          outsidePath: target.startsWith('/w/') ? null : target,
        }
        const action = { kind: 'fileChange' as const, edits, cwd: '/w', escalation: null }
        return rank[judgeAction(action, facts, { settings: under, rules: lookup, decode }).verdict.kind]
      }
      expect(of(lookupOf([...rules, more]))).toBeGreaterThanOrEqual(of(lookupOf(rules)))
      expect(of(lookupOf(rules.toReversed()))).toBe(of(lookupOf(rules)))
    }),
    { numRuns: runs },
  )
})

const rulesOf = (...rules: readonly Record<string, unknown>[]): readonly Rule[] =>
  parseGatehouseRules({ gatehouse: { rules } }, '', 'gatehouse.toml').rules
const auto: Settings = settingsOf('auto')
const noLeaving: Settings = {
  ...auto,
  approvalPolicy: 'granular',
  granular: {
    sandboxApproval: false,
    rules: true,
    mcpElicitations: false,
    requestPermissions: false,
    skillApproval: false,
  },
}
const out = escalation({ writePaths: ['/out/f'] })

// Each of these was wider once than it should be.
// prettier-ignore
test.each<[string, string, CommandAction['escalation'], Settings, readonly Rule[], number]>([
  [
    'a delete that is allowed by force lifts only itself',
    'rm -rf a && rm -f x',
    null,
    auto,
    rulesOf({ id: 'a', decision: 'allow', command: ['rm', '-f', 'x'] }),
    rank.review,
  ],
  [
    'a rule that asks makes no question of what nobody is asked about',
    'make',
    out,
    noLeaving,
    rulesOf({ id: 'a', decision: 'prompt', command: ['make'] }),
    rank.forbid,
  ],
  ['neither does a command that cannot be read', '$x', out, noLeaving, [], rank.forbid],
  [
    'a path that is closed stays closed for an allowed command',
    'make',
    out,
    auto,
    rulesOf(
      { id: 'a', decision: 'allow', command: ['make'], runs: 'as-asked' },
      { id: 'b', decision: 'forbidden', write: '/out' },
    ),
    rank.forbid,
  ],
  [
    'a path that asks still asks for an allowed command',
    'make',
    { ...out, source: 'observed' },
    auto,
    rulesOf(
      { id: 'a', decision: 'allow', command: ['make'], runs: 'as-asked' },
      { id: 'b', decision: 'prompt', write: '/out' },
    ),
    rank.review,
  ],
  [
    'of two rules that say the same, the one that gives what was asked counts',
    'make',
    out,
    auto,
    rulesOf(
      { id: 'a', decision: 'allow', command: ['make'] },
      { id: 'b', decision: 'allow', command: ['make'], runs: 'as-asked' },
    ),
    rank.run,
  ],
])('%s', (_title, text, wants, under, rules, expected) => {
  expect(room(text, wants, under, lookupOf(rules))[0]).toBe(expected)
  expect(room(text, wants, under, lookupOf(rules.toReversed()))).toEqual(
    room(text, wants, under, lookupOf(rules)),
  )
})
