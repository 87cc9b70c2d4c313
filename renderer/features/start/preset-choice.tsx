import { useId } from 'react'
import { presetOf } from '../../../protocol/settings.ts'
import type { FolderFacts } from '../../../protocol/workspace.ts'
import type { Setup } from './setup.ts'

type Props = {
  readonly facts: FolderFacts
  readonly value: Setup['preset']
  onChange(preset: Setup['preset']): void
}

const offered = ['auto', 'read-only'] as const

/** Two presets with what they mean; the recommendation says why. */
export function PresetChoice({ facts, value, onChange }: Props) {
  const name = useId()
  return (
    <fieldset className="setup-preset-choice">
      <legend className="sr-only">Preset</legend>
      {offered.map((preset) => {
        const { name: word, sentence } = presetOf(preset)
        const recommended = facts.recommended === preset
        return (
          <label key={preset} className="setup-preset-option">
            <input
              type="radio"
              name={name}
              value={preset}
              checked={value === preset}
              onChange={() => onChange(preset)}
            />
            <span className="setup-preset-word">{word}</span>
            <span>{sentence}</span>
            {recommended && <span className="setup-preset-because">Recommended. {facts.because}</span>}
          </label>
        )
      })}
      <p className="start-quiet">Full access can be chosen while the session runs, for a stated time.</p>
    </fieldset>
  )
}
