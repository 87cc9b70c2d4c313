import type { RuleDecision, RuleRow } from '../../../protocol/rules.ts'
import type { VerdictName } from '../../card/verdict-mark.tsx'

export const ruleDecisionWords: Readonly<Record<RuleDecision, string>> = {
  allow: 'allow',
  prompt: 'ask',
  forbidden: 'forbid',
}

/** The verdict a rule decision leads to when nothing stricter matches; for its mark. */
export const verdictOfDecision: Readonly<Record<RuleDecision, VerdictName>> = {
  allow: 'run',
  prompt: 'review',
  forbidden: 'forbid',
}

export const groupWords: Readonly<
  Record<RuleRow['group'], { readonly name: string; readonly what: string }>
> = {
  managed: { name: 'Managed', what: 'locked by an administrator' },
  workspace: { name: 'Workspace', what: 'files of the folder' },
  you: { name: 'You', what: 'your own files' },
  leases: { name: 'Leases', what: 'end by themselves' },
}

export const runsWords = { sandbox: 'in the sandbox', asAsked: 'as asked, outside if it asks' } as const

/** `1 min`, `3 h`, `9 d`: how long ago, for a narrow column. */
export function shortAgo(atMs: number | null, nowMs: number): string {
  if (atMs === null) return 'never'
  const minutes = Math.max(0, Math.floor((nowMs - atMs) / 60_000))
  if (minutes < 1) return 'now'
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`
}

export const fileName = (file: string): string => file.split(/[\\/]/).filter(Boolean).at(-1) ?? file
