import { expect, test } from 'vitest'
import type { ConfigLayer } from '../settings/layer.ts'
import { judgeHost } from './judge-host.ts'
import { networkOfLayers } from './network-of-layers.ts'

const layer = (table: Readonly<Record<string, unknown>>, more: Partial<ConfigLayer> = {}): ConfigLayer => ({
  name: 'user',
  file: 'config.toml',
  base: '/',
  state: 'read',
  why: null,
  whyLine: null,
  table,
  lineOf: (path) => path.length,
  ...more,
})
const say = (layers: readonly ConfigLayer[], requirements: readonly ConfigLayer[] = [], host = 'a.com') => {
  const { rules, allowLocalBinding } = networkOfLayers(layers, requirements)
  const facts = { allowLocalBinding, addresses: ['8.8.8.8'], lookup: 'ok' } as const
  return judgeHost({ host, port: 443, protocol: 'https' }, rules, facts)
}
const allow = { domains: { 'a.com': 'allow' } }

test('features.network_proxy is read, with the line of the rule', () => {
  const verdict = say([layer({ features: { network_proxy: allow } })])
  expect(verdict).toMatchObject({ decision: 'allow', rule: { place: { file: 'config.toml', line: 4 } } })
})

test('the network of the default profile and of all it extends is read', () => {
  const permissions = {
    work: { extends: 'base', network: {} },
    base: { extends: 'work', network: allow },
    other: { network: { domains: { 'b.com': 'allow' } } },
  }
  const layers = [layer({ default_permissions: 'work', permissions })]
  expect(say(layers).decision).toBe('allow')
  expect(say(layers, [], 'b.com').decision).toBe('ask')
})

test('a deny of one file holds against the allow of a stronger one', () => {
  const weak = layer({ features: { network_proxy: { domains: { 'a.com': 'deny' } } } })
  expect(say([weak, layer({ features: { network_proxy: allow } })]).reason).toBe('denied')
})

test.each(['experimental_network', 'network_proxy'])('a requirement may write %s', (name) => {
  const required = layer({ [name]: { denied_domains: ['a.com'] } })
  expect(say([layer({ features: { network_proxy: allow } })], [required]).reason).toBe('denied')
})

test('a broken file of a person asks, one of an administrator denies', () => {
  const own = layer({ features: { network_proxy: allow } })
  const broken = layer({}, { state: 'broken', why: 'config.toml is no TOML.' })
  expect(say([own, broken])).toMatchObject({ decision: 'ask', reason: 'rules_unreadable' })
  expect(say([own], [broken])).toMatchObject({ decision: 'deny', reason: 'rules_unreadable' })
})

test('absent files and names of the prototype say nothing', () => {
  expect(say([layer({ default_permissions: '__proto__', permissions: {} })]).decision).toBe('ask')
  expect(say([layer({}, { state: 'absent' })], [layer({}, { state: 'absent' })]).decision).toBe('ask')
})
