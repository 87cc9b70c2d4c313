import type { ConfigValue } from '../../../protocol/config.ts'
import type { ConfigView } from '../../../protocol/policy.ts'
import type { Downgrade } from '../../../protocol/requirements.ts'
import { layerNames, valueText } from './permission-words.ts'
import { matches } from './setting-search.ts'

/** Their locks stand below their own fields. */
const ownKeys = ['sandbox_mode', 'approval_policy']

export type PermissionParts = {
  readonly notices: boolean
  readonly newSessions: boolean
  readonly downgrades: readonly Downgrade[]
  readonly values: readonly ConfigValue[]
  readonly layers: boolean
}

/** What of the permissions a query finds; everything for an empty one. */
export function partsFor(query: string, view: ConfigView): PermissionParts {
  const finds = (words: string): boolean => matches(query, words)
  return {
    notices: query === '',
    newSessions: finds(
      'Permissions New sessions default preset sandbox mode sandbox_mode When to ask approval_policy',
    ),
    downgrades: view.downgrades.filter(
      ({ key, setBy, reason }) =>
        finds(`lowered locked requirement ${key} ${setBy} ${reason ?? ''}`) &&
        !(query === '' && ownKeys.includes(key)),
    ),
    values: view.values.filter(({ key, value, origin }) =>
      finds(`${key} ${valueText(value)} ${layerNames[origin.layer]} ${origin.file ?? ''}`),
    ),
    layers: finds(
      `Sources where settings come from layers ${view.layers.map(({ file }) => file ?? '').join(' ')}`,
    ),
  }
}
