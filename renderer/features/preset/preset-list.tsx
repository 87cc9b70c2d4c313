import { useId } from 'react'
import type { PresetChoice } from '../../../protocol/policy.ts'
import { type Preset, presetOf, type Settings } from '../../../protocol/settings.ts'
import { lockWords } from '../../state/policy-words.ts'
import { Place } from '../../ui/place.tsx'
import { Spelled } from '../../ui/spelled.tsx'

type Props = {
  readonly title: string
  readonly choices: readonly { readonly preset: Preset; readonly choice: PresetChoice | null }[]
  readonly now: Settings
  readonly value: Preset | null
  onChange(preset: Preset): void
}

/** From least to most room; the present one is marked, and a lock stands where the choice would be. */
export function PresetList({ title, choices, now, value, onChange }: Props) {
  const group = useId()
  return (
    <fieldset className="preset-list">
      <legend className="preset-for">
        <Spelled text={title} limit={60} />, this session only
      </legend>
      {choices.map(({ preset, choice }) => {
        const { name, sentence } = presetOf(preset)
        const lock = choice?.lock ?? null
        return (
          <div key={preset} className={`preset-option${lock === null ? '' : ' preset-option-locked'}`}>
            <label>
              <input
                type="radio"
                name={group}
                value={preset}
                checked={value === preset}
                // Not `disabled`: the keyboard may stand on it when the lock arrives, and reads why it stays there.
                aria-disabled={lock !== null}
                aria-describedby={lock === null ? undefined : `${group}-${preset}`}
                onChange={() => lock === null && onChange(preset)}
              />
              <span>
                <strong>
                  {name}
                  {preset === 'full-access' && ', leased'}
                </strong>
                {now.preset === preset && <span className="preset-mark">now</span>}
                {lock !== null && <span className="preset-mark">locked</span>}
                <span className="preset-sentence">{sentence}</span>
              </span>
            </label>
            {lock !== null && (
              <div className="preset-lock" id={`${group}-${preset}`}>
                <p>
                  <Spelled text={lockWords(lock)} limit={300} />
                </p>
                {lock.source !== null && <Place file={lock.source.file} line={lock.source.line} />}
              </div>
            )}
          </div>
        )
      })}
    </fieldset>
  )
}
