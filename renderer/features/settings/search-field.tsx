import { useEffect, useRef } from 'react'
import { useStores } from '../../state/context.tsx'
import { KeyCap } from '../../ui/key-cap.tsx'

type Props = { readonly query: string; readonly found: string; onChange(query: string): void }

/** Searches the whole page. `Mod+F` goes there as long as nothing lies over the page; Escape empties it. */
export function SearchField({ query, found, onChange }: Props) {
  const { app } = useStores()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const mod = (event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey
      if (!mod || event.key.toLowerCase() !== 'f' || event.defaultPrevented) return
      if (app.store.getState().overlay !== null) return
      event.preventDefault()
      field.current?.focus()
      field.current?.select()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [app])
  return (
    <div className="settings-search" role="search">
      <label>
        <span className="settings-search-label">
          Search settings <KeyCap keys="Mod+f" />
        </span>
        <input
          ref={field}
          className="input"
          type="text"
          autoComplete="off"
          spellCheck={false}
          aria-keyshortcuts="Control+F Meta+F"
          value={query}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || query === '') return
            event.preventDefault()
            onChange('')
          }}
        />
      </label>
      <span className="settings-search-found" role="status">
        {found}
      </span>
    </div>
  )
}
