import { useMemo } from 'react'
import { spellFolded } from './spell-out.ts'
import { Runs } from './spelled.tsx'

/**
 * Spelled text for places that can hold no button of their own: rows, tabs, other buttons. What is left out is
 * counted and cannot be opened here.
 */
export function Short({ text, limit }: { readonly text: string; readonly limit: number }) {
  const runs = useMemo(() => spellFolded(text, { lines: 'one' }, limit), [text, limit])
  return <Runs runs={runs} />
}
