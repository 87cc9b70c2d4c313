import { Spelled } from './spelled.tsx'

/**
 * Arguments one by one, never joined: `rm -rf "a b"` must not look like two paths. Blanks inside a token stay
 * visible because each token has its own ground.
 */
export function Argv({ argv, limit = 400 }: { readonly argv: readonly string[]; readonly limit?: number }) {
  return (
    <ol className="argv" aria-label={`${argv.length} ${argv.length === 1 ? 'token' : 'tokens'}`}>
      {argv.map((token, place) => (
        <li key={place} className="token">
          {token === '' ? <span className="spelled">⟨empty⟩</span> : <Spelled text={token} limit={limit} />}
        </li>
      ))}
    </ol>
  )
}
