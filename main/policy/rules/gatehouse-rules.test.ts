import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { appendGatehouseRule, removeGatehouseRule, replaceGatehouseRule } from './amend-gatehouse-rules.ts'
import { parseGatehouseRules } from './gatehouse-rules.ts'
import { checkGatehouseRule, type GatehouseDraft } from './gatehouse-shape.ts'
import { printGatehouseRule } from './print-gatehouse-rule.ts'
import type { GatehouseRule, TokenPattern } from './rule.ts'

/** A rule as TOML gives it. */
const entry = (more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  id: 'r1',
  decision: 'allow',
  command: ['git', 'push', 'origin', { any: true, except: ['main'] }],
  created_at: new Date(1000),
  ...more,
})
const read = (...rules: readonly unknown[]): ReturnType<typeof parseGatehouseRules> =>
  parseGatehouseRules({ gatehouse: { rules } }, '', 'gatehouse.toml')

const draft = (tokens: readonly TokenPattern[], more: Partial<GatehouseDraft> = {}): GatehouseDraft => ({
  id: 'r1',
  decision: 'allow',
  subject: { kind: 'command', tokens, openEnd: false },
  where: null,
  runs: 'sandbox',
  endsAtMs: null,
  createdAtMs: 0,
  note: null,
  reviewed: false,
  match: [],
  notMatch: [],
  ...more,
})
const fixed = (...texts: readonly string[]): readonly TokenPattern[] =>
  texts.map((text) => ({ kind: 'fixed', text }))

test('a rule is read with everything it says', () => {
  const full = entry({
    where: '/w',
    runs: 'as-asked',
    ends_at: new Date(5000),
    note: 'why',
    reviewed: true,
    match: [['git', 'push', 'origin', 'fix']],
    not_match: [['git', 'push', 'origin', 'main']],
  })
  const { rules, problems, broken } = read(full)
  expect(problems).toEqual([])
  expect(broken).toBe(null)
  expect(rules).toEqual([
    {
      kind: 'gatehouse',
      id: 'r1',
      decision: 'allow',
      subject: {
        kind: 'command',
        tokens: [...fixed('git', 'push', 'origin'), { kind: 'any', except: ['main'] }],
        openEnd: false,
      },
      where: '/w',
      runs: 'asAsked',
      endsAtMs: 5000,
      createdAtMs: 1000,
      note: 'why',
      reviewed: true,
      match: [['git', 'push', 'origin', 'fix']],
      notMatch: [['git', 'push', 'origin', 'main']],
      place: { file: 'gatehouse.toml', line: 1, column: 1 },
      range: { from: 0, to: 0 },
    },
  ])
})

const localTime = Object.assign(new Date(5000), { isLocal: () => true })

