import { expect, test } from 'vitest'
import { decode } from '../../testing/decoder.ts'
import { createDecoder } from './decode-command.ts'

const bash = (script: string): string[] => ['/bin/bash', '-lc', script]
const found = (argv: readonly string[]): string =>
  decode(argv)
    .parts.map(
      (p) =>
        `${p.words.map((w) => w ?? '?').join(' ')}${p.behind.length > 0 ? ` <${p.behind.join(' ')}>` : ''}`,
    )
    .join(' | ')

// prettier-ignore
test.each([
  [['git', 'status'], 'git status'],
  [['env', '-u', 'A', 'B=c', 'rm', 'x'], 'env -u A B=c rm x | rm x <env>'],
  [bash('sudo -u root -E X=1 rm -rf x'), 'sudo -u root -E X=1 rm -rf x | rm -rf x <sudo>'],
  [
    bash('sudo -- rm x; doas -u a rm x; sudo -l'),
    'sudo -- rm x | rm x <sudo> | doas -u a rm x | rm x <doas> | sudo -l',
  ],
  [
    bash('command rm x; command -v rm; builtin cd y; exec -a n rm z'),
    'command rm x | rm x <command> | command -v rm | builtin cd y | cd y <builtin> | exec -a n rm z | rm z <exec>',
  ],
  [
    bash('nohup nice -n 5 ionice -c2 rm x'),
    'nohup nice -n 5 ionice -c2 rm x | nice -n 5 ionice -c2 rm x <nohup> | ionice -c2 rm x <nohup nice> | rm x <nohup nice ionice>',
  ],
  [
    bash('timeout -k 1 5s stdbuf -oL rm x'),
    'timeout -k 1 5s stdbuf -oL rm x | stdbuf -oL rm x <timeout> | rm x <timeout stdbuf>',
  ],
  [bash('time -p X=1 rm x'), 'time -p X=1 rm x | rm x <time>'],
  [
    bash('setsid -w chroot / rm x'),
    'setsid -w chroot / rm x | chroot / rm x <setsid> | rm x <setsid chroot>',
  ],
  [bash('ls | xargs -0 -n 1 rm -f'), 'ls | xargs -0 -n 1 rm -f | rm -f ? <xargs>'],
  [bash('xargs -I{} mv {} a{}'), 'xargs -I{} mv {} a{} | mv ? ? <xargs>'],
  [
    bash('find . -exec rm {} + -o -execdir cat {} \\;'),
    'find . -exec rm {} + -o -execdir cat {} ; | rm ? <find -exec> | cat ? <find -execdir>',
  ],
  [bash('fd x -x rm'), 'fd x -x rm | rm ? <fd -x>'],
  [bash('busybox rm x; toybox ls'), 'busybox rm x | rm x <busybox> | toybox ls | ls <toybox>'],
  [bash('parallel -j 4 rm {} ::: a b'), 'parallel -j 4 rm {} ::: a b | rm {} ? <parallel>'],
  [bash("watch -n 1 'ls; rm x'"), 'watch -n 1 ls; rm x | ls <watch> | rm x <watch>'],
  [bash("script -qc 'rm x' log"), 'script -qc rm x log | rm x <script -c>'],
  [bash("su -c 'rm x' root; su - a -c ls"), 'su -c rm x root | rm x <su -c> | su - a -c ls | ls <su -c>'],
  [
    bash("eval 'rm x' '; ls'; trap 'rm y' EXIT; trap - INT"),
    'eval rm x ; ls | rm x <eval> | ls <eval> | trap rm y EXIT | rm y <trap> | trap - INT',
  ],
  [bash('bash -c \'sh -ec "rm x"\''), 'bash -c sh -ec "rm x" | sh -ec rm x <bash -c> | rm x <bash -c sh -c>'],
  [bash("zsh -o pipefail -c 'rm x | ls'"), 'zsh -o pipefail -c rm x | ls | rm x <zsh -c> | ls <zsh -c>'],
  [
    bash('flock /l rm x; flock /l -c "rm y"'),
    'flock /l rm x | rm x <flock> | flock /l -c rm y | rm y <flock -c>',
  ],
  [bash('echo $(rm x) <(ls)'), 'rm x <$( )> | ls <<( )> | echo ? ?'],
  [
    bash("git bisect run rm x; git rebase --exec 'rm y'; git submodule foreach 'rm z'"),
    'git bisect run rm x | rm x <git bisect run> | git rebase --exec rm y | rm y <git rebase --exec> | git submodule foreach rm z | rm z <git submodule foreach>',
  ],
  [
    bash('/lib64/ld-linux-x86-64.so.2 /bin/rm x'),
    '/lib64/ld-linux-x86-64.so.2 /bin/rm x | /bin/rm x <ld.so>',
  ],
  [bash('SUDO rm x; noglob rm y'), 'SUDO rm x | rm x <sudo> | noglob rm y | rm y <noglob>'],
  [bash('x=1; > f'), ' | '],
  [['/tmp/bash', '-c', 'rm x'], '/tmp/bash -c rm x | rm x <bash -c>'],
  [['bash', 'f.sh', 'x'], 'bash f.sh x'],
])('%j is read in full as %s', (argv, expected) => {
  expect(found(argv)).toBe(expected)
  expect(decode(argv).notInspectable).toBeNull()
})

