import type { ReactNode } from 'react'
import { Dialog } from '../../ui/dialog.tsx'
import { ScopeEditor, type ScopeProps } from './scope-editor.tsx'

type Props = ScopeProps & { readonly title: ReactNode }

/** The scope editor over the page. Escape goes back and saves nothing. */
export function ScopeDialog({ title, ...scope }: Props) {
  return (
    <Dialog title={title} open onClose={scope.onClose} width="wide">
      <ScopeEditor {...scope} />
    </Dialog>
  )
}
