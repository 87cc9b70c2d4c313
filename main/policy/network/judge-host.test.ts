import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NetworkRule } from '../rules/rule.ts'
import type { HostRules } from './host-rule.ts'
import type { HostFacts } from './judge-addresses.ts'
import { type HostVerdict, judgeHost } from './judge-host.ts'
import { hostRulesOf, joinHostRules, readDomainMap } from './network-rules.ts'

const source = { label: 'domains', managed: false, placeOf: () => null }
const managed = { ...source, managed: true }
const domains = (map: Readonly<Record<string, string>>): HostRules => readDomainMap(map, source)

type More = Partial<HostFacts> & {
  readonly port?: number
  readonly protocol?: 'http' | 'https' | 'socks5_tcp'
}

const judge = (host: string, rules: HostRules, more: More = {}): HostVerdict =>
  judgeHost({ host, port: more.port ?? 443, protocol: more.protocol ?? 'https' }, rules, {
    allowLocalBinding: false,
    addresses: null,
    lookup: more.addresses ? 'ok' : 'none',
    ...more,
  })
const say = ({ decision, reason }: HostVerdict): string => `${decision} ${reason}`

const publicly: More = { addresses: ['93.184.216.34'] }
const wide: More = { allowLocalBinding: true }

// prettier-ignore
test.each<[string, string, Record<string, string>, More, string]>([
  ['a host nobody allowed is asked for', 'a.com', {}, publicly, 'ask not_allowed'],
  ['an allowed host is let through', 'a.com', { 'a.com': 'allow' }, publicly, 'allow allowed'],
  ['deny wins over allow', 'a.com', { '*': 'allow', '**.a.com': 'deny' }, publicly, 'deny denied'],
  ['local addresses are refused', '10.0.0.1', { '*': 'allow' }, {}, 'deny not_allowed_local'],
  ['an exact rule opens its address', '10.0.0.1', { '10.0.0.1': 'allow' }, {}, 'allow allowed'],
  ['an exact rule opens nothing else', '10.0.0.2', { '10.0.0.1': 'allow' }, {}, 'deny not_allowed_local'],
  ['an exact rule opens no other spelling', '0x0a000001', { '10.0.0.1': 'allow' }, {}, 'deny not_allowed'],
  ['localhost is no address', 'localhost', { '127.0.0.1': 'allow' }, {}, 'deny not_allowed_local'],
  [
    'an exact rule opens localhost',
    'localhost',
    { localhost: 'allow' },
    { addresses: ['127.0.0.1', '::1'] },
    'allow allowed',
  ],
  [
    'localhost must lead to this machine',
    'localhost',
    { localhost: 'allow' },
    { addresses: ['10.0.0.1'] },
    'deny not_allowed_local',
  ],
  [
    'a wildcard does not open localhost',
    'x.localhost',
    { '*.localhost': 'allow' },
    publicly,
    'deny not_allowed_local',
  ],
  [
    'a name that leads home is refused',
    'a.com',
    { 'a.com': 'allow' },
    { addresses: ['127.0.0.1'] },
    'deny not_allowed_local',
  ],
  [
    'one local answer among many refuses',
    'a.com',
    { 'a.com': 'allow' },
    { addresses: ['8.8.8.8', 'fd00::1'] },
    'deny not_allowed_local',
  ],
  [
    'a NAT64 answer is what it wraps',
    'a.com',
    { 'a.com': 'allow' },
    { addresses: ['64:ff9b::a00:1'] },
    'deny not_allowed_local',
  ],
  [
    'an answer that is no address refuses',
    'a.com',
    { 'a.com': 'allow' },
    { addresses: ['127.1'] },
    'deny not_allowed_local',
  ],
  ['no answer refuses', 'a.com', { 'a.com': 'allow' }, { lookup: 'failed' }, 'deny not_allowed_local'],
  [
    'an empty answer refuses',
    'a.com',
    { 'a.com': 'allow' },
    { lookup: 'ok', addresses: [] },
    'deny not_allowed_local',
  ],
  [
    'a missing answer refuses',
    'a.com',
    { 'a.com': 'allow' },
    { lookup: 'ok', addresses: null },
    'deny not_allowed_local',
  ],
  ['without a lookup the name is judged', 'a.com', { 'a.com': 'allow' }, {}, 'allow allowed'],
  [
    'a denied address denies its names',
    'a.com',
    { '*': 'allow', '93.184.216.34': 'deny' },
    publicly,
    'deny policy_denied',
  ],
  ['a question that cannot help is not asked', 'a.com', {}, { addresses: ['10.0.0.1'] }, 'deny not_allowed'],
  ['local binding needs an allow rule', '10.0.0.1', { 'a.com': 'allow' }, wide, 'ask not_allowed'],
  ['local binding lets * reach this machine', '127.0.0.1', { '*': 'allow' }, wide, 'allow allowed'],
  [
    'metadata needs a rule that names it',
    '169.254.169.254',
    { '*': 'allow' },
    wide,
    'deny not_allowed_local',
  ],
  [
    'metadata behind a name as well',
    'a.com',
    { '*': 'allow' },
    { ...wide, addresses: ['169.254.169.254'] },
    'deny not_allowed_local',
  ],
  [
    'metadata that is named is reached',
    '169.254.169.254',
    { '169.254.169.254': 'allow' },
    {},
    'allow allowed',
  ],
  ['both readings must be public', '010.0.0.1', { '*': 'allow' }, {}, 'deny not_allowed_local'],
  ['another notation of a public address', '134744072', { '*': 'allow' }, {}, 'allow allowed'],
  ['Unicode is not opened by *', 'bücher.example', { '*': 'allow' }, publicly, 'ask not_allowed'],
  ['what is no host is refused', 'a.com/x', { '*': 'allow' }, {}, 'deny invalid_host'],
  ['a port that is none is refused', 'a.com', { '*': 'allow' }, { port: 0 }, 'deny invalid_host'],
  ['two ports that differ are refused', 'a.com:80', { '*': 'allow' }, {}, 'deny invalid_host'],
  [
    'an unreadable deny rule asks',
    'a.com',
    { 'a.com': 'allow', 'b/': 'deny' },
    publicly,
    'ask rules_unreadable',
  ],
  ['an unknown word asks', 'a.com', { 'a.com': 'allow', 'b.com': 'block' }, publicly, 'ask rules_unreadable'],
  [
    'denying everything denies',
    'a.com',
    { 'a.com': 'allow', '*': 'deny' },
    publicly,
    'deny rules_unreadable',
  ],
  [
    'an unreadable allow rule gives nothing',
    'b.com',
    { 'a.com': 'allow', 'b.com/': 'allow' },
    publicly,
    'ask not_allowed',
  ],
])('%s: %s', (_title, host, map, more, expected) => {
  expect(say(judge(host, domains(map), more))).toBe(expected)
})

