import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { compareDomainRules, type DomainVectors } from '../vectors/compare-domain-rules.ts'
import { hostDifferences } from '../vectors/host-differences.ts'

const file = path.join(import.meta.dirname, '../../../fixtures/vectors/domain-rules.json')
const vectors = JSON.parse(readFileSync(file, 'utf8')) as DomainVectors
const compared = compareDomainRules(vectors)

test('the file has all its cases', () => {
  expect([vectors.cases.length, vectors.protocol_cases.length]).toEqual([154, 59])
})

test.each(
  compared.filter(({ result }) => result !== 'noVerdict').map((one) => [one.title, one.codex, one] as const),
)('%s, Codex: %s', (_title, codex, { result, ours, difference }) => {
  expect(result, `ours: ${ours}`).not.toBe('wider')
  // A result that differs must be one that was meant.
  if (result !== 'agree') expect(difference, `${codex}, ours: ${ours}`).not.toBeNull()
})

test('what is deliberately stricter stays as small as it is', () => {
  const stricter = compared
    .filter(({ result }) => result === 'stricter')
    .map((one) => [one.title, one.difference])
  expect(stricter).toEqual([
    ['local-binding-star: 169.254.169.254:80', 'host-metadata'],
    ['local-binding-deny: localhost:80', 'host-deny-every-form'],
    ['ipv6 with port / connect / socks: connect 64:ff9b::a00:1:443', 'host-wrapped-ipv4'],
    ['ipv6 with port / connect / socks: connect 2002:a00:1::1:443', 'host-wrapped-ipv4'],
    ['deny ip vs name resolving to it: connect rebind.test:443', 'host-deny-every-form'],
  ])
})

test('cases without a verdict are about the carrier of a request, not about its host', () => {
  const none = compared.filter(({ result }) => result === 'noVerdict').map(({ title }) => title)
  const carrier = /\[[\da-f:.]+\]:80$|^idn: |limited|socks5|^udp|^unix|host header mismatch/
  expect(none.filter((title) => !carrier.test(title))).toEqual([])
})

test('a case that lets through less than we do is called wider', () => {
  const wrong: DomainVectors = {
    cases: [
      {
        group: 'made up',
        domains: { 'a.com': 'allow' },
        host: 'a.com',
        port: 80,
        decision: 'deny',
        reason: 'denied',
      },
    ],
    protocol_cases: [],
  }
  expect(compareDomainRules(wrong)).toMatchObject([{ result: 'wider' }])
})

test('every difference has a name of its own and says why', () => {
  const ids = hostDifferences.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { what, why } of hostDifferences) expect(what.endsWith('.') && why.endsWith('.')).toBe(true)
})
