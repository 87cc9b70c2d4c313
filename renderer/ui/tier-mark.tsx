export type TierName = 'routine' | 'notable' | 'serious' | 'critical'

export const tierWords: Readonly<Record<TierName, string>> = {
  routine: 'Routine',
  notable: 'Notable',
  serious: 'Serious',
  critical: 'Critical',
}

const fills: Readonly<Record<TierName, string | null>> = {
  routine: null,
  notable: 'M8 8V2.25A5.75 5.75 0 0 1 13.75 8Z',
  serious: 'M8 2.25a5.75 5.75 0 0 0 0 11.5Z',
  critical: 'M8 2.25a5.75 5.75 0 1 1 0 11.5a5.75 5.75 0 1 1 0 -11.5Z',
}

/** Open ring, quarter, half, full disc: a tier must be told without colour. */
export function TierMark({ tier, size = 16 }: { readonly tier: TierName; readonly size?: number }) {
  const fill = fills[tier]
  return (
    <svg
      className={`tier-mark tier-${tier}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
    >
      <circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" strokeWidth="1.25" />
      {fill && <path d={fill} fill="currentColor" />}
    </svg>
  )
}

export function TierWord({ tier }: { readonly tier: TierName }) {
  return <span className={`tier-word tier-${tier}`}>{tierWords[tier]}</span>
}