test("an administrator's unreadable deny rule denies, also what nobody allowed", () => {
  const rules = joinHostRules([domains({ 'a.com': 'allow' }), readDomainMap({ 'b/': 'deny' }, managed)])
  expect(say(judge('a.com', rules))).toBe('deny rules_unreadable')
  expect(say(judge('c.com', rules))).toBe('deny rules_unreadable')
})

const networkRule = (
  host: string,
  decision: NetworkRule['decision'],
  protocol: NetworkRule['protocol'] = 'https',
): NetworkRule => ({
  kind: 'network',
  host,
  protocol,
  decision,
  justification: 'as agreed',
  place: { file: 'default.rules', line: 3, column: 1 },
  range: { from: 0, to: 0 },
})

test('an allow of a rules file speaks for its protocol alone, a deny for all', () => {
  const allow = hostRulesOf([networkRule('a.com', 'allow')])
  expect(say(judge('a.com', allow))).toBe('allow allowed')
  expect(say(judge('a.com', allow, { protocol: 'http' }))).toBe('ask not_allowed')
  const both = joinHostRules([
    allow,
    domains({ 'a.com': 'allow' }),
    hostRulesOf([networkRule('a.com', 'deny')]),
  ])
  expect(say(judge('a.com', both, { protocol: 'http' }))).toBe('deny denied')
})

test('a prompt of a rules file wins over an allow', () => {
  const rules = joinHostRules([domains({ '*': 'allow' }), hostRulesOf([networkRule('a.com', 'prompt')])])
  expect(say(judge('a.com', rules))).toBe('ask prompt')
  expect(say(judge('b.com', rules))).toBe('allow allowed')
})

test('a rule for one port speaks for that port alone', () => {
  const rules = domains({ 'a.com': 'allow' })
  const narrow = { ...rules, rules: rules.rules.map((rule) => ({ ...rule, port: 443 })) }
  expect(say(judge('a.com', narrow))).toBe('allow allowed')
  expect(say(judge('a.com', narrow, { port: 22 }))).toBe('ask not_allowed')
})

test('the message names the rule, its place and its reason', () => {
  expect(judge('a.com', hostRulesOf([networkRule('a.com', 'deny')])).message).toBe(
    'a.com is denied by "a.com" in default.rules:3 (as agreed).',
  )
  expect(judge('a.com', domains({ 'a.com': 'allow' })).message).toContain('checked again when it connects')
})

const patterns = fc.constantFrom(
  '*',
  'a.com',
  '*.a.com',
  '**.a.com',
  '10.0.0.1',
  '127.0.0.1',
  'localhost',
  'a*',
  'b/',
  '::1',
)
const entries = fc.array(fc.tuple(patterns, fc.constantFrom('allow', 'deny', 'block')), { maxLength: 6 })
const targets = fc.tuple(
  fc.constantFrom('a.com', 'x.a.com', 'b.com', '10.0.0.1', '127.1', 'localhost', '[::1]', 'ä.com'),
  fc.constantFrom<More>({}, publicly, { addresses: ['10.0.0.1'] }, { ...wide, addresses: ['127.0.0.1'] }),
)
const room = { deny: 0, ask: 1, allow: 2 } as const
const one = ([pattern, word]: readonly [string, string]): HostRules => domains({ [pattern]: word })

test('adding a deny never widens a verdict', () => {
  fc.assert(
    fc.property(entries, patterns, targets, (list, denied, [host, more]) => {
      const before = judge(host, joinHostRules(list.map(one)), more)
      const after = judge(host, joinHostRules([...list.map(one), domains({ [denied]: 'deny' })]), more)
      expect(room[after.decision]).toBeLessThanOrEqual(room[before.decision])
    }),
    { numRuns: 300 },
  )
})

test('the order of rules never matters', () => {
  fc.assert(
    fc.property(entries, targets, (list, [host, more]) => {
      const sets = list.map(one)
      const forward = judge(host, joinHostRules(sets), more)
      expect(judge(host, joinHostRules(sets.toReversed()), more)).toEqual(forward)
    }),
    { numRuns: 300 },
  )
})

test('no host makes it throw', () => {
  const rules = domains({ '*': 'allow', '10.0.0.1': 'deny' })
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.webAuthority()),
      (host) => void judge(host, rules),
    ),
    { numRuns: 300 },
  )
})
