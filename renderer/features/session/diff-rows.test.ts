import { expect, test } from 'vitest'
import { diffRows, markedParts, pairLines } from './diff-rows.ts'
import { file, hunk } from './test-items.ts'

test('a file becomes its header, its hunks and their lines, in order', () => {
  const rows = diffRows([file('a.ts', [hunk('h1', 1, [' a', '-b', '+c'])])])
  expect(rows.map((row) => row.kind)).toEqual(['file', 'hunk', 'line', 'line', 'line'])
})

test('who acts later on a file stands right under its header', () => {
  const rows = diffRows([file('.envrc', [hunk('h1', 1, ['+a'])], { runsLater: 'direnv acts on it' })])
  expect(rows.map((row) => row.kind)).toEqual(['file', 'later', 'hunk', 'line'])
  expect(rows[1]).toMatchObject({ text: 'Runs later: direnv acts on it.' })
})

test('the n-th removed line is compared with the n-th added line of the same block', () => {
  const { lines } = hunk('h', 1, ['-a', '-b', '+A', '+B', ' ', '+alone'])
  expect([...pairLines(lines)]).toEqual([
    [0, 'A'],
    [2, 'a'],
    [1, 'B'],
    [3, 'b'],
  ])
})

test('an inserted line does not shift the lines that follow', () => {
  const { lines } = hunk('h', 1, ['-await sleep(base)', '+const wait = jitter(i)', '+await sleep(wait)'])
  expect([...pairLines(lines)]).toEqual([
    [0, 'await sleep(wait)'],
    [2, 'await sleep(base)'],
  ])
})

test('a block of ten thousand lines is paired by place', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `-old ${index}`)
  expect(pairLines(hunk('h', 1, [...many, '+new']).lines).size).toBe(2)
})

// prettier-ignore
test.each([
  ['a binary file', { binary: true }, 'Binary file. Its content is not shown.'],
  ['a rename alone', { change: 'rename' }, 'Renamed, content unchanged.'],
  ['a mode change', { change: 'update' }, 'No line changed: file mode or type only.'],
] as const)('%s says so in a sentence', (_title, over, text) => {
  expect(diffRows([file('a', [], over)])[1]).toMatchObject({ kind: 'note', text })
})

test('lines that were left out are counted', () => {
  const rows = diffRows([file('a', [hunk('h', 1, ['+x'])], { leftOut: 12_345 })])
  expect(rows.at(-1)).toMatchObject({ kind: 'note', text: expect.stringContaining('12,345 more lines') })
})

test('keys are unique when two files have a hunk with the same id', () => {
  const same = hunk('h', 1, ['+x', '+x'])
  const rows = diffRows([file('a', [same]), file('b', [same])])
  expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length)
})

test('a context line has no marks even with a partner', () => {
  expect(markedParts({ kind: 'context', text: 'x', oldNo: 1, newNo: 1 }, 'y')).toEqual([
    { text: 'x', changed: false },
  ])
})
