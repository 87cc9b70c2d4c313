import type { PresetChoice } from '../../../protocol/policy.ts'
import { type Preset, type Settings, settingsOf } from '../../../protocol/settings.ts'
import { Spelled } from '../../ui/spelled.tsx'
import { Loading } from '../../ui/states.tsx'
import { changesOf } from './preset-words.ts'
import { Replay } from './replay.tsx'

type Props = {
  readonly now: Settings
  readonly preset: Preset
  /** null while it is not known, or when it cannot be known. */
  readonly choice: PresetChoice | null
  readonly asking: boolean
}

/** What a switch changes, what it gains and loses, and what it would have done last week. */
export function WhatChanges({ now, preset, choice, asking }: Props) {
  const stays = now.preset === preset && settingsOf(preset).approvalPolicy === now.approvalPolicy
  return (
    <>
      <h3>{stays ? 'What holds now' : 'What changes'}</h3>
      <dl className="preset-changes">
        {changesOf(now, preset).map(({ about, from, to }) => (
          <div key={about}>
            <dt>{about}</dt>
            <dd>
              {from === to ? (
                <span className="quiet-words">{stays ? to : `${to}; no change`}</span>
              ) : (
                <>
                  <del>{from}</del> → <strong>{to}</strong>
                </>
              )}
            </dd>
          </div>
        ))}
        {choice !== null && !stays && (
          <>
            <Sentences label="Gains" sentences={choice.gains} none="nothing new to reach" />
            <Sentences label="Loses" sentences={choice.losses} none="nothing" />
          </>
        )}
      </dl>
      {choice === null && asking && <Loading what="Judging last week’s questions again…" />}
      {choice !== null && <Replay key={preset} replay={choice.replay} />}
    </>
  )
}

type SentencesProps = { readonly label: string; readonly sentences: readonly string[]; readonly none: string }

function Sentences({ label, sentences, none }: SentencesProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {sentences.length === 0 ? (
          <span className="quiet-words">{none}</span>
        ) : (
          <ul>
            {sentences.map((sentence) => (
              <li key={sentence}>
                <Spelled text={sentence} limit={240} />
              </li>
            ))}
          </ul>
        )}
      </dd>
    </div>
  )
}
