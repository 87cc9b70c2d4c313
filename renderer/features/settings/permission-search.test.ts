import { expect, test } from 'vitest'
import type { ConfigView } from '../../../protocol/policy.ts'
import { partsFor } from './permission-search.ts'

const lowered = (key: string) => ({
  key,
  chosen: 'live',
  allowed: ['cached'],
  inForce: 'cached',
  nearest: 'cached',
  setBy: '/etc/gatehouse/requirements.toml:6',
  reason: null,
})
const view: ConfigView = {
  values: [
    {
      key: 'web_search',
      value: 'cached',
      origin: { layer: 'managed', file: '/etc/gatehouse/requirements.toml', line: 6 },
    },
    { key: 'history.persistence', value: 'save-all', origin: { layer: 'builtin', file: null, line: null } },
  ],
  layers: [{ name: 'user', file: '/home/dana/.gatehouse/config.toml', state: 'read', why: null }],
  notices: [],
  downgrades: [lowered('web_search'), lowered('approval_policy')],
}

const found = (query: string) => {
  const parts = partsFor(query, view)
  return {
    notices: parts.notices,
    newSessions: parts.newSessions,
    layers: parts.layers,
    downgrades: parts.downgrades.map(({ key }) => key),
    values: parts.values.map(({ key }) => key),
  }
}

test('without a query everything is shown, and a lock only once: below its own field', () => {
  expect(found('')).toEqual({
    notices: true,
    newSessions: true,
    layers: true,
    downgrades: ['web_search'],
    values: ['web_search', 'history.persistence'],
  })
})

test.each([
  ['web_search', { downgrades: ['web_search'], values: ['web_search'], newSessions: false, layers: false }],
  ['SAVE-ALL', { downgrades: [], values: ['history.persistence'] }],
  ['managed', { values: ['web_search'] }],
  ['approval_policy', { downgrades: ['approval_policy'], newSessions: true, values: [] }],
  ['requirements.toml:6', { downgrades: ['web_search', 'approval_policy'] }],
  ['config.toml', { layers: true, notices: false }],
  ['zzz', { downgrades: [], values: [], newSessions: false, layers: false, notices: false }],
])('%s finds %j', (query, expected) => {
  expect(found(query)).toMatchObject(expected)
})
