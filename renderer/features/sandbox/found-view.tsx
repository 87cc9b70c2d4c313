import type { WorkspaceFound } from '../../../protocol/sandbox-proof.ts'
import { Spelled } from '../../ui/spelled.tsx'
import { cutWords, gitWords, linkWords } from './found-words.ts'

/** Files that reach out of the workspace by a second name, and repositories inside it. */
export function FoundView({ found }: { readonly found: WorkspaceFound }) {
  const { hardLinks, gitDirs } = found
  const cut = cutWords(found)
  return (
    <>
      {hardLinks.length === 0 ? (
        <p>{linkWords(hardLinks)}</p>
      ) : (
        <details>
          <summary>{linkWords(hardLinks)}</summary>
          <ul>
            {hardLinks.map(({ inside, outside }) => (
              <li key={inside.join('\n')}>
                {inside.map((path) => (
                  <span key={path} className="mono sandbox-path">
                    <Spelled text={path} limit={200} />
                  </span>
                ))}
                <span className="sandbox-quiet">
                  {outside === 1 ? '1 name outside' : `${outside} names outside`}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {gitDirs.length > 0 && (
        <details>
          <summary>{gitWords(gitDirs.length)}</summary>
          <ul>
            {gitDirs.map((path) => (
              <li key={path} className="mono">
                <Spelled text={path} limit={200} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {cut !== null && <p className="sandbox-quiet">{cut}</p>}
    </>
  )
}
