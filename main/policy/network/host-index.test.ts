import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAddress } from './address-class.ts'
import { indexOf } from './host-index.ts'
import { allowsHost, deniesAddress, deniesHost, parseHostPattern } from './host-pattern.ts'
import type { HostRule } from './host-rule.ts'
import { hostRulesOf, joinHostRules } from './network-rules.ts'
import { parseHost } from './parse-host.ts'

const rulesFor = (sources: readonly string[]): readonly HostRule[] =>
  sources.flatMap((source) => {
    const read = parseHostPattern(source)
    if (!read.ok) return []
    const rule: HostRule = {
      pattern: read.pattern,
      decision: 'deny',
      port: null,
      protocol: null,
      justification: null,
      label: 'domains',
      place: null,
      managed: false,
    }
    return [rule]
  })

const label = fc.constantFrom('a', 'b', '1', 'bücher')
const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'))
const address = fc.constantFrom(
  '127.0.0.1',
  '127.1',
  '::1',
  '::ffff:127.0.0.1',
  '64:ff9b::a00:1',
  '010.0.0.1',
)
const pattern = fc.oneof(
  name,
  address,
  name.map((n) => `*.${n}`),
  name.map((n) => `**.${n}`),
  name.map((n) => `*${n}`),
  name.map((n) => `*.a.*${n}`),
  name.map((n) => `a*.${n}`),
  fc.constant('*'),
)

test('the index leaves out no rule that speaks for a host', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 12 }), fc.oneof(name, address), (sources, text) => {
      const rules = rulesFor(sources)
      const read = parseHost(text)
      if (!read.ok) return
      const { host } = read
      const near = new Set(indexOf({ rules, closed: null, problems: [] }).near(host))
      for (const rule of rules)
        if (deniesHost(rule.pattern, host) || allowsHost(rule.pattern, host))
          expect([rule.pattern.source, near.has(rule)]).toEqual([rule.pattern.source, true])
    }),
    { numRuns: 300 },
  )
})

test('the index leaves out no rule that speaks for an address', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 12 }), address, (sources, text) => {
      const rules = rulesFor(sources)
      const to = readAddress(text)
      if (to === null) return
      const near = new Set(indexOf({ rules, closed: null, problems: [] }).nearAddress(to))
      for (const rule of rules)
        if (deniesAddress(rule.pattern, to))
          expect([rule.pattern.source, near.has(rule)]).toEqual([rule.pattern.source, true])
    }),
    { numRuns: 300 },
  )
})

test('a thousand rules with exact names leave only those that are near', () => {
  const place = { file: 'a.rules', line: 1, column: 1 }
  const rules = joinHostRules([
    hostRulesOf(
      Array.from({ length: 1000 }, (_, i) => ({
        kind: 'network' as const,
        host: `h${i}.example.com`,
        protocol: 'https' as const,
        decision: 'allow' as const,
        justification: null,
        place,
        range: { from: 0, to: 0 },
      })),
    ),
  ])
  const read = parseHost('h7.example.com')
  expect(
    read.ok &&
      indexOf(rules)
        .near(read.host)
        .map((rule) => rule.pattern.text),
  ).toEqual(['h7.example.com'])
})