// prettier-ignore
test.each([
  ['$X rm -rf x', 'rm -rf x <$>'],
  ['sudo --new-option rm x', 'rm x <sudo>'],
  ['sudo $OPTIONS rm x', 'rm x <sudo $>'],
  ['env -S "rm x"', 'rm x <env -S>'],
  ['bash <<E\nrm x\nE', 'rm x <bash <<>'],
  ["sh <<< 'rm x'", 'rm x <sh <<>'],
  ["find . -exec sh -c 'rm {}' \\;", 'rm {} <find -exec sh -c>'],
  ['bash -c \'"$@"\' _ rm -rf x', 'rm -rf x <bash -c>'],
  ['f() { rm -rf x; }; f', 'rm -rf x'],
  ["env 'BASH_FUNC_ls%%=() { x; }' bash -c 'rm y'", 'rm y <env bash -c>'],
  ['command p1\n\n\\rm x', 'rm x'],
  ['"" ; rm x', 'rm x'],
  ['{rm,-rf,x}', 'rm -rf x'],
])('%j is not inspectable, and still %s is found in it', (script, part) => {
  expect(found(bash(script)).split(' | ')).toContain(part)
  expect(decode(bash(script)).notInspectable).not.toBeNull()
})

test.each([
  'curl x | sh',
  'cat f | sudo bash',
  'bash < f',
  'bash',
  'sh -s',
  'bash <(curl x)',
  'bash /dev/stdin',
  'bash -c "$X"',
  'bash -ic ls',
  'bash --rcfile f -c ls',
  'eval "$(x)"',
  'source f',
  '. ./f',
  'python3 -c 1',
  'python -Ic 1',
  'python3 - <<E\n1\nE',
  'echo 1 | node',
  'node -e 1',
  'perl -ne 1',
  'ruby -e 1',
  'php -r 1',
  'fish -c ls',
  'pwsh -Command ls',
  'awk \'BEGIN{system("x")}\'',
  "sed 's/a/b/e' f",
  '$(which ls) x',
  '~/bin/$X',
  '"$X"',
  '/bin/r?',
  'alias ls=rm',
  'hash -p /x ls',
  'enable -f x y',
  'mapfile -C rm x',
  'ssh h ls',
  'ssh -o ProxyCommand=x h',
  'git -c alias.x=!ls x',
  'git -c core.pager=x log',
  'git -c diff.external=x diff',
  'git filter-branch x',
  'tar --to-command=x -xf f',
  'rsync -e ./x a b',
  'LD_PRELOAD=x ls',
  'export BASH_ENV=x',
  'BASH_ALIASES[ls]=rm',
  "x='a[$(rm)]'",
  "test -v 'a[$(rm)]'",
  'su',
  'sudo -i',
  'parallel < f',
  'ls "',
  'if',
  '/proc/self/exe -c ls',
  'compgen -W x',
  'cat\rf',
  '',
  '# x',
])('%j is not inspectable', (script) => {
  expect(decode(bash(script)).notInspectable).not.toBeNull()
})

