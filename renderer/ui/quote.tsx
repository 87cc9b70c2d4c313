import { Spelled } from './spelled.tsx'

type Props = { readonly text: string; readonly limit?: number; readonly lines?: 'one' | 'many' }

/** The words of an agent: serif, in quotation marks, with a rule at its left. Nothing in it is a fact. */
export function Quote({ text, limit = 240, lines = 'one' }: Props) {
  return (
    <blockquote className="quote">
      “<Spelled text={text} limit={limit} lines={lines} />”
    </blockquote>
  )
}
