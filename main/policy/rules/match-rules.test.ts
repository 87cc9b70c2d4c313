import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileRules } from './compile-rules.ts'
import { strictest } from './match-prefix.ts'
import { matchRules } from './match-rules.ts'
import { matchWords } from './match-words.ts'
import { matchWrites } from './match-writes.ts'
import { parseRules } from './parse-rules.ts'
import { type GatehouseRule, noRules, type RuleDecision, type RuleSet, type TokenPattern } from './rule.ts'

const set = (text: string): RuleSet => parseRules([{ file: 'a.rules', text }])
const base = { resolveHostExecutables: true, strict: false, cwd: '/w', nowMs: 1000 }

const gatehouse = (
  tokens: readonly (string | TokenPattern)[],
  more: Partial<GatehouseRule> & { readonly openEnd?: boolean } = {},
): GatehouseRule => ({
  kind: 'gatehouse',
  id: 'g',
  decision: 'allow',
  subject: {
    kind: 'command',
    tokens: tokens.map((token) => (typeof token === 'string' ? { kind: 'fixed', text: token } : token)),
    openEnd: more.openEnd ?? false,
  },
  where: null,
  runs: 'sandbox',
  endsAtMs: null,
  createdAtMs: 0,
  note: null,
  reviewed: true,
  match: [],
  notMatch: [],
  place: { file: 'gatehouse.toml', line: 1, column: 1 },
  range: { from: 0, to: 0 },
  ...more,
})
const any = (...except: readonly string[]): TokenPattern => ({ kind: 'any', except })

function decide(rules: RuleSet, argv: readonly string[], more: Partial<typeof base> = {}): string {
  return matchRules(compileRules(rules), argv, { ...base, ...more })
    .matches.map(
      ({ rule, resolvedProgram }) => `${rule.decision}${resolvedProgram ? ` ${resolvedProgram}` : ''}`,
    )
    .join(', ')
}

describe('programs by path', () => {
  const git = set(
    'prefix_rule(["git"], decision="prompt")\nprefix_rule(["/bin/git"])\nhost_executable("git", ["/usr/bin/git"])',
  )
  test.each([
    ['the name', 'git', {}, 'prompt'],
    ['a listed path', '/usr/bin/git', {}, 'prompt /usr/bin/git'],
    ['a listed path spelled oddly', '/usr/bin/./x/../git', {}, 'prompt /usr/bin/git'],
    ['another path', '/tmp/git', {}, ''],
    ['another path, read strictly', '/tmp/git', { strict: true }, 'prompt /tmp/git'],
    ['a path with a rule of its own', '/bin/git', {}, 'allow'],
    ['a path with a rule of its own, read strictly', '/bin/git', { strict: true }, 'prompt /bin/git, allow'],
    ['a relative path', './git', {}, ''],
    ['a relative path that leads to a listed one', '../usr/bin/git', {}, 'prompt /usr/bin/git'],
    ['a relative path without a folder', './git', { cwd: null, strict: true }, 'prompt ./git'],
    ['nothing resolved', '/usr/bin/git', { resolveHostExecutables: false }, ''],
    ['a folder', '/usr/bin/', {}, ''],
  ])('%s', (_title, program, more, expected) => {
    expect(decide(git, [program], more as Partial<typeof base>)).toBe(expected)
  })
})

