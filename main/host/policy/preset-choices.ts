import type { Lock, PresetChoice } from '../../../protocol/policy.ts'
import {
  type Preset,
  type PresetDef,
  presets,
  type Settings,
  settingsOf,
} from '../../../protocol/settings.ts'
import type { PastQuestion } from '../../approvals/past-questions.ts'
import type { JudgeContext } from '../../policy/judge-action.ts'
import { caseOf, judgeAgain } from './replay.ts'

const days = 7
const dayMs = 86_400_000

export type PresetFacts = {
  /** Of the session, or of the folder's defaults. */
  readonly now: Settings
  readonly nowMs: number
  readonly past: readonly PastQuestion[]
  /** Rules and decoding of the folder. */
  readonly context: Omit<JudgeContext, 'settings'>
  /** Who took a preset away; null: it may be chosen. */
  lockOf(preset: PresetDef): Lock | null
}

/** Every preset with what it would change, and with last week's questions judged again. */
export function presetChoices({ now, nowMs, past, context, lockOf }: PresetFacts): PresetChoice[] {
  const recent = past.filter((q) => q.atMs >= nowMs - days * dayMs)
  return presets.map((preset) => {
    const to = settingsOf(preset.id)
    const again = recent.map((q) => ({ q, kind: judgeAgain(q, { ...context, settings: to }).verdict.kind }))
    const count = (kind: string): number => again.filter((a) => a.kind === kind).length
    return {
      preset: preset.id,
      current: now.preset === preset.id,
      lock: lockOf(preset),
      ...gainsAndLosses(now, to, preset.id),
      replay: {
        days,
        asks: again.length,
        wouldAsk: count('review'),
        wouldRun: count('run'),
        wouldForbid: count('forbid'),
        deniedThatWouldRun: again
          .filter((a) => a.kind === 'run' && a.q.outcome === 'denied')
          .slice(0, 20)
          .map((a) => caseOf(a.q)),
      },
    }
  })
}

/** What becomes possible without a question, and what stops being so. */
export function gainsAndLosses(
  from: Settings,
  to: Settings,
  preset: Preset,
): { gains: string[]; losses: string[] } {
  const gains: string[] = []
  const losses: string[] = []
  const writes = (s: Settings): boolean => s.sandboxMode !== 'read-only'
  const bounded = (s: Settings): boolean => s.sandboxMode !== 'danger-full-access'
  const asks = (s: Settings): boolean => s.approvalPolicy !== 'never'
  if (writes(to) && !writes(from))
    gains.push('edits files in the workspace, and runs commands there, without asking')
  if (!writes(to) && writes(from)) losses.push('edits and commands that do more than read are asked first')
  if (!bounded(to) && bounded(from)) {
    gains.push('reaches every file, key and host of your account')
    losses.push('the sandbox')
  }
  if (bounded(to) && !bounded(from)) losses.push('what lies outside the workspace, and the network')
  if (!asks(to) && asks(from)) losses.push('your eyes on every question; all of it stays in History')
  if (asks(to) && !asks(from)) gains.push('your answer before anything leaves the sandbox')
  if (from.approvalPolicy === 'untrusted' && to.approvalPolicy !== 'untrusted')
    gains.push('runs commands inside the sandbox that are not known to only read')
  if (preset === 'full-access') losses.push('it ends by itself, and on sleep, lock or quit')
  return { gains, losses }
}
