import { expect, test } from 'vitest'
import type { ShellEnvironmentPolicy } from '../../protocol/config.ts'
import { commandEnv } from './command-env.ts'

test('a command sees the everyday names and no secret', () => {
  const env = commandEnv({
    PATH: '/opt/bin:/bin',
    LC_ALL: 'C.UTF-8',
    OPENAI_API_KEY: 'sk-1',
    MY_TOKEN: 'x',
    SSH_AUTH_SOCK: '/run/x',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/x',
    EDITOR: 'ghp_0123456789',
    LANG: undefined,
    HOME: '/home/dana',
  })
  expect(env).toMatchObject({
    PATH: '/opt/bin:/bin',
    LC_ALL: 'C.UTF-8',
    HOME: '/home/dana',
    GIT_TERMINAL_PROMPT: '0',
  })
  expect(Object.keys(env).filter((n) => /KEY|TOKEN|SOCK|DBUS|EDITOR|LANG$/.test(n))).toEqual([])
})

const host = {
  PATH: '/bin',
  HOME: '/home/dana',
  LC_ALL: 'C',
  FOO: 'foo',
  AWS_REGION: 'north',
  AWS_SECRET_ACCESS_KEY: 'a',
  DB_PASSWORD: 'b',
  CREDENTIALS_FILE: 'c',
  MONKEY: 'd',
  DATABASE_URL: 'postgres://dana:hunter2@db/x',
  PLAIN: 'ghp_0123456789',
}
const everything: ShellEnvironmentPolicy = {
  inherit: 'all',
  ignoreDefaultExcludes: true,
  exclude: [],
  set: {},
  includeOnly: [],
}
const always = ['GATEHOUSE', 'GIT_PAGER', 'GIT_TERMINAL_PROMPT', 'PAGER', 'PATH', 'TERM', 'TMPDIR']

// prettier-ignore
test.each<[string, Partial<ShellEnvironmentPolicy>, string[]]>([
  ['all of the host but what looks secret', {}, ['AWS_REGION', 'FOO', 'HOME', 'LC_ALL']],
  ['the core names', { inherit: 'core' }, ['HOME', 'LC_ALL']],
  ['nothing of the host', { inherit: 'none' }, []],
  ['all but a pattern, whatever its case', { exclude: ['aws_*', '?OO'] }, ['HOME', 'LC_ALL']],
  ['only what a pattern lists', { includeOnly: ['A*', 'foo'] }, ['AWS_REGION', 'FOO']],
  ['a secret named letter by letter', { includeOnly: ['DB_PASSWORD', 'PLAIN'] }, ['DB_PASSWORD', 'PLAIN']],
  ['no secret that a pattern alone covers', { includeOnly: ['*'] }, ['AWS_REGION', 'FOO', 'HOME', 'LC_ALL']],
  ['no secret that is excluded as well', { includeOnly: ['DB_PASSWORD'], exclude: ['DB_*'] }, []],
  [
    'what is set, also when excluded by name',
    { inherit: 'none', exclude: ['*'], set: { MY_KEY: 'k' } },
    ['MY_KEY'],
  ],
  [
    'what is set only when include_only lists it',
    { inherit: 'none', includeOnly: ['X*'], set: { XA: '1', B: '2' } },
    ['XA'],
  ],
  [
    'no name a process cannot have',
    { inherit: 'none', set: { 'A=B': '1', '': '2', C: 'a\0b', D: '3' } },
    ['D'],
  ],
])('%s', (_title, policy, expected) => {
  const env = commandEnv(host, { ...everything, ...policy })
  expect(
    Object.keys(env)
      .filter((name) => !always.includes(name))
      .toSorted(),
  ).toEqual(expected)
})

test('a policy cannot take away what keeps programs from waiting, or the path', () => {
  const env = commandEnv(host, {
    ...everything,
    inherit: 'none',
    set: { PAGER: 'less', GIT_TERMINAL_PROMPT: '1' },
  })
  expect(env).toMatchObject({ PAGER: 'cat', GIT_TERMINAL_PROMPT: '0', PATH: '/usr/local/bin:/usr/bin:/bin' })
})
