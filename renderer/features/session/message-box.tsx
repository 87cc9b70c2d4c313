import { type KeyboardEvent, type ReactNode, type Ref, useId, useState } from 'react'
import type { SessionId } from '../../../protocol/ids.ts'
import type { SessionSummary } from '../../../protocol/sessions.ts'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { keepDraft, readDraft } from './drafts.ts'

export type SendResult =
  | { readonly status: 'sent' | 'queued' }
  | { readonly status: 'refused'; readonly why: string }

type Props = {
  readonly sessionId: SessionId
  readonly summary: SessionSummary
  readonly live: boolean
  /** Messages that wait for the running turn to end. */
  readonly queued: readonly string[]
  readonly box: Ref<HTMLTextAreaElement>
  /** What waits in this session, beside the hint. */
  readonly held: ReactNode
  send(text: string): Promise<SendResult>
}

/** Why nothing can be sent here, or null. */
function closedBecause(summary: SessionSummary, live: boolean): string | null {
  if (summary.agent.kind === 'terminal' && live) return 'This program takes its input in the terminal above.'
  if (live) return null
  if (summary.state === 'interrupted')
    return 'The app stopped during this session. Open its folder to go on in a new one.'
  return 'This session has ended. Open its folder to go on in a new one.'
}

/** Enter sends and never approves: a held question takes no keys from here. */
export function MessageBox({ sessionId, summary, live, queued, box, held, send }: Props) {
  const [text, setText] = useState(() => readDraft(sessionId))
  const [sending, setSending] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const hint = useId()
  const closed = closedBecause(summary, live)

  const change = (next: string): void => {
    setText(next)
    keepDraft(sessionId, next)
  }
  const submit = async (): Promise<void> => {
    const message = text.trim()
    if (message === '' || sending || closed !== null) return
    setSending(true)
    setProblem(null)
    try {
      const result = await send(message)
      if (result.status === 'refused') setProblem(result.why)
      else change('')
    } catch (cause) {
      setProblem(`Your message was not sent: ${cause instanceof Error ? cause.message : String(cause)}`)
    } finally {
      setSending(false)
    }
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    // While a word is being composed, Enter belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    if (event.metaKey || event.ctrlKey || event.altKey) return
    event.preventDefault()
    if (!event.repeat) void submit()
  }

  return (
    <div className="message-box">
      {queued.length > 0 && (
        <ul className="queued" aria-label="Waiting until this turn ends">
          {queued.map((message, index) => (
            // Queued messages are only ever taken from the front.
            <li key={index}>
              <span>queued</span> <Spelled text={message} limit={160} />
            </li>
          ))}
        </ul>
      )}
      {problem !== null && (
        <p className="message-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="message-row">
        <textarea
          ref={box}
          className="input"
          aria-label={`Message to ${summary.agentName}`}
          aria-describedby={hint}
          placeholder={closed === null ? `Message ${summary.agentName}` : ''}
          rows={text.includes('\n') ? Math.min(8, text.split('\n').length) : 1}
          maxLength={200_000}
          value={closed === null ? text : ''}
          disabled={closed !== null}
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {closed === null && (
          <Button disabled={text.trim() === '' || sending} onClick={() => void submit()}>
            {sending ? 'Sending…' : summary.state === 'idle' ? 'Send' : 'Queue'}
          </Button>
        )}
      </div>
      <div className="message-foot">
        <p id={hint} className="message-hint">
          {closed ?? 'Enter sends, never approves.'}
        </p>
        {held}
      </div>
    </div>
  )
}
