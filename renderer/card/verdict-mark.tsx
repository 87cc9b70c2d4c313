import type { Verdict } from '../../protocol/verdict.ts'

export type VerdictName = Verdict['kind']

export const verdictWords: Readonly<Record<VerdictName, string>> = {
  run: 'Runs',
  review: 'Asks you',
  forbid: 'Forbidden',
}

const paths: Readonly<Record<VerdictName, string>> = {
  run: 'M2.5 8h10M9 4.5 12.5 8 9 11.5',
  review: 'M5.5 3.5v9M10.5 3.5v9',
  forbid: 'M4 4l8 8M12 4l-8 8',
}

/** An arrow, two bars, a cross: a verdict must be told without colour. Never alone: its word stands beside it. */
export function VerdictMark({
  verdict,
  size = 16,
}: {
  readonly verdict: VerdictName
  readonly size?: number
}) {
  return (
    <svg className="verdict-mark" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[verdict]} fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="square" />
    </svg>
  )
}
