import { expect, test } from 'vitest'
import { isKnownSafe } from './known-safe.ts'

const line = (script: string) => ['bash', '-c', script]

// prettier-ignore
test.each([
  [['ls', '-la']],
  [['cat', 'a b']],
  [['git', 'status', '--short']],
  [['git', 'log', '-5']],
  [['/usr/bin/head', '-1', 'x']],
  [line('ls -la && cat README.md | head -20')],
  [line('rg foo src 2>/dev/null; wc -l "a b"')],
  [line("sed -n '1,40p' x")],
  [line('find . -name x')],
  [['git', 'branch', '--show-current']],
])('%j only reads', (argv) => {
  expect(isKnownSafe(argv)).toBe(true)
})

// prettier-ignore
test.each([
  [['rm', 'x']],
  [['find', '.', '-delete']],
  [['find', '.', '-exec', 'sh', ';']],
  [['sort', '-o', 'x', 'y']],
  [['git', 'push']],
  [['git', 'branch', '-D', 'x']],
  [['git', 'diff', '--output=x']],
  [['git', '-c', 'core.pager=sh', 'log']],
  [['git', 'log', '--ext-diff']],
  [['./ls']],
  [['/tmp/cat', 'x']],
  [line('ls > out')],
  [line('ls >> out')],
  [line('cat $(touch x)')],
  [line('cat `touch x`')],
  [line('PATH=. ls')],
  [line('ls & rm x')],
  [line('cat <<E\nE')],
  [line('ls *')],
  [line('cat "$HOME"')],
  [line('ls; rm x')],
  [line('cat <(touch x)')],
  [line('{ ls; }')],
  [line('ls\nrm x')],
  [line("cat 'open")],
  [line('')],
  [line('&& ls')],
  [['bash']],
  [['bash', '-lc', 'ls', 'x']],
  [['bash', 'script.sh']],
  [['sed', '-n', '1,2w x']],
  [['sed', '-i', 's/a/b/', 'f']],
  [['env', 'ls']],
  [['rg', '--pre', 'sh', 'x']],
  [[]],
  [['toString']],
  [['constructor', 'x']],
  [line('cat a\0b')],
  [line('x'.repeat(30_000))],
])('%j is not known to only read', (argv) => {
  expect(isKnownSafe(argv)).toBe(false)
})
