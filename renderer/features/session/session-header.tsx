import { useState } from 'react'
import type { SessionSummary } from '../../../protocol/sessions.ts'
import { useStores } from '../../state/context.tsx'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { dateWords, timeWords } from '../../ui/time.tsx'
import { QuietProof } from './held-summary.tsx'
import type { QuietWrites } from './held-words.ts'
import { SandboxProof } from './sandbox-proof.tsx'
import { stateWords } from './words.ts'

export type HeaderVerbs = {
  pause(paused: boolean): void
  interrupt(): void
  end(): void
}

type Props = {
  readonly summary: SessionSummary
  readonly live: boolean
  readonly tokens: number
  readonly quiet: QuietWrites
  readonly verbs: HeaderVerbs
}

/** Who works where, in which state, behind which boundary; and the three ways to stop it. */
export function SessionHeader({ summary, live, tokens, quiet, verbs }: Props) {
  const { app } = useStores()
  return (
    <header className="session-header">
      <div className="session-title">
        <h2>
          <Spelled text={summary.title} limit={120} />
        </h2>
        <span className={`session-state session-state-${summary.state}`}>{stateWords[summary.state]}</span>
        {live && (
          <Button
            look="quiet"
            className="session-abilities"
            aria-haspopup="dialog"
            onClick={() => app.open({ kind: 'abilities', sessionId: summary.id })}
          >
            What can it do?
          </Button>
        )}
        {live && <Stops summary={summary} verbs={verbs} />}
      </div>
      <p className="session-facts">
        <span className="mono">
          <Spelled text={summary.folder} limit={120} />
          {summary.branch !== null && (
            <>
              {' @ '}
              <Spelled text={summary.branch} limit={80} />
            </>
          )}
        </span>
        <span>
          <Spelled text={summary.agentName} limit={60} />
        </span>
        <SandboxProof sessionId={summary.id} sandbox={summary.sandbox} live={live} />
        <QuietProof quiet={quiet} />
        {summary.holdProblem && (
          <span>
            File calls cannot be held: <Spelled text={summary.holdProblem} limit={160} />
          </span>
        )}
        {!live && (
          <span>
            {dateWords(summary.startedAtMs)}, {timeWords(summary.startedAtMs)} to{' '}
            {timeWords(summary.lastAtMs)}
          </span>
        )}
        {tokens > 0 && <span>{tokens.toLocaleString('en')} tokens</span>}
      </p>
      {summary.stateReason !== null && (
        <p className="session-reason">
          <Spelled text={summary.stateReason} limit={300} />
        </p>
      )}
      {summary.logProblem !== null && (
        <p className="session-reason session-log-problem">
          The log of this session could not be read completely:{' '}
          <Spelled text={summary.logProblem} limit={300} />
        </p>
      )}
    </header>
  )
}

/** The button that was pressed is gone, so the keyboard goes on at the harmless answer. */
const focusOnMount = (button: HTMLButtonElement | null): void => button?.focus()

/** Pause is instant and free to undo. Ending is asked once more, in place. */
function Stops({ summary, verbs }: { readonly summary: SessionSummary; readonly verbs: HeaderVerbs }) {
  const [ending, setEnding] = useState(false)
  const paused = summary.state === 'paused'
  const inTurn = summary.state === 'working' || summary.state === 'waiting' || paused
  if (ending) {
    return (
      <div className="session-stops" role="group" aria-label="End this session">
        <span>Everything it runs is stopped. The record stays.</span>
        <Button look="danger" onClick={verbs.end}>
          End it now
        </Button>
        <Button ref={focusOnMount} onClick={() => setEnding(false)}>
          Keep it
        </Button>
      </div>
    )
  }
  return (
    <div className="session-stops" role="group" aria-label="Stop this session">
      <Button look="strong" aria-pressed={paused} onClick={() => verbs.pause(!paused)}>
        {paused ? 'Go on' : 'Pause'}
      </Button>
      <Button disabled={!inTurn} onClick={verbs.interrupt}>
        Stop turn
      </Button>
      <Button look="quiet" onClick={() => setEnding(true)}>
        End session
      </Button>
    </div>
  )
}
