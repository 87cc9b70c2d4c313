import { expect, test } from 'vitest'
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
