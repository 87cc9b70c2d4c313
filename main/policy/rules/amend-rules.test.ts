import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { appendNetworkRule, appendPrefixRule, removeStatement, replaceStatement } from './amend-rules.ts'
import { parseRules } from './parse-rules.ts'
import { type PrefixDraft, printNetworkRule, printPrefixRule } from './print-rule.ts'
import type { RuleSet, TextRange } from './rule.ts'

const read = (text: string): RuleSet => parseRules([{ file: 'a.rules', text }])
const draft = (pattern: readonly string[], more: Partial<PrefixDraft> = {}): PrefixDraft => ({
  pattern: pattern.map((word) => [word]),
  decision: 'allow',
  justification: null,
  match: [],
  notMatch: [],
  ...more,
})
const rangeOf = (text: string, at: number): TextRange => read(text).prefix[at]?.range ?? { from: 0, to: 0 }

describe('adding a rule', () => {
  const line = 'prefix_rule(pattern=["git", "push"], decision="allow")'
  test.each([
    ['an empty file', '', `${line}\n`],
    ['a file without final line end', '# mine', `# mine\n${line}\n`],
    ['a file with one', '# mine\n\n', `# mine\n\n${line}\n`],
    ['windows line ends', '# mine\r\nX = 1', `# mine\r\nX = 1\r\n${line}\r\n`],
    ['the same rule', `${line}\n# end`, `${line}\n# end`],
  ])('to %s', (_title, text, expected) => {
    expect(appendPrefixRule(text, draft(['git', 'push']))).toEqual({ kind: 'amended', text: expected })
  })

  test.each([
    ['a broken file', 'import os', draft(['a'])],
    ['a file that ends inside a string', 'X = """', draft(['a'])],
    ['a file that goes on with the next line', 'X = 1 \\', draft(['a'])],
    ['a file that gives the name another meaning', 'def prefix_rule(**kw):\n  pass', draft(['a'])],
    ['an empty pattern', '', draft([])],
    ['a blank justification', '', draft(['a'], { justification: ' ' })],
    ['an example that does not match', '', draft(['a'], { match: [['b']] })],
    ['half a pair', '', draft(['\ud800'])],
  ])('is refused for %s', (_title, text, rule) => {
    expect(appendPrefixRule(text, rule).kind).toBe('refused')
  })

  test('a network rule is written as Codex writes it', () => {
    const rule = {
      host: 'api.example.com',
      protocol: 'https',
      decision: 'allow',
      justification: 'API',
    } as const
    expect(appendNetworkRule('', rule)).toEqual({
      kind: 'amended',
      text: 'network_rule(host="api.example.com", protocol="https", decision="allow", justification="API")\n',
    })
    expect(appendNetworkRule('', { ...rule, host: '*.example.com' }).kind).toBe('refused')
  })
})

describe('changing and removing a rule', () => {
  const text = '# one\nprefix_rule(["a"])  # why\n\n  \nprefix_rule(\n  ["b"],\n)\nprefix_rule(["c"])\n# end'

  test('the rest of the file stays byte for byte', () => {
    expect(replaceStatement(text, rangeOf(text, 1), printPrefixRule(draft(['x'])))).toEqual({
      kind: 'amended',
      text: text.replace('prefix_rule(\n  ["b"],\n)', 'prefix_rule(pattern=["x"], decision="allow")'),
    })
    expect(removeStatement(text, rangeOf(text, 1))).toEqual({
      kind: 'amended',
      text: text.replace('prefix_rule(\n  ["b"],\n)\n', ''),
    })
  })

  test('a comment on the line of a removed rule stays', () => {
    expect(removeStatement(text, rangeOf(text, 0))).toEqual({
      kind: 'amended',
      text: text.replace('prefix_rule(["a"])', ''),
    })
  })

  test.each([
    ['the only statement of a block', 'for c in ["a"]:\n  prefix_rule([c])\n', 0],
    ['one of several on a line', 'prefix_rule(["a"]); prefix_rule(["b"])', 0],
    [
      'an element of a list',
      'x = [prefix_rule(["a"]), 1 // 1]\ny = len(x) - 1\nprefix_rule([["b"][y - 1]])',
      0,
    ],
  ])('removing %s is refused', (_title, source, at) => {
    expect(removeStatement(source, rangeOf(source, at)).kind).toBe('refused')
  })

  test.each([
    ['no rule', 'X = 1'],
    ['broken text', 'prefix_rule(['],
    ['what changes later rules', 'prefix_rule(["x"])\nprefix_rule = lambda *a: None'],
    ['more than one rule', 'prefix_rule(["a"])\nprefix_rule(["b"])'],
  ])('a rule is not replaced by %s', (_title, statement) => {
    expect(replaceStatement(text, rangeOf(text, 1), statement).kind).toBe('refused')
  })

  test('a range where no rule stands is refused', () => {
    expect(removeStatement(text, { from: 0, to: 5 }).kind).toBe('refused')
  })
})

const word = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom(
      '"',
      "'",
      '\\',
      '\n',
      '\r',
      '\t',
      '\0',
      '\x1b',
      '\x7f',
      '{',
      '%',
      '#',
      '\u2028',
      '\ufeff',
      '😀',
    ),
    maxLength: 6,
  }),
)
const words = fc.array(word, { minLength: 1, maxLength: 4 })
const wellFormed = (value: unknown): boolean => !/\\ud[89a-f]/i.test(JSON.stringify(value))

test('printing and reading a rule gives the rule again', () => {
  const rules = fc.record({
    pattern: fc.array(words, { minLength: 1, maxLength: 4 }),
    decision: fc.constantFrom('allow', 'prompt', 'forbidden'),
    justification: fc.option(word.filter((text) => text.trim() !== '')),
    anyCase: fc.boolean(),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    examples: fc.boolean(),
  })
  fc.assert(
    fc.property(rules.filter(wellFormed), ({ lineEnd, examples, ...rule }) => {
      const example = rule.pattern.map((texts) => texts.at(-1) ?? '')
      const whole = {
        ...rule,
        match: examples ? [[...example, 'more']] : [],
        // Longer than any word that is made here.
        notMatch: examples ? [['never made as a word']] : [],
      }
      const set = read(printPrefixRule(whole, lineEnd))
      expect(set.problems).toEqual([])
      expect(
        set.prefix.map(({ pattern, decision, justification, match, notMatch, anyCase }) => ({
          pattern,
          decision,
          justification,
          match,
          notMatch,
          anyCase,
        })),
      ).toEqual(
        rule.pattern[0]?.map((program) => ({ ...whole, pattern: [[program], ...rule.pattern.slice(1)] })),
      )
    }),
    { numRuns: 300 },
  )
})

test('printing and reading a network rule gives the rule again', () => {
  const rules = fc.record({
    host: fc.domain().map((host) => host.toLowerCase()),
    protocol: fc.constantFrom('http', 'https', 'socks5_tcp', 'socks5_udp'),
    decision: fc.constantFrom('allow', 'prompt', 'deny'),
    justification: fc.option(word.filter((text) => text.trim() !== '' && wellFormed(text))),
  })
  fc.assert(
    fc.property(rules, (rule) => {
      const [found] = read(printNetworkRule(rule)).network
      expect(found).toMatchObject(rule)
    }),
    { numRuns: 100 },
  )
})
