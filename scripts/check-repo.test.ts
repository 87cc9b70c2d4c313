import { expect, test } from 'vitest'
import { checkText } from './check-repo.ts'

// prettier-ignore
test.each([
  ["somebody's folder", 'main/a.ts', "const a = '/home/kim/src'", 1],
  ['the folder of an example', 'main/a.ts', "const a = '/home/dana/src'", 0],
  ['a root folder in a test', 'main/a.test.ts', "const a = '/root/x'", 0],
  ['a root folder in the app', 'main/a.ts', "const a = '/root/x'", 1],
  ['a path that ends alike', 'main/a.ts', "import '../../root/x.ts'", 0],
  ['a note without an end', 'main/a.ts', '// TODO: tidy', 1],
  ['a note with its condition', 'main/a.ts', '// TODO: remove when Node 26 is here', 0],
  ['a test that hides others', 'main/a.test.ts', "test.only('a', () => {})", 1],
  ['a lockfile with an address', 'package-lock.json', '"resolved": "https://a.invalid/a.tgz"', 1],
  ['a forgotten merge', 'README.md', '<<<<<<< mine', 1],
])('%s', (_title, file, line, count) => {
  expect(checkText(file, `first\n${line}\n`)).toHaveLength(count)
})
