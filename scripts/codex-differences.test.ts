import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { codexDifferences, page } from './codex-differences.ts'

test('the page of differences says what the vectors say', async () => {
  expect(readFileSync(page, 'utf8')).toBe(await codexDifferences())
}, 60_000)
