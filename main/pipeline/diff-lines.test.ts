import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { diffLines } from './diff-lines.ts'

const text = (lines: string[]) => lines.map((l) => `${l}\n`).join('')

test('a changed line shows with three lines of context and true numbers', () => {
  const before = text(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])
  expect(diffLines(before, before.replace('e', 'E'))).toEqual({
    diff: '@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n',
    added: 1,
    removed: 1,
  })
})

test('patch(1) makes the new text of the old one with it', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'gh-diff-'))
  let seed = 7
  const random = (n: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n
  for (let round = 0; round < 60; round++) {
    const a = Array.from({ length: random(30) + 1 }, () => `line ${random(6)}`)
    const b = a.flatMap((l) => (random(5) === 0 ? [] : random(5) === 0 ? [l, `new ${random(9)}`] : [l]))
    const { diff } = diffLines(text(a), text(b))
    writeFileSync(path.join(dir, 'f'), text(a))
    if (diff === '') continue
    writeFileSync(path.join(dir, 'p'), `--- f\n+++ f\n${diff}`)
    execFileSync('git', ['apply', '--unidiff-zero', '-p0', 'p'], { cwd: dir, stdio: 'pipe' })
    let made = ''
    try {
      made = readFileSync(path.join(dir, 'f'), 'utf8')
    } catch {
      // git removes a file that became empty
    }
    expect(made).toBe(text(b))
  }
  rmSync(dir, { recursive: true })
})

test('a very large replacement stays cheap', () => {
  const a = text(Array.from({ length: 50_000 }, (_, i) => `a${i}`))
  const b = text(Array.from({ length: 50_000 }, (_, i) => `b${i}`))
  expect(diffLines(a, b)).toMatchObject({ added: 50_000, removed: 50_000 })
})