describe('Gatehouse rules', () => {
  const rules = (...gatehouseRules: readonly GatehouseRule[]): RuleSet => ({
    ...noRules,
    gatehouse: gatehouseRules,
  })
  const push = gatehouse(['git', 'push', 'origin', any('main', 'release/*')])
  test.each([
    ['a branch', 'git push origin fix/x', 'allow'],
    ['an excluded branch', 'git push origin main', ''],
    ['an excluded branch in other case', 'git push origin Main', ''],
    ['an excluded branch as a target', 'git push origin HEAD:main', ''],
    ['an excluded branch by its full name', 'git push origin HEAD:refs/heads/release/1', ''],
    ['an option in place of the branch', 'git push origin --force', ''],
    ['a forced branch', 'git push origin +fix', ''],
    ['a deleted branch', 'git push origin :fix', ''],
    ['one word more', 'git push origin fix --force', ''],
    ['one word less', 'git push origin', ''],
    ['another remote', 'git push fork fix', ''],
    ['another program of that name', './git push origin fix', ''],
  ])('a closed grant and %s', (_title, command, expected) => {
    expect(decide(rules(push), command.split(' '))).toBe(expected)
  })

  test('an empty word is not "anything"', () => {
    expect(decide(rules(push), ['git', 'push', 'origin', ''])).toBe('')
  })

  test('an open end takes whatever follows', () => {
    const open = rules(gatehouse(['make', 'test'], { openEnd: true }))
    expect(decide(open, ['make', 'test', '-j', '8'])).toBe('allow')
    expect(decide(open, ['make'])).toBe('')
  })

  test('a restriction holds for the program at any path, and for options', () => {
    const forbid = rules(gatehouse(['git', any('status')], { decision: 'forbidden', openEnd: true }))
    expect(decide(forbid, ['/x/git', '--force', 'a'])).toBe('forbidden')
    expect(decide(forbid, ['git', 'status'])).toBe('')
  })

  test.each([
    ['in its folder', { where: '/w' }, { cwd: '/w' }, 'allow'],
    ['below it', { where: '/w' }, { cwd: '/w/sub' }, 'allow'],
    ['beside it', { where: '/w' }, { cwd: '/wx' }, ''],
    ['above it by dots', { where: '/w' }, { cwd: '/w/../x' }, ''],
    ['in an unknown folder', { where: '/w' }, { cwd: null }, ''],
    ['an unknown folder, restricting', { where: '/w', decision: 'prompt' }, { cwd: null }, 'prompt'],
    ['before its end', { endsAtMs: 1001 }, {}, 'allow'],
    ['at its end', { endsAtMs: 1000 }, {}, ''],
    ['with an unknown clock', { endsAtMs: 1001 }, { nowMs: Number.NaN }, ''],
    [
      'with an unknown clock, restricting',
      { endsAtMs: 1, decision: 'prompt' },
      { nowMs: Number.NaN },
      'prompt',
    ],
  ])('where and until when: %s', (_title, rule, more, expected) => {
    const made = gatehouse(['make'], rule as Partial<GatehouseRule>)
    expect(decide(rules(made), ['make'], more as Partial<typeof base>)).toBe(expected)
  })

  test('rules about writing speak for a path and what is below', () => {
    const write = gatehouse([], { subject: { kind: 'write', path: '/data/out' } })
    const compiled = compileRules(rules(write))
    expect(
      ['/data/out', '/data/out/a', '/data/outer', '/data/out/../x'].map(
        (path) => matchWrites(compiled, path, base).length,
      ),
    ).toEqual([1, 1, 0, 0])
    expect(decide(rules(write), ['/data/out'])).toBe('')
  })
})

