import { expect, test } from 'vitest'
import type { Preset } from '../../../protocol/settings.ts'
import { askLimit, insteadWords, type Locks, permittedPreset } from './permitted.ts'

const locked = (...presets: Preset[]): Locks =>
  presets.map((preset) => ({ preset, lock: { setBy: 'acme-baseline v7', source: null, reason: null } }))

test.each([
  ['auto', null, 'auto'],
  ['auto', locked(), 'auto'],
  ['auto', locked('full-access'), 'auto'],
  ['auto', locked('auto'), 'read-only'],
  ['read-only', locked('read-only'), 'auto'],
  ['auto', locked('read-only', 'auto'), null],
] as const)('%s with locks %j starts in %s', (wanted, locks, expected) => {
  expect(permittedPreset(wanted, locks)).toBe(expected)
})

test('the line says what was wanted, who is in its way, and what is chosen instead', () => {
  expect(insteadWords('auto', true, locked('auto'))).toBe(
    'Auto would be recommended here, but acme-baseline v7 locks it. Read only is the nearest that is permitted.',
  )
  expect(insteadWords('auto', false, locked('auto', 'read-only'))).toBe(
    'Auto is your default, but acme-baseline v7 locks it. Every other preset is locked as well, so no session can start here.',
  )
  expect(insteadWords('auto', true, locked('full-access'))).toBeNull()
})

const downgrade = (key: string, allowed: never) => ({
  downgrades: [
    { key, chosen: 'never', allowed, inForce: 'on-request', nearest: null, setBy: 'f:1', reason: null },
  ],
})
test.each([
  [null, null],
  [downgrade('web_search', ['cached'] as never), null],
  [downgrade('approval_policy', ['untrusted', { granular: {} }, 7] as never), ['untrusted']],
  [downgrade('approval_policy', 'on-request' as never), ['on-request']],
  [downgrade('approval_policy', { granular: {} } as never), []],
])('of %j is left %j', (view, allowed) => {
  expect(askLimit(view).allowed).toEqual(allowed)
})
