/**
 * What in a writable root decides, later and outside the boundary, what a program of the user runs. One table;
 * docs/PROTECTED-PATHS.md says it in words.
 */
export type ProtectedEntry = {
  /** Relative to a writable root. */
  readonly name: string
  /**
   * What happens where it is absent. `standIn`: an empty folder stands there while a command runs, so it cannot be
   * made. `watched`: it can be made, since a stand-in would disturb ordinary tools or make too many; what appears
   * is shown after the run.
   */
  readonly absent: 'standIn' | 'watched'
  /**
   * What happens where it is a symlink. `refuse`: nothing starts, since no mount holds a link in place. `target`:
   * what it leads to is closed as far as a root would open it, and the link counts as watched.
   */
  readonly link: 'refuse' | 'target'
  readonly group: 'repository' | 'agents' | 'editors' | 'automation' | 'packages' | 'shell'
}

const all = (
  group: ProtectedEntry['group'],
  absent: ProtectedEntry['absent'],
  link: ProtectedEntry['link'],
  ...names: string[]
): ProtectedEntry[] => names.map((name) => ({ name, absent, link, group }))

/** At the top of every writable root. */
export const protectedSet: readonly ProtectedEntry[] = [
  ...all('repository', 'standIn', 'refuse', '.git'),
  ...all('agents', 'standIn', 'refuse', '.gatehouse', '.codex', '.agents', '.claude'),
  ...all('agents', 'standIn', 'target', '.gemini', '.qwen', '.opencode', '.cursor', '.aws'),
  ...all('agents', 'watched', 'target', '.mcp.json'),
  ...all('editors', 'standIn', 'target', '.vscode'),
  ...all('editors', 'watched', 'target', '.idea', '.devcontainer', '.devcontainer.json'),
  ...all('automation', 'watched', 'target', '.github/workflows', '.github/actions', '.gitlab-ci.yml'),
  ...all(
    'automation',
    'watched',
    'target',
    '.circleci',
    '.husky',
    '.pre-commit-config.yaml',
    '.lefthook.yml',
  ),
  ...all('automation', 'watched', 'target', 'lefthook.yml', '.envrc'),
  ...all('packages', 'watched', 'target', '.npmrc', '.yarnrc', '.yarnrc.yml', '.yarn/releases'),
  ...all(
    'packages',
    'watched',
    'target',
    '.yarn/plugins',
    '.pnpmfile.cjs',
    'pnpmfile.js',
    '.cargo/config.toml',
  ),
  ...all('packages', 'watched', 'target', '.cargo/config', '.mvn/jvm.config', '.mvn/extensions.xml'),
]

/** Besides the table, where a root is the user's home folder or holds it. Relative to the home folder. */
export const protectedInHome: readonly ProtectedEntry[] = [
  ...all('shell', 'watched', 'target', '.bashrc', '.bash_profile', '.bash_login', '.bash_logout', '.profile'),
  ...all('shell', 'watched', 'target', '.zshrc', '.zshenv', '.zprofile', '.zlogin', '.zlogout', '.inputrc'),
  ...all(
    'shell',
    'watched',
    'target',
    '.config/fish',
    '.xprofile',
    '.xsession',
    '.xinitrc',
    '.pam_environment',
  ),
  ...all(
    'shell',
    'standIn',
    'target',
    '.ssh',
    '.config/autostart',
    '.config/systemd',
    '.config/environment.d',
  ),
  ...all('shell', 'watched', 'target', '.local/bin', 'bin', '.cargo/bin', '.local/share/systemd'),
  ...all('repository', 'watched', 'target', '.gitconfig', '.config/git'),
]

/** The entry that speaks of a path relative to a writable root: the entry itself, or what is inside it. */
export const protectedEntryOf = (below: string): ProtectedEntry | null =>
  protectedSet.find(({ name }) => below === name || below.startsWith(`${name}/`)) ?? null

/** The names that hold wherever they stand, for words about a path that a command was refused. */
export const protectedNames: readonly string[] = protectedSet
  .filter(({ absent }) => absent === 'standIn')
  .map(({ name }) => name)
