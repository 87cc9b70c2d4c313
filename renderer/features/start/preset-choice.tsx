import { useId } from 'react'
import { presetOf } from '../../../protocol/settings.ts'
import type { FolderFacts } from '../../../protocol/workspace.ts'
import { lockWords } from '../../state/policy-words.ts'
import { Place } from '../../ui/place.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { insteadWords, type Locks, lockOf, type StartPreset } from './permitted.ts'

type Props = {
  readonly facts: FolderFacts
  /** What would be chosen if nothing were locked. */
  readonly wanted: StartPreset
  readonly value: StartPreset
  /** null when it is not known what is locked; the host refuses it all the same. */
  readonly locks: Locks | null
  onChange(preset: StartPreset): void
}

const offered = ['auto', 'read-only'] as const

/** Two presets with what they mean; the recommendation says why, and a lock says who and where. */
export function PresetChoice({ facts, wanted, value, locks, onChange }: Props) {
  const name = useId()
  const instead = insteadWords(wanted, facts.recommended === wanted, locks)
  const leaseLock = lockOf('full-access', locks)
  return (
    <fieldset className="setup-preset-choice">
      <legend className="sr-only">Preset</legend>
      {instead !== null && (
        <p>
          <Spelled text={instead} limit={400} />
        </p>
      )}
      {offered.map((preset) => {
        const { name: word, sentence } = presetOf(preset)
        const lock = lockOf(preset, locks)
        const recommended = lock === null && facts.recommended === preset
        return (
          <div key={preset} className="setup-preset">
            <label className="setup-preset-option">
              <input
                type="radio"
                name={name}
                value={preset}
                checked={value === preset && lock === null}
                aria-disabled={lock !== null}
                aria-describedby={lock === null ? undefined : `${name}-${preset}`}
                onChange={() => lock === null && onChange(preset)}
              />
              <span className="setup-preset-word">{word}</span>
              <span>{sentence}</span>
              {recommended && <span className="setup-preset-because">Recommended. {facts.because}</span>}
            </label>
            {lock !== null && (
              <p className="setup-preset-lock" id={`${name}-${preset}`}>
                <Spelled text={lockWords(lock)} limit={300} />{' '}
                {lock.source !== null && <Place file={lock.source.file} line={lock.source.line} />}
              </p>
            )}
          </div>
        )
      })}
      {leaseLock === null ? (
        <p className="start-quiet">Full access can be chosen while the session runs, for a stated time.</p>
      ) : (
        <p className="start-quiet">
          Full access cannot be chosen later either. <Spelled text={lockWords(leaseLock)} limit={300} />{' '}
          {leaseLock.source !== null && <Place file={leaseLock.source.file} line={leaseLock.source.line} />}
        </p>
      )}
    </fieldset>
  )
}