describe('an allow rule with a problem does not count', () => {
  test.each([
    ['a misspelled end', { ends_a: new Date(1) }, 'unknown-key', 'ends_at'],
    ['an end in quotes', { ends_at: '2030-01-01T00:00:00Z' }, 'invalid-rule', 'ends_at'],
    ['an end without offset', { ends_at: localTime }, 'invalid-rule', 'offset'],
    ['an end that is no time', { ends_at: new Date(Number.NaN) }, 'invalid-rule', 'ends_at'],
    ['a misspelled exclusion', { command: ['git', { any: true, excpet: ['x'] }] }, 'unknown-key', 'except'],
    [
      'an exclusion that is no list',
      { command: ['git', 'x', { any: true, except: 'x' }] },
      'invalid-pattern-element',
      '',
    ],
    ['a free program', { command: [{ any: true }, 'x'] }, 'invalid-pattern-element', 'program'],
    [
      'a program with alternatives',
      { command: [{ one_of: ['a', 'b'] }] },
      'invalid-pattern-element',
      'program',
    ],
    [
      'a free word before a fixed one',
      { command: ['git', { any: true }, 'x'] },
      'invalid-pattern-element',
      'free word',
    ],
    [
      'a shell with an open end',
      { command: ['bash'], open_end: true },
      'invalid-pattern-element',
      'too much',
    ],
    [
      'a script by any name',
      { command: ['python3.12', { any: true }] },
      'invalid-pattern-element',
      'too much',
    ],
    ['sudo and a shell', { command: ['sudo', 'sh'], open_end: true }, 'invalid-pattern-element', 'too much'],
    [
      'one of several that is too much',
      { command: ['npm', { one_of: ['test', 'run'] }], open_end: true },
      'invalid-pattern-element',
      'too much',
    ],
    ['no command', { command: [] }, 'invalid-rule', 'command'],
    ['a command and a path', { write: '/x' }, 'invalid-rule', 'write'],
    ['a number in a command', { command: ['a', 1] }, 'invalid-pattern-element', ''],
    ['no alternatives', { command: ['a', { one_of: [] }] }, 'invalid-pattern-element', ''],
    ['any = false', { command: ['a', { any: false }] }, 'invalid-pattern-element', ''],
    ['a relative folder', { where: 'w' }, 'invalid-rule', 'where'],
    ['a folder with dots', { where: '/w/../x' }, 'invalid-rule', 'where'],
    ['an unknown kind of run', { runs: 'outside' }, 'invalid-rule', 'runs'],
    ['an id that is no id', { id: 'a b' }, 'invalid-rule', 'id'],
    ['no id', { id: undefined }, 'invalid-rule', 'id'],
    ['open_end that is text', { open_end: 'true' }, 'invalid-rule', 'open_end'],
    ['an example that fails', { match: [['git']] }, 'example-did-not-match', '["git"]'],
    [
      'an example that must not match',
      { not_match: [['git', 'push', 'origin', 'x']] },
      'example-did-match',
      '',
    ],
    ['an example that is text', { match: ['git push'] }, 'invalid-example', ''],
    ['__proto__', JSON.parse('{"__proto__": 1}') as Record<string, unknown>, 'unknown-key', '__proto__'],
  ])('%s', (_title, more, kind, words) => {
    const { rules, problems, broken } = read(entry(more), entry({ id: 'other', command: ['ok'] }))
    expect(rules.map(({ id }) => id)).toEqual(['other'])
    expect(problems[0]?.kind).toBe(kind)
    expect(problems[0]?.message).toContain(words)
    expect(problems[0]?.message).toMatch(/^gatehouse\.toml:1:1: /)
    expect(broken).toBe(null)
  })

  test('the second of two with one id', () => {
    expect(read(entry(), entry({ command: ['ok'] })).rules).toHaveLength(1)
  })
})

describe('a restricting rule with a problem counts as widely as it can be read', () => {
  const wide = (more: Readonly<Record<string, unknown>>): Partial<GatehouseRule> | undefined =>
    read(entry({ decision: 'forbidden', command: ['rm', '-r'], ...more })).rules[0]

  test.each([
    ['a misspelled key', { whre: '/w' }],
    ['a wrong end', { ends_at: 'soon' }],
    ['a wrong folder', { where: 'w' }],
    ['a failing example', { match: [['rm']] }],
  ])('%s', (_title, more) => {
    expect(wide(more)).toMatchObject({
      decision: 'forbidden',
      subject: { tokens: fixed('rm', '-r'), openEnd: true },
      where: null,
      endsAtMs: null,
    })
  })

  test('a word that cannot be read is any word', () => {
    expect(wide({ command: ['rm', 1] })?.subject).toMatchObject({
      tokens: [
        { kind: 'fixed', text: 'rm' },
        { kind: 'any', except: [] },
      ],
      openEnd: true,
    })
    expect(wide({ command: ['rm', { any: true, except: ['a'], x: 1 }] })?.subject).toMatchObject({
      tokens: [
        { kind: 'fixed', text: 'rm' },
        { kind: 'any', except: [] },
      ],
    })
  })

  test.each([
    ['an unknown decision', { decision: 'deny', command: ['/usr/bin/rm'] }, ['/usr/bin/rm', 'rm']],
    ['a command as text', { decision: 'prompt', command: 'rm -r' }, ['rm']],
    ['a command without program', { decision: 'prompt', command: [{ any: true }] }, null],
    ['nothing at all', { decision: 'prompt', command: undefined }, null],
  ])('%s', (_title, more, suspects) => {
    const { rules, broken } = read(entry(more))
    expect(rules).toEqual([])
    expect(broken).toEqual({ file: 'gatehouse.toml', suspects: suspects === null ? null : new Set(suspects) })
  })
})

