/**
 * How old a proof is, in steps that a person can take in: each second up to ten, then every five, then whole minutes.
 */
export function agoSteps(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 10) return `${seconds} s ago`
  if (seconds < 60) return `${seconds - (seconds % 5)} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  return `${Math.floor(seconds / 3600)} h ago`
}
