import { expect, test } from 'vitest'
import { asTest } from './as-test.ts'

test.each<[readonly string[], boolean, string]>([
  [['git', 'push'], true, 'match = [["git", "push"]]'],
  [['echo', 'a "b"\n'], false, 'not_match = [["echo", "a \\"b\\"\\n"]]'],
  [['x\u202e\u{1f600}'], true, 'match = [["x\\u202e\\U0001f600"]]'],
])('%j becomes one line of plain ASCII', (words, runs, line) => {
  expect(asTest(words, runs)).toBe(line)
})
