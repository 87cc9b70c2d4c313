import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ConfigVector } from './compare-vector.ts'
import { compareVector } from './compare-vector.ts'

const { cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/vectors/config-requirements.json', import.meta.url), 'utf8'),
) as { cases: ConfigVector[] }

const differing = cases
  .map((one) => ({ ...compareVector(one), name: one.name }))
  .filter(({ result }) => result !== 'agrees')

test.each(cases.map((one) => [one.name, one] as const))('%s agrees, or differs as listed', (_name, one) => {
  const { result, fields, listed, effective } = compareVector(one)
  if (result === 'agrees') return
  expect({ result, fields, listed, notices: effective.notices }).not.toMatchObject({ listed: null })
  expect(result).not.toBe('wider')
})

test('the visible cases that differ are these', () => {
  expect(differing.map(({ name, listed, result }) => `${name}: ${result}, ${listed}`)).toMatchInlineSnapshot(`
    [
      "config-untrusted-retired: seed, untrusted stays a policy",
      "config-unknown-key-strict: seed, unknown keys never stop",
      "sandbox-modes-without-read-only: seed, read-only need not be listed",
      "untrusted-project-vs-requirement: stricter, a requirement never widens",
      "perm-managed-profile: stricter, a requirement never widens",
      "project-config-forbidden-keys: stricter, a folder cannot give itself full access",
    ]
  `)
})
