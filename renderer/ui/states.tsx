import type { ReactNode } from 'react'

/** A sentence and a next step. No picture: an empty list is a fact, not an occasion. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children && <div className="state-body">{children}</div>}
    </div>
  )
}

type ErrorProps = { readonly title: string; readonly fix?: ReactNode; readonly children?: ReactNode }

/** What was found and what to do next. `children` are the buttons. */
export function ErrorState({ title, fix, children }: ErrorProps) {
  return (
    <div className="state state-error" role="alert">
      <h2>{title}</h2>
      {fix && <p>{fix}</p>}
      {children && <div className="state-actions">{children}</div>}
    </div>
  )
}

/** Words in place, shown only when something takes longer than 400 ms; nothing moves when it arrives. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p className="loading" role="status">
      {what}
    </p>
  )
}

type NoticeProps = {
  readonly level?: 'info' | 'warning' | 'problem'
  readonly title?: ReactNode
  readonly children?: ReactNode
}

export function Notice({ level = 'info', title, children }: NoticeProps) {
  return (
    <div className={`notice notice-${level}`} role={level === 'problem' ? 'alert' : undefined}>
      {title && <strong>{title}</strong>}
      {children && <div>{children}</div>}
    </div>
  )
}
