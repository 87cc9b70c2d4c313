import { describe, expect, test } from 'vitest'
import { isBroadPrefix } from './broad-prefix.ts'
import { coversRule } from './covers-rule.ts'
import { describeRule } from './describe-rule.ts'
import { parseRules } from './parse-rules.ts'
import type { GatehouseRule, PrefixRule, TokenPattern } from './rule.ts'
import { suggestRule } from './suggest-rule.ts'
import { matchesGlob } from './token-pattern.ts'

const place = { place: { file: 'f', line: 1, column: 1 }, range: { from: 0, to: 0 } }
const rule = (
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
  ...place,
  ...more,
})
const prefix = (text: string): PrefixRule => parseRules([{ file: 'f', text }]).prefix[0] as PrefixRule
const any = (...except: readonly string[]): TokenPattern => ({ kind: 'any', except })
const oneOf = (...texts: readonly string[]): TokenPattern => ({ kind: 'oneOf', texts })

test('a suggestion fixes every word, closes the end and stays in the folder', () => {
  expect(suggestRule(['git', 'push', '--force'], { cwd: '/w/./a' })).toMatchObject({
    subject: { tokens: ['git', 'push', '--force'].map((text) => ({ kind: 'fixed', text })), openEnd: false },
    where: '/w/a',
    runs: 'sandbox',
  })
  expect(suggestRule([], { cwd: '/w' })).toBe(null)
  expect(suggestRule([''], { cwd: '/w' })).toBe(null)
})

test.each([
  [
    rule(['git', 'push', any('main', 'r*')], { where: '/w', runs: 'asAsked' }),
    'Allows git push (any word except main, "r*") in /w, with what the question asked for beyond the sandbox.',
  ],
  [
    rule(['make', oneOf('a', 'b c')], { openEnd: true, endsAtMs: 5 }),
    'Allows make (a or "b c") and anything after it, inside the sandbox, until it ends.',
  ],
  [rule(['rm', any()], { decision: 'forbidden' }), 'Forbids rm (any word).'],
  [
    rule([], { subject: { kind: 'write', path: '/data' }, decision: 'prompt' }),
    'Asks before writing /data and what is below it.',
  ],
  [
    prefix('prefix_rule([["npm"], ["a", "b"]], decision="prompt")'),
    'Asks before every command that begins with npm (a or b).',
  ],
  [rule(['a\u202eb\n']), String.raw`Allows "a\u{202e}b\n", inside the sandbox.`],
])('%#: described in one sentence', (one, sentence) => {
  expect(describeRule(one)).toBe(sentence)
})

