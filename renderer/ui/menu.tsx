import { Menu as Base } from '@base-ui/react/menu'
import type { ReactNode } from 'react'
import { KeyCap } from './key-cap.tsx'

export type MenuEntry = {
  readonly id: string
  readonly label: ReactNode
  readonly hint?: string
  readonly keyHint?: string | undefined
  readonly disabled?: boolean
  onSelect(): void
}

type Props = {
  readonly label: ReactNode
  readonly entries: readonly MenuEntry[]
  readonly align?: 'start' | 'end'
}

// One object for good: another container would close a menu that is open.
const landmark = {
  get current() {
    return document.querySelector('main')
  },
}

/** A menu of verbs. */
export function Menu({ label, entries, align = 'start' }: Props) {
  return (
    <Base.Root>
      <Base.Trigger className="button button-plain">{label}</Base.Trigger>
      {/* Inside the page's landmark, so that its entries are found where the page is. */}
      <Base.Portal container={landmark}>
        <Base.Positioner className="popover-place" sideOffset={4} align={align}>
          <Base.Popup className="popover menu">
            {entries.map((entry) => (
              <Base.Item
                key={entry.id}
                className="menu-item"
                disabled={entry.disabled ?? false}
                onClick={() => entry.onSelect()}
              >
                <span>
                  {entry.label}
                  {entry.hint && <span className="menu-hint">{entry.hint}</span>}
                </span>
                {entry.keyHint && <KeyCap keys={entry.keyHint} />}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
