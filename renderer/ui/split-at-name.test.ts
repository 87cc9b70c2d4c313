import { expect, test } from 'vitest'
import { splitAtName } from './split-at-name.ts'

test.each([
  ['create ~/reports/a.txt, by make', 'a.txt', ['create ~/reports/', 'a.txt', ', by make']],
  ['write a.txt', 'a.txt', ['write ', 'a.txt', '']],
  ['↳ create /a/a.txt/b/a.txt', 'a.txt', ['↳ create /a/a.txt/b/', 'a.txt', '']],
  ['move /w/old to /w/new', 'old', ['move /w/', 'old', ' to /w/new']],
  ['a.txt and 2 more', 'a.txt', ['', 'a.txt', ' and 2 more']],
])('in %j the name %j stays whole', (text, name, parts) => {
  expect(splitAtName(text, name)).toEqual(parts)
})

test.each([
  ['git commit, in the git directory', 'index.lock'],
  ['create /w/xa.txt', 'a.txt'],
  ['create /w/a.txt.bak', 'a.txt'],
  ['anything', ''],
])('in %j there is no name %j', (text, name) => {
  expect(splitAtName(text, name)).toBeNull()
})
