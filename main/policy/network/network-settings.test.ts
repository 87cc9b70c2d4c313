import { expect, test } from 'vitest'
import { judgeHost } from './judge-host.ts'
import { type NetworkSettings, networkSettings } from './network-settings.ts'

const source = { label: 'features.network_proxy', managed: false, placeOf: () => null }
const managed = { label: 'experimental_network', managed: true, placeOf: () => null }
const say = (settings: NetworkSettings, host = 'a.com'): string =>
  judgeHost({ host, port: 443, protocol: 'https' }, settings.rules, {
    allowLocalBinding: settings.allowLocalBinding,
    addresses: ['8.8.8.8'],
    lookup: 'ok',
  }).decision

const allowA = { source, value: { domains: { 'a.com': 'allow' } } }

// prettier-ignore
test.each<[string, unknown, string, number]>([
  ['nothing', undefined, 'ask', 0],
  ['true', true, 'ask', 0],
  ['on without rules', { enabled: true }, 'ask', 0],
  ['on with an allow rule', { enabled: true, domains: { 'a.com': 'allow' } }, 'allow', 0],
  ['a number', 7, 'ask', 1],
  ['a list of hosts', { domains: ['a.com'] }, 'ask', 1],
  ['an unknown key beside an allow', { domains: { 'a.com': 'allow' }, deny: ['a.com'] }, 'ask', 1],
  ['a managed key in a user table', { domains: { 'a.com': 'allow' }, denied_domains: [] }, 'ask', 1],
  ['a boolean that is none', { domains: { 'a.com': 'allow' }, enabled: 'yes' }, 'ask', 1],
  ['an unknown mode', { domains: { 'a.com': 'allow' }, mode: 'semi' }, 'ask', 1],
  ['a host that is no text', { domains: { 'a.com': 1 } }, 'ask', 1],
  ['a name of an object', { domains: JSON.parse('{"__proto__":"allow","a.com":"allow"}') }, 'allow', 0],
])('%s: %s', (_title, value, decision, problems) => {
  const settings = networkSettings([{ source, value }])
  expect([say(settings), settings.rules.problems.length]).toEqual([decision, problems])
})

test('a mode that cannot be read is the narrower one', () => {
  expect(networkSettings([{ source, value: { mode: 'semi' } }]).mode).toBe('limited')
  expect(networkSettings([{ source, value: {} }]).mode).toBe('full')
})

// prettier-ignore
test.each<[string, unknown, unknown, boolean]>([
  ['nobody asked', {}, {}, false],
  ['the person asked', { allow_local_binding: true }, {}, true],
  ['the administrator offers it', {}, { allow_local_binding: true }, true],
  ['the person declines the offer', { allow_local_binding: false }, { allow_local_binding: true }, false],
  ['the administrator forbids it', { allow_local_binding: true }, { allow_local_binding: false }, false],
  ['a value that is none', { allow_local_binding: 'true' }, {}, false],
])('local binding when %s', (_title, own, required, expected) => {
  const settings = networkSettings([
    { source, value: own },
    { source: managed, value: required },
  ])
  expect(settings.allowLocalBinding).toBe(expected)
})

test('two tables that disagree on local binding give the narrower answer', () => {
  const both = [true, false].map((allow_local_binding) => ({ source, value: { allow_local_binding } }))
  expect(networkSettings(both).allowLocalBinding).toBe(false)
})

// prettier-ignore
test.each<[string, unknown, string]>([
  ['allowed_domains beside a list of their own', { allowed_domains: ['b.com'] }, 'allow'],
  ['denied_domains win', { denied_domains: ['**.a.com'] }, 'deny'],
  ['review_domains ask', { review_domains: ['a.com'] }, 'ask'],
  ['a list that is none closes', { denied_domains: 'a.com' }, 'deny'],
  ['an allow list that is none gives nothing', { allowed_domains: 'a.com' }, 'allow'],
  ['only managed hosts', { managed_allowed_domains_only: true }, 'ask'],
  ['only managed hosts, written wrongly', { managed_allowed_domains_only: 'true' }, 'deny'],
  ['an unknown key closes', { dennied_domains: ['a.com'] }, 'deny'],
])("requirements with the person's own rule: %s", (_title, value, expected) => {
  expect(say(networkSettings([allowA, { source: managed, value }]))).toBe(expected)
})

test('a requirement adds no host to a list that a person made', () => {
  const required = { source: managed, value: { allowed_domains: ['b.com'] } }
  expect(say(networkSettings([allowA, required]), 'b.com')).toBe('ask')
  expect(say(networkSettings([required]), 'b.com')).toBe('allow')
})

test('with managed hosts only, a rule of a person counts when the administrator repeats it', () => {
  const required = { managed_allowed_domains_only: true, allowed_domains: ['A.com.', 'b.com'] }
  const settings = networkSettings([allowA, { source: managed, value: required }])
  expect([say(settings, 'a.com'), say(settings, 'b.com')]).toEqual(['allow', 'ask'])
})

test('problems say where they are', () => {
  const place = { file: 'config.toml', line: 4, column: 1 }
  const told = networkSettings([
    {
      source: { ...source, placeOf: (path) => (path.at(-1) === 'a/b' ? place : null) },
      value: { domains: { 'a/b': 'deny' } },
    },
  ])
  expect(told.rules.problems).toEqual([
    {
      label: 'features.network_proxy.domains',
      message:
        'features.network_proxy.domains: "a/b" has a path or an address range; write one host, or one address.',
      place,
    },
  ])
})
