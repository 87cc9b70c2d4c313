import { useState } from 'react'
import type { PresetChoice } from '../../../protocol/policy.ts'
import { Spelled } from '../../ui/spelled.tsx'
import { dateWords, timeWords } from '../../ui/time.tsx'
import { replayWords } from './preset-words.ts'

/** More of them stand behind a button: what the switch asks for must stay in reach. */
const shownAtFirst = 5

/** Last week's questions, judged again with this preset: first what the person denied and it would run. */
export function Replay({ replay }: { readonly replay: PresetChoice['replay'] }) {
  const { sentence, counts } = replayWords(replay)
  const [whole, setWhole] = useState(false)
  const denied = replay.deniedThatWouldRun
  const shown = whole || denied.length <= shownAtFirst + 1 ? denied : denied.slice(0, shownAtFirst)
  return (
    <section className="preset-replay" aria-label={`If it had been on for the last ${replay.days} days`}>
      <h3>If it had been on for the last {replay.days} days</h3>
      {denied.length > 0 && (
        <>
          <p className="preset-denied-head">
            {denied.length === 1 ? '1 that you denied' : `${denied.length} that you denied`} would run without
            a question:
          </p>
          <ul className="preset-denied">
            {shown.map((past) => (
              <li key={past.approvalId}>
                <span className="time">
                  {dateWords(past.atMs)}, {timeWords(past.atMs)}
                </span>
                <span>
                  <span className="mono">
                    <Spelled text={past.text} limit={200} />
                  </span>
                  {past.note !== null && past.note !== '' && (
                    <span className="preset-denied-note">
                      you said: <Spelled text={past.note} limit={200} />
                    </span>
                  )}
                </span>
              </li>
            ))}
          </ul>
          {shown.length < denied.length && (
            <button type="button" className="link-button preset-more" onClick={() => setWhole(true)}>
              {denied.length - shown.length} more that you denied
            </button>
          )}
        </>
      )}
      <p>
        {sentence}
        {counts.length > 0 && ':'}
      </p>
      {counts.length > 0 && (
        <ul className="preset-counts">
          {counts.map(({ what, n }) => (
            <li key={what}>
              <span className="count">{n.toLocaleString('en')}</span> {what}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
