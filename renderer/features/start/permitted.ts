import type { ConfigView, Lock, PresetChoice } from '../../../protocol/policy.ts'
import type { Downgrade } from '../../../protocol/requirements.ts'
import { type Preset, presetOf } from '../../../protocol/settings.ts'

/** Full access is a lease of a running session, so no session starts with it. */
export type StartPreset = Exclude<Preset, 'full-access'>

/** From least to most room. */
const startPresets: readonly StartPreset[] = ['read-only', 'auto']

export type Locks = readonly Pick<PresetChoice, 'preset' | 'lock'>[]

export const lockOf = (preset: Preset, locks: Locks | null): Lock | null =>
  locks?.find((each) => each.preset === preset)?.lock ?? null

/** The wanted preset, or the nearest that is not locked, less room first; null when every one is locked. */
export function permittedPreset(wanted: StartPreset, locks: Locks | null): StartPreset | null {
  const at = startPresets.indexOf(wanted)
  const nearest = [...startPresets.slice(0, at + 1).toReversed(), ...startPresets.slice(at + 1)]
  return nearest.find((preset) => lockOf(preset, locks) === null) ?? null
}

/** Why another preset than the wanted one is chosen at first; null when nothing is in its way. */
export function insteadWords(wanted: StartPreset, recommended: boolean, locks: Locks | null): string | null {
  const lock = lockOf(wanted, locks)
  if (lock === null) return null
  const wish = `${presetOf(wanted).name} ${recommended ? 'would be recommended here' : 'is your default'}, but ${lock.setBy} locks it.`
  const instead = permittedPreset(wanted, locks)
  return instead === null
    ? `${wish} Every other preset is locked as well, so no session can start here.`
    : `${wish} ${presetOf(instead).name} is the nearest that is permitted.`
}

export type AskLimit = {
  /** Which policies may be chosen; null: all. */
  readonly allowed: readonly string[] | null
  readonly downgrade: Downgrade | null
}

/** What a requirement leaves of "When to ask". A list that cannot be read leaves what is in force and nothing else. */
export function askLimit(view: Pick<ConfigView, 'downgrades'> | null): AskLimit {
  const downgrade = view?.downgrades.find(({ key }) => key === 'approval_policy') ?? null
  if (downgrade === null) return { allowed: null, downgrade: null }
  const listed = Array.isArray(downgrade.allowed) ? downgrade.allowed : [downgrade.allowed]
  return { allowed: listed.filter((one) => typeof one === 'string'), downgrade }
}
