import { Dialog as Base } from '@base-ui/react/dialog'
import type { ReactNode } from 'react'

type Props = {
  readonly title: ReactNode
  readonly open: boolean
  onClose(): void
  readonly children: ReactNode
  readonly width?: 'narrow' | 'wide'
  readonly hideTitle?: boolean
}

/** A dialog the person opened. Never for a question of an agent: those stay in the list. */
export function Dialog({ title, open, onClose, children, width = 'narrow', hideTitle }: Props) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Popup className={`popover dialog dialog-${width}`}>
          <Base.Title className={hideTitle ? 'sr-only' : 'dialog-title'}>{title}</Base.Title>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
