import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { saysThatItWorked } from './weaken-build.ts'
import { summary, type Tried } from './weaken-results.ts'
import { weakenings } from './weakenings.ts'

const root = path.resolve(import.meta.dirname, '..')

test.each(weakenings)('$name: what it changes stands there once', ({ changes }) => {
  for (const { file, from, to } of changes) {
    expect(readFileSync(path.join(root, file), 'utf8').split(from), `${file}: ${from}`).toHaveLength(2)
    expect(to).not.toBe(from)
  }
})

test('weakenings have names of their own, in file names as well', () => {
  const names = weakenings.map(({ name }) => name.replaceAll(/[^a-z]+/g, '-'))
  expect(new Set(names).size).toBe(names.length)
})

test.each([
  ['AssertionError: expected { exitCode: 0 } to not match object', true],
  // A row that is refused where it should be, but started.
  ['AssertionError: it must start and not be lost: null: expected …', true],
  ['AssertionError: it must start and not be lost: bwrap: no such file: expected …', false],
  ['Error: The worker ended; its words are above.', false],
  ['Error: Test timed out in 60000ms.', false],
  ['', false],
])('%s: shows that the attempt worked: %s', (words, expected) => {
  expect(saysThatItWorked(words)).toBe(expected)
})

const row = (name: string, changed: Partial<Tried> = {}): Tried => ({
  name,
  passed: true,
  noticed: false,
  words: '',
  alsoStopped: null,
  ...changed,
})

test('the summary is good when every row was seen failing, or says why it was not', () => {
  const noticed = { passed: false, noticed: true }
  const asItIs = [row('a'), row('b', { alsoStopped: 'by the kernel' })]
  expect(summary({ asItIs, builds: { worse: [row('a', noticed), row('b')] } }).good).toBe(true)
  expect(summary({ asItIs, builds: { worse: [row('a'), row('b')] } }).good).toBe(false)
  expect(summary({ asItIs, builds: { worse: [row('a', { passed: false }), row('b')] } }).good).toBe(false)
  // A reason that is not true is as bad as none.
  expect(summary({ asItIs, builds: { worse: [row('a', noticed), row('b', noticed)] } }).good).toBe(false)
  const failing = [row('a', { passed: false }), row('b', { alsoStopped: 'by the kernel' })]
  expect(summary({ asItIs: failing, builds: { worse: [row('a', noticed)] } }).good).toBe(false)
  expect(summary({ asItIs: [], builds: {} }).good).toBe(false)
})