describe('which rule makes which one needless', () => {
  test.each<readonly [string, GatehouseRule | PrefixRule, GatehouseRule | PrefixRule, boolean]>([
    ['the same', rule(['a', 'b']), rule(['a', 'b']), true],
    ['another decision', rule(['a']), rule(['a'], { decision: 'prompt' }), false],
    ['another word', rule(['a', 'b']), rule(['a', 'c']), false],
    ['any word', rule(['a', any()]), rule(['a', 'c']), true],
    ['any word and an option', rule(['a', any()]), rule(['a', '-c']), false],
    [
      'any word, restricting, and an option',
      rule(['a', any()], { decision: 'prompt' }),
      rule(['a', '-c'], { decision: 'prompt' }),
      true,
    ],
    ['an excluded word', rule(['a', any('c')]), rule(['a', 'c']), false],
    ['any word but more excluded', rule(['a', any('c')]), rule(['a', any('c', 'd')]), true],
    ['any word but less excluded', rule(['a', any('c')]), rule(['a', any()]), false],
    ['one of', rule(['a', oneOf('b', 'c')]), rule(['a', 'c']), true],
    ['one of fewer', rule(['a', oneOf('b', 'c')]), rule(['a', oneOf('b', 'd')]), false],
    ['fixed and any', rule(['a', 'b']), rule(['a', any()]), false],
    ['a longer command under an open end', rule(['a'], { openEnd: true }), rule(['a', 'b']), true],
    ['a longer command under a closed one', rule(['a']), rule(['a', 'b']), false],
    ['an open end under a closed one', rule(['a']), rule(['a'], { openEnd: true }), false],
    ['an inner folder', rule(['a'], { where: '/w' }), rule(['a'], { where: '/w/x' }), true],
    ['an outer folder', rule(['a'], { where: '/w/x' }), rule(['a'], { where: '/w' }), false],
    ['everywhere under a folder', rule(['a'], { where: '/w' }), rule(['a']), false],
    ['an earlier end', rule(['a'], { endsAtMs: 2 }), rule(['a'], { endsAtMs: 1 }), true],
    ['a later end', rule(['a'], { endsAtMs: 1 }), rule(['a'], { endsAtMs: 2 }), false],
    ['no end', rule(['a'], { endsAtMs: 1 }), rule(['a']), false],
    ['other places to run', rule(['a'], { runs: 'asAsked' }), rule(['a']), false],
    [
      'files below',
      rule([], { subject: { kind: 'write', path: '/a' } }),
      rule([], { subject: { kind: 'write', path: '/a/b' } }),
      true,
    ],
    ['a command and a file', rule([], { subject: { kind: 'write', path: '/a' } }), rule(['/a']), false],
    ['prefixes', prefix('prefix_rule(["a"])'), prefix('prefix_rule(["a", ["b", "c"]])'), true],
    ['a longer prefix', prefix('prefix_rule(["a", "b"])'), prefix('prefix_rule(["a"])'), false],
    [
      'a prefix without regard to case',
      prefix('prefix_rule(["A"], canonical_matching=True)'),
      prefix('prefix_rule(["a"])'),
      true,
    ],
    [
      'case under a plain prefix',
      prefix('prefix_rule(["a"])'),
      prefix('prefix_rule(["a"], canonical_matching=True)'),
      false,
    ],
    [
      'a forbidding prefix and a rule',
      prefix('prefix_rule(["a"], "forbidden")'),
      rule(['a', 'b'], { decision: 'forbidden' }),
      true,
    ],
    ['an allowing prefix, which grants otherwise', prefix('prefix_rule(["a"])'), rule(['a', 'b']), false],
  ])('%s', (_title, wide, narrow, expected) => {
    expect(coversRule(wide, narrow)).toBe(expected)
  })
})

test.each([
  ['git', true],
  ['bash', true],
  ['/bin/bash', true],
  ['python3', true],
  ['python3.12', true],
  ['sudo', true],
  ['rm', true],
  ['env', true],
  ['node -e', true],
  ['sh -c', true],
  ['bash -lc', true],
  ['npm run', true],
  ['python -m', true],
  ['sudo git', true],
  ['env sudo bash', true],
  ['', true],
  ['Bash', true],
  ['node.exe', true],
  ['touch', false],
  ['cargo', false],
  ['pip install', false],
  ['git status', false],
  ['npm test', false],
  ['python3 setup.py', false],
  ['sudo apt-get', false],
  ['npm run lint', false],
  ['constructor', false],
] as const)('%j is too broad to allow: %j', (command, expected) => {
  expect(isBroadPrefix(command.split(' '))).toBe(expected)
})

test.each([
  ['main', 'main', true],
  ['main', 'main2', false],
  ['release/*', 'release/1/2', true],
  ['*', '', true],
  ['a*b*c', 'axxbyyc', true],
  ['a*b*c', 'axxbyy', false],
  ['?', 'a', true],
  ['?', '', false],
  ['[a]', 'a', false],
  ['*a'.repeat(20), `${'a'.repeat(200)}b`, false],
] as const)('the glob %j on %j: %j', (glob, word, expected) => {
  expect(matchesGlob(glob, word)).toBe(expected)
})
