import { Tabs as Base } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'

export type Tab<T extends string> = {
  readonly id: T
  readonly label: string
  readonly count?: number
  /** Shown in the label's place; `label` stays its name. */
  readonly mark?: ReactNode
}

type Props<T extends string> = {
  readonly label: string
  readonly tabs: readonly Tab<NoInfer<T>>[]
  readonly value: T
  onChange(value: NoInfer<T>): void
  /** The panel of the chosen tab. */
  readonly children?: ReactNode
  readonly className?: string
}

export function Tabs<T extends string>({ label, tabs, value, onChange, children, className }: Props<T>) {
  return (
    <Base.Root
      className={`tabs${className ? ` ${className}` : ''}`}
      value={value}
      onValueChange={(next) => onChange(next as T)}
    >
      <Base.List className="tab-list" aria-label={label}>
        {tabs.map((tab) => (
          <Base.Tab key={tab.id} value={tab.id} className="tab">
            {tab.mark}
            <span>{tab.label}</span>
            {tab.count !== undefined && <span className="count">{tab.count}</span>}
          </Base.Tab>
        ))}
      </Base.List>
      <Base.Panel value={value} className="tab-panel" tabIndex={-1}>
        {children}
      </Base.Panel>
    </Base.Root>
  )
}
