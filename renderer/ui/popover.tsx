import { Popover as Base } from '@base-ui/react/popover'
import type { ReactElement, ReactNode } from 'react'

type Props = {
  readonly trigger: ReactElement<Record<string, unknown>>
  readonly title: string
  readonly children: ReactNode
  readonly align?: 'start' | 'end'
}

/** More about something, beside it. Opens on click, closes with Esc; holds no fact needed to decide. */
export function Popover({ trigger, title, children, align = 'start' }: Props) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className="popover-place" sideOffset={4} align={align}>
          <Base.Popup className="popover popover-body">
            <Base.Title className="popover-title">{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
