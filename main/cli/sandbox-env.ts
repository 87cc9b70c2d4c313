import type { ShellEnvironmentPolicy } from '../../protocol/config.ts'
import { commandEnv } from '../secrets/command-env.ts'

/** All but what looks like a secret: the command is the caller's own, so it gets the caller's variables. */
const everything: ShellEnvironmentPolicy = {
  inherit: 'all',
  ignoreDefaultExcludes: false,
  exclude: [],
  set: {},
  includeOnly: [],
}

/** What a session sets so that programs without a person do not wait; here a person may be at the terminal. */
const forSessions = ['TERM', 'PAGER', 'GIT_PAGER', 'GIT_TERMINAL_PROMPT', 'TMPDIR'] as const

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment of `gatehouse sandbox -- CMD`: the caller's, without what looks like a secret, or what
 * `shell_environment_policy` says.
 *
 * @param networkClosed sets the variable that programs look for to leave out what needs the network
 */
export function sandboxEnv(
  caller: Environment,
  policy: ShellEnvironmentPolicy | null,
  networkClosed: boolean,
): Record<string, string> {
  const env = commandEnv(caller, policy ?? everything)
  for (const name of forSessions) {
    const own = caller[name]
    if (own === undefined) delete env[name]
    else env[name] = own
  }
  return networkClosed ? { ...env, CODEX_SANDBOX_NETWORK_DISABLED: '1' } : env
}
