import type { Reason } from '../../protocol/verdict.ts'
import { Spelled } from '../ui/spelled.tsx'
import { VerdictMark, verdictWords } from './verdict-mark.tsx'
import './reasoning.css'

type Props = {
  readonly steps: readonly Reason[]
  /** Opens the line a step rests on; null where there is no page for it. */
  readonly onOpen: ((source: NonNullable<Reason['source']>) => void) | null
  readonly label: string
}

export const layerWords: Readonly<Record<Reason['layer'], string>> = {
  decoding: 'Reading it',
  requirements: 'Requirements',
  rules: 'Rules',
  config: 'Configuration',
  forcedDelete: 'Forced deletes',
  answers: 'Your answers',
  settings: 'Preset',
}

const shortFile = (file: string): string =>
  file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)

/** The way to a verdict, step by step, with the one that decided it marked by word, weight and place. */
export function Reasoning({ steps, onOpen, label }: Props) {
  return (
    <ol className="reasoning" aria-label={label}>
      {steps.map((step, place) => (
        <li key={place} className={step.decides ? 'verdict-step verdict-step-decides' : 'verdict-step'}>
          <span className="verdict-step-number">{place + 1}</span>
          <span className="verdict-step-layer">{layerWords[step.layer]}</span>
          <span className="verdict-step-text">
            <Spelled text={step.text} limit={400} />
            {step.source && (
              <>
                {' '}
                <span className="verdict-step-source">
                  <Spelled text={`${shortFile(step.source.file)}, line ${step.source.line}`} limit={80} />
                </span>
                {onOpen && (
                  <>
                    {' '}
                    <button
                      type="button"
                      className="link-button"
                      onClick={() => step.source && onOpen(step.source)}
                    >
                      open
                    </button>
                  </>
                )}
              </>
            )}
          </span>
          <span className="verdict-step-says">
            {step.says === null ? (
              <span className="verdict-step-nothing">nothing to say</span>
            ) : (
              <>
                <VerdictMark verdict={step.says} size={14} /> {verdictWords[step.says].toLowerCase()}
              </>
            )}
            {step.decides && <strong> · decides</strong>}
          </span>
        </li>
      ))}
    </ol>
  )
}
