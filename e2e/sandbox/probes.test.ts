import { expect, test } from 'vitest'
import { compareProbes } from '../../scripts/compare-probes.ts'
import { visibleVectors } from '../../scripts/compare-vectors.ts'

/** Of each group one probe in the mode that says most; `npm run vectors -- sandbox` runs all. */
const seen = new Set<string>()

test('nothing that Codex stops gets through, and all that it lets through works or is listed', async () => {
  const compared = await compareProbes(visibleVectors, ({ group, mode }) => {
    if (mode === 'danger-full-access' || seen.has(group)) return false
    seen.add(group)
    return true
  })
  expect(compared?.length).toBeGreaterThan(100)
  expect(compared?.filter(({ result }) => result === 'wider')).toEqual([])
  expect(compared?.filter(({ result, difference }) => result !== 'agree' && difference === null)).toEqual([])
}, 900_000)
