import { expect, test } from 'vitest'
import { fileName, lockWords, placeOf, placeText } from './policy-words.ts'

test.each([
  ['/etc/gatehouse/requirements.toml:4', { file: '/etc/gatehouse/requirements.toml', line: 4 }],
  ['C:\\gatehouse\\requirements.toml:12', { file: 'C:\\gatehouse\\requirements.toml', line: 12 }],
  ['acme-baseline v7', null],
  ['C:\\gatehouse\\requirements.toml', null],
  ['/a/b:0', null],
  [':7', null],
])('%s is the place %j', (setBy, place) => {
  expect(placeOf(setBy)).toEqual(place)
  if (place !== null) expect(placeText(place)).toBe(setBy)
})

test('a lock says who and why, and that no reason is given when there is none', () => {
  const lock = { setBy: 'acme-baseline v7', source: null }
  expect(lockWords({ ...lock, reason: 'on request' })).toBe(
    'Locked by acme-baseline v7. Reason: “on request”.',
  )
  expect(lockWords({ ...lock, reason: '' })).toBe('Locked by acme-baseline v7. No reason is given.')
})

test.each([
  ['/a/b/default.rules', 'default.rules'],
  ['C:\\a\\b.toml', 'b.toml'],
  ['/', '/'],
])('the file of %s is %s', (path, name) => {
  expect(fileName(path)).toBe(name)
})