test.each([
  ['nothing', {}, false],
  ['an empty list', { gatehouse: { rules: [] } }, false],
  ['no table', 1, true],
  ['another table', { gatehous: {} }, true],
  ['another key beside the rules', { gatehouse: { rules: [] }, x: 1 }, false],
  ['rules that are no list', { gatehouse: { rules: {} } }, true],
  ['a rule that is no table', { gatehouse: { rules: [1] } }, true],
  ['null', null, true],
])('a file with %s', (_title, parsed, unknown) => {
  expect(parseGatehouseRules(parsed, '', 'f').broken).toEqual(unknown ? { file: 'f', suspects: null } : null)
})

describe('in the text', () => {
  const one = printGatehouseRule(draft(fixed('a'), { id: 'one' }))
  const two = printGatehouseRule(draft(fixed('b'), { id: 'two', note: '[[gatehouse.rules]]' }))
  const text = `# mine\n\n${one}# between\n\n${two}\n# end\n`
  const parsed = readPrinted(text)
  const rules = parseGatehouseRules(parsed, text, 'g.toml').rules
  const at = (index: number): GatehouseRule => rules[index] as GatehouseRule

  test('every rule knows its line and its text', () => {
    expect(rules.map(({ place }) => place.line)).toEqual([3, 12])
    expect(rules.map(({ range }) => text.slice(range.from, range.to))).toEqual([one, two])
  })

  test('headers in long strings are none', () => {
    const odd = `x = """\n[[gatehouse.rules]]\n"""\ny = '''a'''\nz = [\n  "]",\n]\n${one}`
    const [rule] = parseGatehouseRules(readPrinted(one), odd, 'g.toml').rules
    expect(rule?.place.line).toBe(8)
  })

  test('a rule is added, replaced and removed without touching the rest', () => {
    const fresh = draft(fixed('c'), { id: 'three' })
    const printed = printGatehouseRule(fresh)
    expect(appendGatehouseRule(text, fresh)).toEqual({ kind: 'amended', text: `${text}\n${printed}` })
    expect(appendGatehouseRule('', fresh)).toEqual({ kind: 'amended', text: printed })
    expect(replaceGatehouseRule(text, at(0), fresh)).toEqual({
      kind: 'amended',
      text: text.replace(one, printed),
    })
    expect(removeGatehouseRule(text, at(0))).toEqual({ kind: 'amended', text: text.replace(one, '') })
    expect(removeGatehouseRule(text, at(1))).toEqual({ kind: 'amended', text: text.replace(`${two}\n`, '') })
  })

  test('windows line ends stay', () => {
    const result = appendGatehouseRule('# mine\r\n', draft(fixed('c')))
    expect(
      result.kind === 'amended' &&
        result.text.split('\n').every((line) => line === '' || line.endsWith('\r')),
    ).toBe(true)
  })

  test.each([
    ['a file that changed', () => removeGatehouseRule(`\n${text}`, at(0))],
    ['another rule in its place', () => removeGatehouseRule(text.replace('"one"', '"uno"'), at(0))],
    ['a rule that cannot be saved', () => appendGatehouseRule(text, draft([]))],
    ['a file that ends inside a string', () => appendGatehouseRule('x = """', draft(fixed('a')))],
    [
      'a rule without a table of its own',
      () => removeGatehouseRule(text, { ...at(0), range: { from: 0, to: 0 } }),
    ],
  ])('refused: %s', (_title, change) => {
    expect(change().kind).toBe('refused')
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
      '[',
      ']',
      '{',
      '#',
      '\u2028',
      '😀',
    ),
    maxLength: 6,
  }),
)
const time = fc.integer({ min: 0, max: 4_000_000_000_000 })
const path = fc
  .array(
    word.filter((part) => part !== '' && !part.includes('/') && !/^\.\.?$/.test(part)),
    { maxLength: 3 },
  )
  .map((parts) => `/${parts.join('/')}`)
