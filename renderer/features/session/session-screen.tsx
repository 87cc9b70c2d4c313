import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { ApprovalId, SessionId } from '../../../protocol/ids.ts'
import type { SessionSummary } from '../../../protocol/sessions.ts'
import { commandFor } from '../../keys/keymap.ts'
import { useOpenSession, useSessionState, useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'
import type { OpenSessionStore } from '../../state/session.ts'
import { isLive } from '../../state/sessions.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorState, Loading, Notice } from '../../ui/states.tsx'
import { type Tab, Tabs } from '../../ui/tabs.tsx'
import { Conversation, type ConversationHandle } from './conversation.tsx'
import { DecisionsTab } from './decisions-tab.tsx'
import { DiffPane } from './diff-pane.tsx'
import { InlineCard } from './inline-card.tsx'
import type { ItemContext } from './item-view.tsx'
import { MessageBox, type SendResult } from './message-box.tsx'
import './session.css'
import { Columns } from './columns.tsx'
import { type SessionFacts, useSessionFacts } from './session-facts.ts'
import { SessionHeader } from './session-header.tsx'
import { TerminalPane } from './terminal-pane.tsx'
import { Timeline } from './timeline.tsx'
import { useMedia } from './use-media.ts'
import { plural } from './words.ts'

/** One session, running or past: what it did, what it says, what it prints, what it changed. */
export function SessionScreen({ id }: { readonly id: SessionId }) {
  const session = useOpenSession(id)
  const { app } = useStores()
  const load = useSessionState(session, (state) => state.load)
  const summary = useSessionState(session, (state) => state.summary)
  if (load.state === 'failed' && summary === null) {
    return (
      <ErrorState title="This session cannot be opened." fix={load.problem.message}>
        <Button onClick={() => app.go({ page: 'sessions' })}>Show all sessions</Button>
      </ErrorState>
    )
  }
  if (summary === null) return <Loading what="Reading the session from its log…" />
  return <OpenSession key={id} session={session} summary={summary} />
}

type View = 'session' | 'timeline' | 'diff' | 'terminal' | 'decisions'
type OpenProps = { readonly session: OpenSessionStore; readonly summary: SessionSummary }

function OpenSession({ session, summary }: OpenProps) {
  const { client } = useStores()
  // A session that ended while it was open takes nothing any more, as if it had been opened afterwards.
  const live = useSessionState(session, (state) => state.live) && isLive(summary)
  const terminals = useSessionState(session, (state) => state.terminals)
  const usage = useSessionState(session, (state) => state.usage)
  const facts = useSessionFacts(session)
  const wide = useMedia('(min-width: 1100px)')
  const [view, setView] = useState<View>('session')
  const [refused, setRefused] = useState<string | null>(null)
  const box = useRef<HTMLTextAreaElement>(null)
  const talk = useRef<ConversationHandle>(null)
  const { id } = session

  const jump = useCallback((itemId: string, focus = false): void => {
    setView('session')
    // The conversation may have to be drawn first when another view was shown.
    requestAnimationFrame(() => talk.current?.show(itemId, focus))
  }, [])
  useSessionKeys({ heldItemId: facts.heldItemId, jump, box })
  useEffect(() => box.current?.focus(), [])

  const ask = async (
    what: Promise<{ status: 'done' } | { status: 'refused'; why: string }>,
  ): Promise<void> => {
    setRefused(null)
    try {
      const answer = await what
      if (answer.status === 'refused') setRefused(answer.why)
    } catch (cause) {
      setRefused(problemOf(cause).message)
    }
  }
  const send = useCallback(
    (text: string): Promise<SendResult> => client.call('sessions/prompt', { id, text }),
    [client, id],
  )
  const context = useItemContext({ summary, live, facts, send, onJump: jump, onRefused: setRefused })

  const conversation = <Conversation session={session} context={context} handle={talk} />
  const { heldItemId } = facts
  const message = (
    <MessageBox
      sessionId={id}
      summary={summary}
      live={live}
      queued={facts.queued}
      box={box}
      held={
        live && heldItemId !== null ? (
          <HeldLine waiting={summary.waiting} onJump={() => jump(heldItemId, true)} />
        ) : null
      }
      send={send}
    />
  )
  const timeline = <Timeline lines={facts.lines} complete={facts.complete} onJump={jump} />
  const diff = <DiffPane sessionId={id} live={live} />
  const terminal = <TerminalPane sessionId={id} terminals={terminals} />
  const decisions = <DecisionsTab rows={facts.decisions} onJump={jump} />

  const shown = wide && view !== 'decisions' ? 'session' : view
  return (
    <div className="session">
      <SessionHeader
        summary={summary}
        live={live}
        tokens={usage.inputTokens + usage.outputTokens}
        quiet={facts.quiet}
        verbs={{
          pause: (paused) => void ask(client.call('sessions/pause', { id, paused })),
          interrupt: () => void ask(client.call('sessions/interrupt', { id })),
          end: () => void ask(client.call('sessions/end', { id })),
        }}
      />
      {refused !== null && (
        <Notice level="problem" title="That was not done.">
          {refused}
        </Notice>
      )}
      <Tabs<View>
        className="session-tabs"
        label="Parts of the session"
        tabs={tabsFor(wide, facts)}
        value={shown}
        onChange={setView}
      >
        {shown === 'session' &&
          (wide ? (
            <Columns
              timeline={timeline}
              conversation={conversation}
              terminal={terminal}
              hasTerminal={terminals.length > 0}
              message={message}
              diff={diff}
            />
          ) : (
            <div className="session-single">
              {conversation}
              {message}
            </div>
          ))}
        {shown === 'timeline' && timeline}
        {shown === 'diff' && diff}
        {shown === 'terminal' && terminal}
        {shown === 'decisions' && decisions}
      </Tabs>
    </div>
  )
}

function tabsFor(wide: boolean, facts: SessionFacts): readonly Tab<View>[] {
  const decisions = { id: 'decisions', label: 'Decisions', count: facts.decisions.length } as const
  if (wide) return [{ id: 'session', label: 'Session' }, decisions]
  return [
    { id: 'session', label: 'Conversation' },
    { id: 'timeline', label: 'Timeline' },
    { id: 'diff', label: 'Diff' },
    { id: 'terminal', label: 'Terminal' },
    decisions,
  ]
}

type ContextNeeds = {
  readonly summary: SessionSummary
  readonly live: boolean
  readonly facts: SessionFacts
  send(text: string): Promise<SendResult>
  onJump(itemId: string): void
  onRefused(why: string): void
}

/** Stays the same object while nothing in it changed, so that rows do not redraw with every summary. */
function useItemContext({ summary, live, facts, send, onJump, onRefused }: ContextNeeds): ItemContext {
  const { folder } = summary
  const prompts = useRef(facts.prompts)
  useEffect(() => {
    prompts.current = facts.prompts
  }, [facts.prompts])
  return useMemo(
    () => ({
      folder,
      live,
      card: (approvalId: ApprovalId): ReactNode => <InlineCard id={approvalId} onJump={onJump} />,
      sendAgain(turnId) {
        const text = turnId === null ? undefined : prompts.current.get(turnId)
        if (!live || text === undefined) return null
        return () => {
          send(text).then(
            (answer) => {
              if (answer.status === 'refused') onRefused(answer.why)
            },
            (cause: unknown) => onRefused(problemOf(cause).message),
          )
        }
      },
    }),
    [folder, live, send, onJump, onRefused],
  )
}

type HeldProps = { readonly waiting: number; onJump(): void }

/** Says that something waits, beside the box that has the focus. It takes no key from it but the chord. */
function HeldLine({ waiting, onJump }: HeldProps) {
  return (
    <p className="held-line">
      <strong>Held: {plural(Math.max(1, waiting), 'request')}</strong>
      <Button look="quiet" keyHint="Mod+j" onClick={onJump}>
        Go to it
      </Button>
    </p>
  )
}

type KeyNeeds = {
  readonly heldItemId: string | null
  readonly box: { readonly current: HTMLTextAreaElement | null }
  jump(itemId: string, focus: boolean): void
}

/** `Mod+J` goes to what is held, Escape goes back to the message box. */
function useSessionKeys({ heldItemId, jump, box }: KeyNeeds): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat) return
      const command = commandFor(event, ['session'])
      if (command === 'toHeld' && heldItemId !== null) {
        event.preventDefault()
        jump(heldItemId, true)
      }
      // Programs in the terminal need their Escape, and what lies over the page closes with it.
      const target = event.target instanceof Element ? event.target : null
      if (command === 'toMessage' && !target?.closest('.terminal-screen, .popover, input'))
        box.current?.focus()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [heldItemId, jump, box])
}
