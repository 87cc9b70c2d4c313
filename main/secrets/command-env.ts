/** Names whose values a command gets from the host's environment; everything else stays outside. */
const passed = new Set(
  'PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ EDITOR VISUAL TERM_PROGRAM COLORTERM XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME JAVA_HOME GOPATH GOROOT CARGO_HOME RUSTUP_HOME NVM_DIR VIRTUAL_ENV PYENV_ROOT NODE_PATH PKG_CONFIG_PATH LD_LIBRARY_PATH CC CXX CFLAGS CXXFLAGS LDFLAGS MAKEFLAGS'.split(
    ' ',
  ),
)

const secretName = /KEY|SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|AUTH|COOKIE|PRIVATE/i
const secretValue =
  /^(?:sk-|ghp_|gho_|github_pat_|xox[abp]-|AKIA|AIza|glpat-|eyJ[\w-]+\.)|-----BEGIN [A-Z ]*PRIVATE KEY/

/**
 * The whole environment of a sandboxed command: a short list of names, nothing that looks like a secret, and
 * settings that keep programs from waiting for a pager or a prompt.
 *
 * @param host the environment of the host process
 */
export function commandEnv(host: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(host)) {
    if (value === undefined || value.includes('\0')) continue
    if (!passed.has(name) && !name.startsWith('LC_')) continue
    if (secretName.test(name) || secretValue.test(value)) continue
    env[name] = value
  }
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...env,
    TERM: 'xterm-256color',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GIT_TERMINAL_PROMPT: '0',
    TMPDIR: '/tmp',
    GATEHOUSE: '1',
  }
}
