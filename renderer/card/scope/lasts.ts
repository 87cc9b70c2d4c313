/** How long a rule holds. `kept`: until the end it already has. */
export const lastsChoices = ['15m', '1h', '8h', '30d', 'removed'] as const
export type Lasts = (typeof lastsChoices)[number] | 'kept'

const minuteMs = 60_000
const lengths: Readonly<Record<(typeof lastsChoices)[number], number | null>> = {
  '15m': 15 * minuteMs,
  '1h': 60 * minuteMs,
  '8h': 8 * 60 * minuteMs,
  '30d': 30 * 24 * 60 * minuteMs,
  removed: null,
}

export const lastsWords: Readonly<Record<(typeof lastsChoices)[number], string>> = {
  '15m': '15 min',
  '1h': '1 h',
  '8h': '8 h',
  '30d': '30 days',
  removed: 'Until removed',
}

/**
 * When it ends if it is saved at `nowMs`.
 * @param keptMs the end it had when the editor opened
 * @returns Unix time in milliseconds; null: until removed
 */
export function endOf(lasts: Lasts, nowMs: number, keptMs: number | null): number | null {
  if (lasts === 'kept') return keptMs
  const length = lengths[lasts]
  return length === null ? null : nowMs + length
}

/** What an editor begins with: a new rule lasts 8 h, one that exists keeps its end. */
export function firstLasts(isNew: boolean, endsAtMs: number | null): Lasts {
  if (isNew) return '8h'
  return endsAtMs === null ? 'removed' : 'kept'
}

/** `11 min`, `6 h 2 min`, `29 days`. Rounded down; never negative. */
export function leftWords(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / minuteMs))
  if (minutes < 1) return 'under 1 min'
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} days`
}