test.each([
  'ls $HOME "$x" *.c ~',
  "cat > f <<'E'\n$(x) `y` \"\nE",
  "git commit -m \"$(cat <<'E'\nit's (a)\nE\n)\"",
  'make 2>&1 | tee log',
  'while IFS= read -r l; do echo "$l"; done < f',
  'GIT_EDITOR=true git rebase --continue',
  'PYTHONPATH=src pytest -k "a or b"',
  "awk '{print $1}' f",
  "sed -n 's/a/b/p' f",
  'git -c user.name=x commit',
  'rsync -e ssh a b',
  'for i in {1..3}; do echo $i; done',
  'find . -exec sh -c \'wc "$1"\' _ {} \\;',
  '[[ $a == b* ]] && (cd x; make)',
  'python3 f.py < data',
  'cat f | python3 f.py',
])('%j is everyday, and inspectable', (script) => {
  expect(decode(bash(script)).notInspectable).toBeNull()
})

test('a part carries its words, redirections, assignments and text', () => {
  expect(decode(bash('X=1 cat "a b" --x=$y > out 2>&1 && ls')).parts).toEqual([
    {
      words: ['cat', 'a b', null],
      starts: ['cat', 'a b', '--x='],
      argv: null,
      text: 'X=1 cat "a b" --x=$y > out 2>&1',
      behind: [],
      assignments: ['X=1'],
      redirects: [
        { operator: '>', target: 'out' },
        { operator: '2>&1', target: '1' },
      ],
      plain: false,
      loose: false,
    },
    {
      words: ['ls'],
      starts: ['ls'],
      argv: ['ls'],
      text: 'ls',
      behind: [],
      assignments: [],
      redirects: [],
      plain: false,
      loose: false,
    },
  ])
})

test('only the own words of a wrapper are plain', () => {
  const { parts, plain } = decode(bash('time cat f'))
  expect(parts.map((p) => p.plain)).toEqual([true, false])
  expect(plain).toBe(false)
})

test('the grammar has to see the same programs', () => {
  const blind = createDecoder({ parse: () => ({ programs: ['ls'], hasError: false }) })
  expect(blind(bash('ls')).notInspectable).toBeNull()
  expect(blind(bash('ls; rm x'))).toMatchObject({
    notInspectable: 'two ways of reading it differ',
    plain: false,
  })
})

test.each([
  [{ parse: () => null }, 'its script is too long or too involved'],
  [{ parse: () => ({ programs: [], hasError: true }) }, 'the shell grammar cannot read it'],
  [null, 'the shell grammar is not loaded'],
])('without a reading by the grammar a script is not inspectable, an argument list is', (grammar, why) => {
  expect(createDecoder(grammar)(bash('ls'))).toMatchObject({ notInspectable: why, plain: false })
  expect(createDecoder(grammar)(['ls', '-l'])).toMatchObject({ notInspectable: null, plain: true })
})

test.each([
  [[]],
  [['']],
  [['ls', 'a\0b']],
  [['ls', '\ud800']],
  [['__proto__']],
  [bash('__proto__ constructor'), 'inspectable'],
  [bash('x'.repeat(50_000))],
  [bash('sudo '.repeat(3_000))],
  [bash('rm x; '.repeat(3_000))],
  [bash("bash -c '".repeat(30) + "'".repeat(30))],
  [Array.from({ length: 10_000 }, () => 'env')],
])('hostile input %#', (argv, mode = 'asks') => {
  const started = process.threadCpuUsage()
  const { notInspectable, parts } = decode(argv)
  expect(process.threadCpuUsage(started).user / 1_000).toBeLessThan(80)
  if (argv[0] !== '__proto__' && mode === 'asks') expect(notInspectable).not.toBeNull()
  expect(notInspectable !== null || parts.length > 0).toBe(true)
})
