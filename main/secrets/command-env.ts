import type { ShellEnvironmentPolicy } from '../../protocol/config.ts'
import { matchesGlob } from '../policy/settings/match-glob.ts'

/** Names whose values a command gets when nothing is configured; everything else stays outside. */
const passed = new Set(
  'PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ EDITOR VISUAL TERM_PROGRAM COLORTERM XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME JAVA_HOME GOPATH GOROOT CARGO_HOME RUSTUP_HOME NVM_DIR VIRTUAL_ENV PYENV_ROOT NODE_PATH PKG_CONFIG_PATH LD_LIBRARY_PATH CC CXX CFLAGS CXXFLAGS LDFLAGS MAKEFLAGS'.split(
    ' ',
  ),
)
/** `inherit = "core"`. Source: Codex configuration reference. */
const core = new Set('HOME LANG LOGNAME PATH SHELL TMPDIR USER'.split(' '))

const secretName = /KEY|SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|AUTH|COOKIE|PRIVATE/i
const secretValue =
  /^(?:sk-|ghp_|gho_|ghs_|ghu_|github_pat_|xox[abprs]-|AKIA|ASIA|AIza|glpat-|npm_|hf_|eyJ[\w-]+\.)|-----BEGIN [A-Z ]{0,40}PRIVATE KEY|:\/\/[^/\s:@]{1,200}:[^/\s@]{1,200}@/

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The whole environment of a sandboxed command, with settings that keep programs from waiting for a pager or a
 * prompt.
 *
 * Without a policy a short list of everyday names. With one, what it says; but whatever looks like a secret, by
 * its name or by its value, is only passed on when `include_only` or `set` names it letter by letter. In
 * particular `ignore_default_excludes = true` does not hand out secrets as it does in Codex.
 *
 * @param host the environment of the host process
 * @param policy `shell_environment_policy` in force; null when nothing is configured
 */
export function commandEnv(
  host: Environment,
  policy: ShellEnvironmentPolicy | null = null,
): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...(policy ? configured(host, policy) : everyday(host)),
    TERM: 'xterm-256color',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GIT_TERMINAL_PROMPT: '0',
    TMPDIR: '/tmp',
    GATEHOUSE: '1',
  }
}

function everyday(host: Environment): Record<string, string> {
  return pick(
    host,
    (name, value) => (passed.has(name) || name.startsWith('LC_')) && !looksSecret(name, value),
  )
}

/** In this order: inherit, what looks secret, exclude, set, include_only. */
function configured(host: Environment, policy: ShellEnvironmentPolicy): Record<string, string> {
  const listed = (patterns: readonly string[], name: string): boolean =>
    patterns.some((pattern) => matchesGlob(pattern.toUpperCase(), name.toUpperCase()))
  const named = (name: string): boolean =>
    policy.includeOnly.some((one) => !/[*?]/.test(one) && one.toUpperCase() === name.toUpperCase())
  const inherited = pick(host, (name, value) => {
    const isCore = core.has(name) || name.startsWith('LC_')
    if (policy.inherit === 'none' || (policy.inherit === 'core' && !isCore)) return false
    return (named(name) || !looksSecret(name, value)) && !listed(policy.exclude, name)
  })
  const all = { ...inherited, ...pick(policy.set, () => true) }
  if (policy.includeOnly.length === 0) return all
  return pick(all, (name) => listed(policy.includeOnly, name))
}

const looksSecret = (name: string, value: string): boolean => secretName.test(name) || secretValue.test(value)

/** Only what a process can be given: a name without `=`, and no NUL anywhere. */
function pick(from: Environment, keep: (name: string, value: string) => boolean): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(from)) {
    if (
      value === undefined ||
      name === '' ||
      name === '__proto__' ||
      /[=\0]/.test(name) ||
      value.includes('\0')
    )
      continue
    if (keep(name, value)) env[name] = value
  }
  return env
}
