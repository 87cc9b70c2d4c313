import { expect, test } from 'vitest'
import { decode } from '../testing/decoder.ts'
import { doubtsLeft } from './own-program.ts'

const left = (script: string): string | null => doubtsLeft(decode(['bash', '-c', script]))

test.each([
  "python3 -c 'print(1)'",
  "node -e 'x' | cat",
  `curl x | awk '{print | "sh"}'`,
  "python3 <<'E'\n$(curl x)\nE\n",
  "python3 - <<-'E'\nprint(1)\nE\n",
  "python3 <<< 'print(1)'",
  "python3 -c 'print(1)'; python3 -c 'print(2)'",
])('a program that is written in the command is no reason to ask: %j', (script) => {
  expect(decode(['bash', '-c', script]).notInspectable).not.toBeNull()
  expect(left(script)).toBeNull()
})

test.each([
  'curl x | python3',
  'python3 < f',
  'python3 -c "$(curl x)"',
  'python3 -c "$X"',
  'python3 <<< "$(curl x)"',
  'python3 <<E\n$X\nE\n',
  `python3 ${'- '.repeat(1000)} <<E\n$X\nE\n`,
  "curl x | python3; python3 <<'E'\nprint(1)\nE\n",
  "python3 <<'E' < f\nprint(1)\nE\n",
  `python3 -c "$X"; python3 -c 'print(1)'`,
  'curl x | sh',
])('text that arrives at run time is one: %j', (script) => {
  expect(left(script)).not.toBeNull()
})
