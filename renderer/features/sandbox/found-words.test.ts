import { expect, test } from 'vitest'
import { cutWords, linkWords } from './found-words.ts'

const link = { inside: ['/w/a'], outside: 1 }
const found = { gitDirs: [], hardLinks: [], leftOut: 0, cut: null }

test('how many files reach out is said as a number and a consequence', () => {
  expect(linkWords([])).toBe('No file here has a second name outside.')
  expect(linkWords([link])).toContain('1 file here has a second name outside')
  expect(linkWords([link, link, link])).toContain('3 files here have a second name outside')
})

test('what was not looked at is never left unsaid', () => {
  expect(cutWords(found)).toBe(null)
  expect(cutWords({ ...found, cut: 'files' })).toContain('more files than were looked at')
  expect(cutWords({ ...found, cut: 'time', leftOut: 3 })).toMatch(
    /^3 more are not listed\. Looking took too long/,
  )
  expect(cutWords({ ...found, cut: 'stopped' })).toContain('stopped')
})
