import type { ConfigView } from '../../../protocol/policy.ts'
import { fileName, placeOf } from '../../state/policy-words.ts'
import { Place } from '../../ui/place.tsx'
import { Select } from '../../ui/segmented.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { askLimit } from './permitted.ts'
import type { Setup } from './setup.ts'

type Props = {
  readonly value: Setup['policy']
  /** null when it is not known what is in force here. */
  readonly config: ConfigView | null
  onChange(policy: Setup['policy']): void
}

const choices = [
  { value: 'preset', label: 'As the preset says' },
  { value: 'untrusted', label: 'Before every command but known reads' },
  { value: 'never', label: 'Never: what needs more is refused' },
] as const

/** When to ask. What a requirement does not permit is not offered, and a line says who left it out. */
export function AskChoice({ value, config, onChange }: Props) {
  const { allowed, downgrade } = askLimit(config)
  const offered = choices.filter((each) => each.value === 'preset' || (allowed?.includes(each.value) ?? true))
  const missing = choices.filter((each) => !offered.includes(each))
  const own = config?.values.find(({ key }) => key === 'approval_policy')
  const place = downgrade === null ? null : placeOf(downgrade.setBy)
  return (
    <div className="setup-ask">
      <Select
        label="When to ask"
        value={offered.some((each) => each.value === value) ? value : 'preset'}
        choices={offered}
        onChange={onChange}
      />
      {downgrade === null && own?.origin.file != null && (
        <p className="start-quiet">
          “As the preset says” gives way to approval_policy in{' '}
          <Spelled text={fileName(own.origin.file)} limit={80} />
          {own.origin.line !== null && `, line ${own.origin.line}`}.
        </p>
      )}
      {downgrade !== null && (
        <p className="start-quiet">
          {missing.length > 0 && <>Not offered: {missing.map(({ label }) => `“${label}”`).join(', ')}. </>}
          {downgrade.reason !== null && (
            <>
              Reason: “<Spelled text={downgrade.reason} limit={200} />
              ”.{' '}
            </>
          )}
          Set by{' '}
          {place === null ? (
            <Spelled text={downgrade.setBy} limit={200} />
          ) : (
            <Place file={place.file} line={place.line} />
          )}
        </p>
      )}
    </div>
  )
}
