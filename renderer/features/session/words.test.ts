import { expect, test } from 'vitest'
import type { Origin } from '../../../protocol/verdict.ts'
import { originWords, ruleWords } from './words.ts'

test.each<[Origin, string]>([
  [{ kind: 'rule', file: '/w/.codex/rules/team.rules', line: 12 }, '/w/.codex/rules/team.rules, line 12'],
  [{ kind: 'forcedDelete', command: 'rm' }, 'rm deletes without a copy'],
  [
    { kind: 'notInspectable', why: 'a variable names the program' },
    'not inspectable: a variable names the program',
  ],
  [{ kind: 'brokenFile', file: '/w/a.rules' }, '/w/a.rules cannot be read in full'],
])('%j reads as %s', (origin, words) => {
  expect(originWords(origin)).toBe(words)
})

test('what a rule allowed names the rule; a verdict that came from elsewhere names none', () => {
  const verdict = (origin: Origin) => ({ kind: 'run' as const, origin, justification: null })
  expect(ruleWords(verdict({ kind: 'rule', file: '/w/.codex/rules/team.rules', line: 12 }))).toBe(
    'allowed by rule team.rules:12',
  )
  expect(ruleWords(verdict({ kind: 'sandbox', violations: 1 }))).toBe('allowed by a rule')
  expect(ruleWords(null)).toBe('allowed by a rule')
})
