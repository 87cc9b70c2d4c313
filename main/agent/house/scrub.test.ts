import { expect, test } from 'vitest'
import { StreamScrubber, scrub } from './scrub.ts'

const key = 'sk-abcabcabd'

test('a key is taken out everywhere', () => {
  expect(scrub(`a ${key} b ${key}`, key)).toBe('a [key] b [key]')
})

test('no key and words too short to be one change nothing', () => {
  expect(scrub('a none b', null)).toBe('a none b')
  expect(scrub('a none b', 'none')).toBe('a none b')
})

test('ordinary text is shown at once', () => {
  expect(new StreamScrubber(key).push('Tasks are done')).toBe('Tasks are done')
})

test.each([1, 2, 3, 5, 8, 13])('a key in pieces of %i characters does not get through', (size) => {
  const text = `sk-abc sk-abcabc${key}${key.slice(0, -1)} end sk-`
  const scrubber = new StreamScrubber(key)
  let out = ''
  for (let i = 0; i < text.length; i += size) out += scrubber.push(text.slice(i, i + size))
  out += scrubber.end()
  expect(out).toBe(text.replaceAll(key, '[key]'))
})
