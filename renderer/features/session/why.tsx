import { useState } from 'react'
import type { Reason, Verdict } from '../../../protocol/verdict.ts'
import { layerWords } from '../../card/reasoning.tsx'
import { Place } from '../../ui/place.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { plural, verdictWords } from './words.ts'

/** The whole path to a verdict, step by step; the step that made it is marked in words. */
export function Reasoning({ reasons }: { readonly reasons: readonly Reason[] }) {
  return (
    <ol className="reasons">
      {reasons.map((reason, place) => (
        <li
          key={place}
          className={reason.decides ? 'reason reason-decides' : 'reason'}
          aria-current={reason.decides ? 'step' : undefined}
        >
          <span className="reason-number">{place + 1}</span>
          <div>
            <p>
              <span className="reason-layer">{layerWords[reason.layer]}</span>
              {reason.says !== null && <> · {verdictWords[reason.says]}</>}
              {reason.decides && <span className="reason-mark">decides</span>}
            </p>
            <p className="reason-text">
              <Spelled text={reason.text} limit={400} />
            </p>
            {reason.source !== null && <Place file={reason.source.file} line={reason.source.line} />}
          </div>
        </li>
      ))}
    </ol>
  )
}

/** The same behind a word, for the conversation. Nothing for verdicts of before, which kept no path. */
export function WhyFold({ verdict }: { readonly verdict: Verdict | null }) {
  const [open, setOpen] = useState(false)
  const reasons = verdict?.reasoning ?? []
  if (verdict === null || reasons.length === 0) return null
  return (
    <div className="why">
      <button type="button" className="link-button" aria-expanded={open} onClick={() => setOpen(!open)}>
        Why: {verdictWords[verdict.kind]}, in {plural(reasons.length, 'step')}
      </button>
      {open && <Reasoning reasons={reasons} />}
    </div>
  )
}
