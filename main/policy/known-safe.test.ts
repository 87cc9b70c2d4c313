import { expect, test } from 'vitest'
import { decode } from '../testing/decoder.ts'
import { isKnownSafe, notKnownSafe } from './known-safe.ts'
import { createDecoder } from './shell/decode-command.ts'

const line = (script: string) => ['bash', '-c', script]
// prettier-ignore
test.each([
  [['ls', '-la']],
  [['cat', 'a b']],
  [['git', 'status', '--short']],
  [['git', 'log', '-5']],
  [['/usr/bin/head', '-1', 'x']],
  [line('ls -la && cat README.md | head -20')],
  [line('rg foo src; wc -l "a b"')],
  [line('ls *')],
  [line('ls ~ {a,b} a\\ b')],
  [line('grep -n x src/*.ts')],
  [line('find src/* -name x')],
  [line('ls | uniq -c | uniq -f 1')],
  [line('bash -c "sh -c ls"')],
  [['/bin/sh', '-c', 'ls']],
  [['git', 'branch']],
  [['git', 'log', '--paginate', '-p', '--oneline']],
  [['git', 'diff', '--text', '--exit-code', '--output-indicator-new=x']],
  [['uniq', '-f', '1', 'in']],
  [['sed', '-n', '1p', '-']],
  [line("sed -n '1,40p' x")],
  [line('find . -name x')],
  [['git', 'branch', '--show-current']],
])('%j only reads', (argv) => {
  expect(isKnownSafe(decode(argv))).toBe(true)
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
  [line('rg foo src 2>/dev/null')],
  [line('find *')],
  [line('find . -name *.c')],
  [line('git log *')],
  [line('git log -*')],
  [line('sed -n 1p *')],
  [line('uniq f*')],
  [line('uniq -{c,d} a{b,c}')],
  [line('bash -c "ls > x"')],
  [line('bash -c "ls; rm x"')],
  [line('bash -c ls x')],
  [line('./sh -c ls')],
  [line('dash -c ls')],
  [line('ls # all of it')],
  [line('\\ls')],
  [line('l"s"')],
  [line("$'ls'")],
  [line('ls {1..3}')],
  [line('ls\\\n/tmp')],
  [line('l\\\ns')],
  [line('ls\u00a0x')],
  [line('ls\rx')],
  [line('time ls')],
  [line('ls &')],
  [line('! ls')],
  [line('ls; [ -f x ]')],
  [line('ls |& cat')],
  [['./sh', '-c', 'ls']],
  [['/tmp/bash', '-lc', 'ls']],
  [['bash', '-ec', 'ls']],
  [['sh', '-c', 'ls', 'x', 'y']],
  [['rg', '-nz', 'x']],
  [['rg', '--search-zip', 'x']],
  [['rg', '--hostname-bin=x', 'y']],
  [['base64', '-Do', 'out']],
  [['base64', '--out=x', 'f']],
  [['uniq', 'in', 'out']],
  [['uniq', '-f1', 'in', 'out']],
  [['git', 'log', '--outp=x']],
  [['git', 'show', '--textc']],
  [['git', '-p', 'log']],
  [['git', '--bare', 'status']],
  [['git', '-C', '.', 'status']],
  [['git', 'branch', '--list', 'x']],
  [['git', 'rev-parse', 'HEAD']],
  [['git']],
  [['sed', '-n', '1p', '-fx']],
  [['sed', '-n', '1p', 'a', 'b']],
  [['sort', 'x']],
  [['date']],
  [['LS']],
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
  expect(isKnownSafe(decode(argv))).toBe(false)
})

test('the program that does more than read is named', () => {
  expect(notKnownSafe(decode(line('ls && rm x')))).toBe('rm')
  expect(notKnownSafe(decode(line('ls "')))).toBe('a part that cannot be read')
})

test('without the grammar no script is known to only read', () => {
  expect(isKnownSafe(createDecoder(null)(line('ls')))).toBe(false)
  expect(isKnownSafe(createDecoder(null)(['ls']))).toBe(true)
})
