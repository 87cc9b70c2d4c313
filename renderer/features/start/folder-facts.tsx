import type { FolderFacts } from '../../../protocol/workspace.ts'
import { Spelled } from '../../ui/spelled.tsx'
import { Notice } from '../../ui/states.tsx'

const count = (n: number, one: string): string => `${n.toLocaleString('en')} ${n === 1 ? one : `${one}s`}`

/** What is true about this folder before anything runs in it. */
export function FactsOfFolder({ facts }: { readonly facts: FolderFacts }) {
  return (
    <>
      <p>{gitWords(facts)}</p>
      {facts.brings.length > 0 && (
        <div>
          <p>This folder brings its own agent settings. They stay off:</p>
          <ul className="brings">
            {facts.brings.map((file) => (
              <li key={file.path}>
                <span className="mono">
                  <Spelled text={file.path} limit={120} />
                </span>
                <span className="foreign">
                  <Spelled text={file.what} limit={200} />
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      <p>
        {facts.secrets.length === 0 ? (
          'No file here looks like a secret by its name.'
        ) : (
          <>
            Files that look like secrets:{' '}
            {facts.secrets.slice(0, 12).map((path) => (
              <span key={path} className="mono secret-path">
                <Spelled text={path} limit={120} />
              </span>
            ))}
            {facts.secrets.length > 12 && `and ${facts.secrets.length - 12} more`}
          </>
        )}
      </p>
      {facts.warnings.map((warning) => (
        <Notice key={warning} level="warning">
          <Spelled text={warning} limit={300} />
        </Notice>
      ))}
    </>
  )
}

function gitWords({ git }: FolderFacts): string {
  if (git === null) return 'No git repository: what is overwritten here cannot be taken from history.'
  const parts = [
    git.branch === null ? 'no branch checked out' : `branch ${git.branch}`,
    git.head === null ? 'no commit yet' : `at ${git.head.slice(0, 10)}`,
    git.remotes === 0 ? 'no remote' : count(git.remotes, 'remote'),
    ...(git.yourCommits === null ? [] : [`${count(git.yourCommits, 'commit')} by you in 30 days`]),
    git.changedFiles === 0
      ? 'clean working tree'
      : `${count(git.changedFiles, 'file')} changed and not committed`,
  ]
  return `Git repository: ${parts.join(', ')}.`
}
