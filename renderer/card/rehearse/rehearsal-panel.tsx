import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Remaining } from '../../ui/time.tsx'
import { RehearsalResult } from './rehearsal-result.tsx'
import type { UseRehearsal } from './use-rehearsal.ts'
import './rehearse.css'

type Props = {
  readonly rehearsal: UseRehearsal
  readonly cwd: string
  readonly blocked: string | null
  readonly busy: boolean
  readonly keyHint: string | undefined
  onApply(): void
  onAgain(): void
}

/** Under the answers, as long as there is something to say of a rehearsal. */
export function RehearsalPanel({ rehearsal, cwd, blocked, busy, keyHint, onApply, onAgain }: Props) {
  const { state, failure } = rehearsal
  if (
    state === null ||
    state.state === 'checking' ||
    state.state === 'unavailable' ||
    state.state === 'ready'
  ) {
    return failure === null ? null : <Failure text={failure} />
  }
  return (
    <section className="answer-panel rehearsal" aria-label="Rehearsal">
      {state.state === 'running' && (
        <div className="rehearsal-running">
          <p role="status">Rehearsing on a throwaway copy, without a network</p>
          <span className="card-quiet">
            ends in <Remaining untilMs={state.atMs + state.limitMs} /> at the latest
          </span>
          <Button onClick={rehearsal.stop}>Stop</Button>
        </div>
      )}
      {state.state === 'failed' && (
        <div className="rehearsal-running">
          <p role="alert">
            It could not be rehearsed. <Spelled text={state.why} limit={400} />
          </p>
          <Button keyHint={keyHint} onClick={onAgain}>
            Try again
          </Button>
        </div>
      )}
      {state.state === 'done' && (
        <RehearsalResult
          rehearsal={state.rehearsal}
          cwd={cwd}
          blocked={blocked}
          busy={busy}
          keyHint={keyHint}
          onApply={onApply}
          onDiscard={rehearsal.discard}
          onAgain={onAgain}
        />
      )}
      {failure !== null && <Failure text={failure} />}
    </section>
  )
}

const Failure = ({ text }: { readonly text: string }) => (
  <p className="card-failure" role="alert">
    <Spelled text={text} limit={400} />
  </p>
)
