import type { Json, Notice } from '../../../protocol/config.ts'
import type { Downgrade } from '../../../protocol/requirements.ts'
import type { PolicySettings } from './policy-settings.ts'
import type { ProfilePlace } from './profile-entries.ts'
import type { Limit, Requirements } from './requirements.ts'
import { placeText } from './requirements.ts'
import type { ProfileAnswer } from './resolve-profile.ts'

export type RequirementContext = {
  readonly place: ProfilePlace
  /** Profiles by name, managed ones included. */
  readonly resolve: (name: string) => ProfileAnswer
  /** Nobody chose a mode or a profile. */
  readonly implicit: boolean
}

/** What the steps below share: the settings so far, and what was found on the way. */
export type Applying = {
  settings: PolicySettings
  readonly requirements: Requirements
  readonly context: RequirementContext
  readonly downgrades: Downgrade[]
  readonly notices: Notice[]
}

/** Notes a lowered value and tells it in one sentence. */
export function lowered(
  { downgrades, notices }: Applying,
  key: string,
  chosen: Json,
  allowed: Json,
  inForce: Json,
  nearest: Json,
  limit: Limit<unknown> | null,
  reason: string | null = null,
): void {
  const setBy = limit ? placeText(limit.place) : 'a requirement'
  downgrades.push({ key, chosen, allowed, inForce, nearest, setBy, reason })
  const message = `${key} = ${JSON.stringify(chosen)} is not permitted; ${JSON.stringify(inForce)} is in force.${reason ? ` ${reason}` : ''}`
  notices.push({ level: 'warning', code: 'downgraded', message, place: limit?.place ?? null })
}
