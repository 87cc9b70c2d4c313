import type { ReactNode } from 'react'

/** A part of the page: its title in the margin, its settings beside it. */
export function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="settings-group" aria-label={title}>
      <h2>{title}</h2>
      <div className="settings-body">{children}</div>
    </section>
  )
}