const anyRule: fc.Arbitrary<GatehouseDraft> = fc.record({
  id: fc.stringMatching(/^[\w.-]{1,20}$/),
  decision: fc.constantFrom('allow', 'prompt', 'forbidden'),
  subject: fc.oneof(
    path.map((one) => ({ kind: 'write' as const, path: one })),
    fc.record({
      kind: fc.constant('command' as const),
      tokens: fc
        .tuple(
          fc.array(
            word.map((text): TokenPattern => ({ kind: 'fixed', text })),
            { minLength: 1, maxLength: 3 },
          ),
          fc.array(
            fc
              .array(word, { minLength: 1, maxLength: 3 })
              .map((texts): TokenPattern => ({ kind: 'oneOf', texts })),
            { maxLength: 2 },
          ),
          fc.array(
            fc.array(word, { maxLength: 3 }).map((except): TokenPattern => ({ kind: 'any', except })),
            { maxLength: 2 },
          ),
        )
        .map((groups) => groups.flat()),
      openEnd: fc.boolean(),
    }),
  ),
  where: fc.option(path),
  runs: fc.constantFrom('sandbox', 'asAsked'),
  endsAtMs: fc.option(time),
  createdAtMs: time,
  note: fc.option(word),
  reviewed: fc.boolean(),
  match: fc.constant([]),
  notMatch: fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { maxLength: 2 }),
})

test('DEL is escaped, which TOML wants and JSON does not', () => {
  expect(printGatehouseRule(draft(fixed('a'), { note: '\x7f' }))).toContain(String.raw`note = "\u007f"`)
})

test('printing and reading a rule gives the rule again', () => {
  fc.assert(
    fc.property(anyRule, (rule) => {
      fc.pre(checkGatehouseRule(rule).length === 0)
      const text = printGatehouseRule(rule)
      const { rules, problems } = parseGatehouseRules(readPrinted(text), text, 'g.toml')
      expect(problems).toEqual([])
      expect(rules).toEqual([
        {
          kind: 'gatehouse',
          ...rule,
          place: { file: 'g.toml', line: 1, column: 1 },
          range: { from: 0, to: text.length },
        },
      ])
    }),
    { numRuns: 300 },
  )
})

/** Reads the TOML that is printed here, and no other: the real reader is not for this folder. */
function readPrinted(text: string): unknown {
  const rules: Record<string, unknown>[] = []
  for (const line of text.split('\n')) {
    if (line === '[[gatehouse.rules]]') rules.push({})
    const pair = /^(\w+) = ([^]*)$/.exec(line)
    const rule = rules.at(-1)
    if (pair && rule) rule[pair[1] ?? ''] = readValue(pair[2] ?? '')
  }
  return { gatehouse: { rules } }
}

function readValue(value: string): unknown {
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return new Date(value)
  // Strings are JSON; outside of them an inline table only has to get JSON's colons and quotes.
  return JSON.parse(
    value
      .split(/("(?:[^"\\]|\\.)*")/)
      .map((part, at) => (at % 2 === 1 ? part : part.replaceAll(/\b(any|except|one_of) = /g, '"$1": ')))
      .join(''),
  )
}
