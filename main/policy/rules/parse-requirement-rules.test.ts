import { expect, test } from 'vitest'
import { parseRequirementRules } from './parse-requirement-rules.ts'

const read = (...rules: readonly unknown[]): ReturnType<typeof parseRequirementRules> =>
  parseRequirementRules({ prefix_rules: rules }, 'requirements.toml')

test('alternatives of the program make a rule each; prompt-user is a prompt', () => {
  const { rules, problems } = read({
    pattern: [{ any_of: ['git', 'hg'] }, { token: 'push' }],
    decision: 'prompt-user',
    justification: 'why',
  })
  expect(problems).toEqual([])
  expect(rules.map(({ pattern, decision, justification }) => ({ pattern, decision, justification }))).toEqual(
    [
      { pattern: [['git'], ['push']], decision: 'prompt', justification: 'why' },
      { pattern: [['hg'], ['push']], decision: 'prompt', justification: 'why' },
    ],
  )
})

test.each([
  ['allow', { pattern: [{ token: 'ls' }], decision: 'allow' }, 'invalid-decision', 0],
  ['no decision', { pattern: [{ token: 'ls' }] }, 'invalid-decision', 0],
  ['an unknown decision', { pattern: [{ token: 'ls' }], decision: 'constructor' }, 'invalid-decision', 0],
  ['an empty pattern', { pattern: [], decision: 'prompt' }, 'invalid-pattern-element', 0],
  ['a pattern of strings', { pattern: ['ls'], decision: 'prompt' }, 'invalid-pattern-element', 0],
  ['no alternatives', { pattern: [{ any_of: [] }], decision: 'prompt' }, 'invalid-pattern-element', 0],
  [
    'token and any_of',
    { pattern: [{ token: 'a', any_of: ['b'] }], decision: 'prompt' },
    'invalid-pattern-element',
    0,
  ],
  [
    'a blank justification',
    { pattern: [{ token: 'a' }], decision: 'prompt', justification: ' ' },
    'invalid-rule',
    1,
  ],
  ['an unknown key', { pattern: [{ token: 'a' }], decision: 'prompt', match: [] }, 'unknown-key', 1],
  ['no table', 1, 'invalid-rule', 0],
])('%s is told, and what restricts stays', (_title, rule, kind, kept) => {
  const { rules, problems } = read(rule)
  expect(problems[0]?.kind).toBe(kind)
  expect(problems[0]?.message).toContain('prefix_rules[0]')
  expect(rules).toHaveLength(kept)
})

test.each([
  ['nothing', undefined, 0],
  ['an empty list', { prefix_rules: [] }, 1],
  ['no list', { prefix_rules: {} }, 1],
  ['no rules', {}, 1],
  ['no table', [], 1],
])('a table with %s', (_title, table, problems) => {
  expect(parseRequirementRules(table, 'f').problems).toHaveLength(problems)
})
