import { beforeAll, expect, test } from 'vitest'
import type { Compared } from '../../main/policy/vectors/comparison.ts'
import { buildLauncher } from '../../native-sandbox/build.mjs'
import { compareProbes } from '../../scripts/compare-probes.ts'
import { visibleVectors } from '../../scripts/compare-vectors.ts'

/** Every probe, as a user who is not root. */
let compared: readonly Compared[] = []
beforeAll(async () => {
  const built = buildLauncher()
  expect(built.ok, built.line).toBe(true)
  compared = (await compareProbes(visibleVectors)) ?? []
}, 900_000)

test('nothing that Codex stops gets through', () => {
  expect(compared.length).toBeGreaterThan(300)
  expect(compared.filter(({ result }) => result === 'wider')).toEqual([])
})

test('what Codex lets through works, or is listed with its reason', () => {
  expect(compared.filter(({ result, difference }) => result !== 'agree' && difference === null)).toEqual([])
})
