import type { FolderFacts } from '../../protocol/workspace.ts'

export type Evidence = {
  readonly git: FolderFacts['git']
  readonly trusted: boolean
  readonly owned: boolean
  /** Why this place is no project, such as "your home folder". null for any other folder. */
  readonly special: string | null
}

/**
 * Auto where work can be taken back and the folder is the person's own; read only everywhere else.
 * Never full access: nobody is led there.
 */
export function recommendPreset(found: Evidence): Pick<FolderFacts, 'recommended' | 'because'> {
  const { git, special } = found
  const readOnly = (because: string) => ({ recommended: 'read-only' as const, because })
  if (special) return readOnly(`This is ${special}, not a project.`)
  if (!found.owned && !found.trusted) return readOnly('The folder belongs to another user.')
  if (!git) {
    return readOnly(
      'The folder is not under git, so changes cannot be compared with a commit and taken back.',
    )
  }
  const auto = (because: string) => ({ recommended: 'auto' as const, because })
  if (found.trusted) return auto('It is a git repository, and you vouched for it before.')
  if (git.yourCommits === null) return auto('It is a git repository, and the folder is yours.')
  if (git.yourCommits > 0) {
    const commits = git.yourCommits === 1 ? 'a commit' : `${git.yourCommits} commits`
    return auto(`It is a git repository with ${commits} of yours in the last 30 days.`)
  }
  if (git.head === null) return auto('It is a new git repository of yours.')
  return readOnly('It is a git repository without a commit of yours in the last 30 days.')
}
