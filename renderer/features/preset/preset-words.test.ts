import { expect, test } from 'vitest'
import { settingsOf } from '../../../protocol/settings.ts'
import { directionOf, gainsAndLosses } from './preset-words.ts'

test.each([
  ['read-only', 'auto', 'wider'],
  ['auto', 'auto', 'same'],
  ['auto', 'read-only', 'narrower'],
  ['full-access', 'auto', 'narrower'],
  ['auto', 'full-access', 'wider'],
] as const)('from %s to %s is %s', (from, to, expected) => {
  expect(directionOf(settingsOf(from), to)).toBe(expected)
})

test('a narrower preset gains nothing and says that it holds at once', () => {
  const { gains, loses } = gainsAndLosses(settingsOf('full-access'), 'auto')
  expect(gains).toBe('nothing to reach')
  expect(loses).toContain('at once')
})
