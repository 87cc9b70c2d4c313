import type { PresetChoice } from '../../../protocol/policy.ts'
import {
  type Granular,
  type Preset,
  presetOf,
  presets,
  roomOf,
  type Settings,
} from '../../../protocol/settings.ts'

export type Change = { readonly about: string; readonly from: string; readonly to: string }

const boundary = {
  'read-only': 'read only; nothing is written without a question',
  'workspace-write': 'the sandbox; this folder may be written',
  'danger-full-access': 'none',
} as const
const questions = {
  untrusted: 'before everything but known reading commands',
  'on-request': 'to leave the boundary',
  granular: 'about the kinds that are switched on, and refuses the others',
  never: 'nothing',
} as const

const kinds: Readonly<Record<keyof Granular, string>> = {
  sandboxApproval: 'leaving the boundary',
  rules: 'rules that say ask',
  mcpElicitations: 'questions of tools',
  requestPermissions: 'room in advance',
  skillApproval: 'skills',
}

/** What a policy with a switch per kind of question asks about, and what it refuses. */
export function granularWords(granular: Granular): string {
  const all = Object.keys(kinds) as (keyof Granular)[]
  const named = (on: boolean): string =>
    all
      .filter((kind) => granular[kind] === on)
      .map((kind) => kinds[kind])
      .join(', ')
  const asks = named(true)
  const refuses = named(false)
  if (asks === '') return 'nothing; refuses whatever would be asked'
  return refuses === '' ? `about ${asks}` : `about ${asks}; refuses ${refuses}`
}

const questionWords = ({
  approvalPolicy,
  granular,
}: Pick<Settings, 'approvalPolicy' | 'granular'>): string =>
  approvalPolicy === 'granular' && granular ? granularWords(granular) : questions[approvalPolicy]

/** The two values that a preset names, before and after. What follows from them is the host's answer. */
export function changesOf(now: Settings, preset: Preset): readonly Change[] {
  const next = presetOf(preset)
  return [
    { about: 'Boundary', from: boundary[now.sandboxMode], to: boundary[next.sandboxMode] },
    { about: 'Asks', from: questionWords(now), to: questionWords(next) },
  ]
}

export type Direction = 'same' | 'narrower' | 'wider'

export function directionOf(now: Settings, preset: Preset): Direction {
  const difference = roomOf(presetOf(preset).sandboxMode) - roomOf(now.sandboxMode)
  return difference < 0 ? 'narrower' : difference > 0 ? 'wider' : 'same'
}

/** Every preset from least to most room, with what the host says about it; null while that is not known. */
export const orderedChoices = (
  choices: readonly PresetChoice[] | null,
): readonly { readonly preset: Preset; readonly choice: PresetChoice | null }[] =>
  presets.map(({ id }) => ({ preset: id, choice: choices?.find((each) => each.preset === id) ?? null }))

/** Below this many questions, counts say what happened and not what usually happens. */
export const fewAsks = 5

export type ReplayWords = {
  readonly sentence: string
  /** Counts in words, in a fixed order. Empty when there was no question. */
  readonly counts: readonly { readonly what: string; readonly n: number }[]
}

/** The questions of the last days, answered by this preset. Counts are exact, however few. */
export function replayWords({
  days,
  asks,
  wouldAsk,
  wouldRun,
  wouldForbid,
}: PresetChoice['replay']): ReplayWords {
  if (asks === 0)
    return { sentence: `Not known yet: nothing was asked in the last ${days} days.`, counts: [] }
  const counts = [
    { what: 'would reach you', n: wouldAsk },
    { what: 'would run without a question', n: wouldRun },
    { what: 'would be forbidden', n: wouldForbid },
  ]
  const questions = `${asks.toLocaleString('en')} ${asks === 1 ? 'question' : 'questions'}`
  return asks < fewAsks
    ? { sentence: `${questions} only; how it usually goes is not known yet. Of these`, counts }
    : { sentence: `${questions}. Of these`, counts }
}