describe('commands with words that are only known at run time', () => {
  const rules: RuleSet = {
    ...set(
      'prefix_rule(["git", "push"], decision="forbidden")\nprefix_rule(["git"])\nprefix_rule([["rm", "dd"]], decision="prompt")\nprefix_rule(["Az"], decision="prompt", canonical_matching=True)',
    ),
    gatehouse: [gatehouse(['make', 'x'], { decision: 'prompt' })],
  }
  test.each([
    ['nothing unknown', ['git', 'push', 'x'], 'forbidden'],
    ['an unknown tail', ['git', 'push', null], 'forbidden'],
    ['an unknown second word', ['git', null], 'forbidden?'],
    ['an unknown word in front', ['git', null, 'status'], 'forbidden?'],
    ['another second word', ['git', 'status', null], ''],
    ['an unknown program', [null, 'x'], 'forbidden? prompt? prompt? prompt? prompt?'],
    ['a path', ['/x/rm', null], 'prompt'],
    ['another case', ['aZ', null], 'prompt'],
    ['a closed rule', ['make', 'x'], 'prompt'],
    ['a closed rule and a word that may be none', ['make', 'x', null], 'prompt?'],
    ['a closed rule and one word more', ['make', 'x', 'y'], ''],
    ['nothing', [], ''],
  ])('%s', (_title, words, expected) => {
    const { matches } = matchWords(compileRules(rules), words, base)
    expect(matches.map(({ rule, certain }) => `${rule.decision}${certain ? '' : '?'}`).join(' ')).toBe(
      expected,
    )
  })

  test('an unknown program may be what a broken file speaks of', () => {
    const broken = { ...noRules, broken: [{ file: 'b.rules', suspects: new Set(['git']) }] }
    const by = (...words: readonly (string | null)[]): readonly string[] =>
      matchWords(compileRules(broken), words, base).brokenBy
    expect([by(null), by('git'), by('GIT'), by('hg')]).toEqual([['b.rules'], ['b.rules'], ['b.rules'], []])
  })
})

const token = fc.constantFrom('a', 'b', 'c', '/x/a', '-f', '')
const rule = fc.record({
  pattern: fc.array(
    fc.oneof(
      token.map((one) => [one]),
      fc.array(token, { minLength: 1, maxLength: 3 }),
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  decision: fc.constantFrom<RuleDecision>('allow', 'prompt', 'forbidden'),
})
const ruleSet = (
  rules: readonly { pattern: readonly (readonly string[])[]; decision: RuleDecision }[],
): RuleSet =>
  set(rules.map((one) => `prefix_rule(${JSON.stringify(one.pattern)}, "${one.decision}")`).join('\n'))
const decisionOf = (rules: RuleSet, argv: readonly string[], strict: boolean): RuleDecision | null =>
  strictest(
    matchRules(compileRules(rules), argv, { ...base, strict }).matches.map((match) => match.rule.decision),
  )
const rank = { allow: 1, prompt: 2, forbidden: 3 }

test('the order of rules never changes the decision', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 8 }),
      fc.array(token),
      fc.boolean(),
      fc.nat(),
      (rules, argv, strict, seed) => {
        const shuffled = rules.toSorted(
          (a, b) => (JSON.stringify(a) + seed).length * 7 - (JSON.stringify(b) + seed).length * 7,
        )
        const reversed = rules.toReversed()
        const decided = decisionOf(ruleSet(rules), argv, strict)
        expect(decisionOf(ruleSet(shuffled), argv, strict)).toBe(decided)
        expect(decisionOf(ruleSet(reversed), argv, strict)).toBe(decided)
      },
    ),
    { numRuns: 200 },
  )
})

test('one more restricting rule never widens a decision, read strictly', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), rule, fc.array(token), (rules, extra, argv) => {
      const restricting = {
        ...extra,
        decision: extra.decision === 'allow' ? ('prompt' as const) : extra.decision,
      }
      const before = decisionOf(ruleSet(rules), argv, true)
      const after = decisionOf(ruleSet([...rules, restricting]), argv, true)
      expect(after === null ? 0 : rank[after]).toBeGreaterThanOrEqual(before === null ? 0 : rank[before])
      // and what was not decided is decided by a restriction only
      if (before === null) expect(after).not.toBe('allow')
    }),
    { numRuns: 200 },
  )
})

test('hiding a word never hides a restriction', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 6 }),
      fc.array(token, { minLength: 1 }),
      fc.nat(),
      (rules, argv, at) => {
        const compiled = compileRules(ruleSet(rules))
        const hidden = argv.map((word, index) => (index === at % argv.length ? null : word))
        const restricting = matchRules(compiled, argv, { ...base, strict: true }).matches.filter(
          (match) => match.rule.decision !== 'allow',
        )
        const found = new Set(matchWords(compiled, hidden, base).matches.map((match) => match.rule))
        expect(restricting.every((match) => found.has(match.rule))).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})
