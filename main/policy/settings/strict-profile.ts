import type { SpelledEntry } from './profile-entries.ts'

const one = (access: SpelledEntry['access'], ...bases: string[]): SpelledEntry[] =>
  bases.map((base) => ({ base, below: '.', access }))

/**
 * `:strict`, for programs nobody vouches for: the homes of all users are closed but for what is listed here, which
 * holds no secrets in any usual setup. To change the list, write a profile with `extends = ":strict"`: an entry of
 * its own opens or closes a path.
 */
export const strictEntries: readonly SpelledEntry[] = [
  ...one('read', ':root'),
  ...one('write', ':workspace_roots', ':slash_tmp'),
  ...one('deny', '~', '/home', '/root'),
  // Settings of shells and git.
  ...one('read', '~/.bashrc', '~/.bash_profile', '~/.bash_login', '~/.profile', '~/.inputrc'),
  ...one('read', '~/.zshrc', '~/.zshenv', '~/.zprofile', '~/.config/fish/config.fish'),
  ...one('read', '~/.gitconfig', '~/.config/git/config', '~/.config/git/ignore', '~/.config/git/attributes'),
  // Tool chains: programs and what they load, none of their accounts.
  ...one('read', '~/.local/bin', '~/.nvm', '~/.fnm', '~/.local/share/fnm', '~/.volta/bin', '~/.volta/tools'),
  ...one('read', '~/.cargo/bin', '~/.cargo/env', '~/.rustup', '~/.pyenv', '~/.rbenv', '~/.rvm', '~/.asdf'),
  ...one(
    'read',
    '~/.local/share/mise',
    '~/.local/share/uv',
    '~/.sdkman/candidates',
    '~/.deno/bin',
    '~/.bun/bin',
  ),
  ...one('read', '~/go/bin', '~/.local/lib', '~/.ghcup/bin', '~/.opam', '~/.dotnet'),
  // Accounts and keys of the machine, which root could read.
  ...one('deny', '/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-', '/etc/ssl/private'),
  ...one('deny', '/etc/sudoers', '/etc/sudoers.d', '/var/spool/cron', '/var/mail', '/var/spool/mail'),
]
