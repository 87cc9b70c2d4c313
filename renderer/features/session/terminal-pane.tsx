import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from 'react'
import type { SessionId } from '../../../protocol/ids.ts'
import type { TerminalInfo } from '../../../protocol/sessions.ts'
import { useStores } from '../../state/context.tsx'
import { Button } from '../../ui/button.tsx'
import { Short } from '../../ui/short.tsx'
import { spelledText } from '../../ui/spell-out.ts'
import { Spelled } from '../../ui/spelled.tsx'
import { type AttachedTerminal, attachTerminal, messageOf } from './attach-terminal.ts'
import { boundaryTag, plural } from './words.ts'

type Props = {
  readonly sessionId: SessionId
  readonly terminals: readonly TerminalInfo[]
}

/** What the session's programs print, one tab each, with the boundary in the title. */
export const TerminalPane = memo(function TerminalPane({ sessionId, terminals }: Props) {
  const [picked, setPicked] = useState<string | null>(null)
  // Without a choice the newest program is shown: that is where something happens.
  const newestFirst = useMemo(() => terminals.toReversed(), [terminals])
  const shown = newestFirst.find(({ id }) => id === picked) ?? newestFirst[0]
  return (
    <section className="terminal-pane" aria-label="Terminal">
      <TerminalTabs terminals={newestFirst} shown={shown?.id ?? null} onPick={setPicked} />
      {shown ? (
        <TerminalView key={shown.id} sessionId={sessionId} info={shown} />
      ) : (
        <p className="pane-empty">No program has printed anything yet.</p>
      )}
    </section>
  )
})

type TabsProps = {
  readonly terminals: readonly TerminalInfo[]
  readonly shown: string | null
  onPick(id: string): void
}

function TerminalTabs({ terminals, shown, onPick }: TabsProps) {
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const next = terminals[terminals.findIndex(({ id }) => id === shown) + by]
    if (by === 0 || !next) return
    event.preventDefault()
    onPick(next.id)
    const list = event.currentTarget
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-selected=true]')?.focus())
  }
  if (terminals.length === 0) return <h3 className="pane-title">Terminal</h3>
  return (
    <div className="terminal-tabs" role="tablist" tabIndex={-1} aria-label="Programs" onKeyDown={onKeyDown}>
      {terminals.map((terminal) => (
        <button
          key={terminal.id}
          type="button"
          role="tab"
          aria-selected={terminal.id === shown}
          tabIndex={terminal.id === shown ? 0 : -1}
          className={`terminal-tab boundary-${terminal.boundary}`}
          onClick={() => onPick(terminal.id)}
        >
          <span className="mono">
            <Short text={terminal.title} limit={120} />
          </span>
          <span className="terminal-boundary">{boundaryTag[terminal.boundary]}</span>
          {!terminal.running && <span className="terminal-ended">ended</span>}
        </button>
      ))}
    </div>
  )
}

type ViewProps = { readonly sessionId: SessionId; readonly info: TerminalInfo }

type Standing = {
  /** What it left behind; null while it runs. */
  readonly ended: 'text' | 'nothing' | null
  readonly gap: boolean
  readonly problem: string | null
  /** Several lines that wait for a yes before they are typed. */
  readonly paste: string | null
}
const fresh: Standing = { ended: null, gap: false, problem: null, paste: null }

/** One program's screen. Made when it is first shown, gone when another tab is. */
function TerminalView({ sessionId, info }: ViewProps) {
  const { client } = useStores()
  const place = useRef<HTMLDivElement>(null)
  const attached = useRef<AttachedTerminal | null>(null)
  const [standing, setStanding] = useState<Standing>(fresh)
  const first = useRef(info)
  const writable = info.writable && info.running

  useEffect(() => {
    const element = place.current
    if (!element) return
    let gone = false
    const patch = (change: Partial<Standing>): void => {
      if (!gone) setStanding((now) => ({ ...now, ...change }))
    }
    attachTerminal(element, client, sessionId, first.current, {
      ended: (printed) => patch({ ended: printed ? 'text' : 'nothing' }),
      problem: (problem) => patch({ problem }),
      gap: () => patch({ gap: true }),
      paste: (paste) => patch({ paste }),
    }).then(
      (terminal) => {
        if (gone) return terminal.dispose()
        attached.current = terminal
      },
      (cause: unknown) => patch({ problem: `The terminal could not be drawn: ${messageOf(cause)}` }),
    )
    return () => {
      gone = true
      attached.current?.dispose()
      attached.current = null
    }
  }, [client, sessionId])

  useEffect(() => attached.current?.setWritable(writable), [writable])

  const answerPaste = (yes: boolean): void => {
    if (yes && standing.paste !== null) attached.current?.paste(standing.paste)
    setStanding((now) => ({ ...now, paste: null }))
    attached.current?.focus()
  }
  return (
    <div className="terminal-view">
      {standing.problem !== null && (
        <p className="terminal-line" role="alert">
          {standing.problem}
        </p>
      )}
      {standing.gap && (
        <p className="terminal-line">Earlier output is no longer held. What follows starts later.</p>
      )}
      {standing.paste !== null && <PasteQuestion text={standing.paste} onAnswer={answerPaste} />}
      <div
        ref={place}
        className="terminal-screen"
        role="group"
        aria-label={`Output of ${spelledText(info.title, 160)}, ${boundaryTag[info.boundary]}`}
      />
      <p className="terminal-foot">{footWords(info, standing.ended)}</p>
    </div>
  )
}

function footWords(info: TerminalInfo, ended: Standing['ended']): string {
  if (ended === 'nothing') return 'It ended and printed nothing.'
  if (ended !== null || !info.running) return 'The program has ended.'
  return info.writable ? 'Keys go to the program.' : 'The agent types here, you read.'
}

/** Keys that follow the paste must not reach the program unasked. */
const focusOnMount = (button: HTMLButtonElement | null): void => button?.focus()

type PasteProps = { readonly text: string; onAnswer(yes: boolean): void }

function PasteQuestion({ text, onAnswer }: PasteProps) {
  const lines = text.trimEnd().split(/\r\n|\r|\n/)
  return (
    <div className="terminal-paste" role="group" aria-label="Paste several lines">
      <p>Paste {plural(lines.length, 'line')}? The program may run each of them as it arrives.</p>
      <Button ref={focusOnMount} onClick={() => onAnswer(false)}>
        Do not paste
      </Button>
      <Button onClick={() => onAnswer(true)}>Paste {plural(lines.length, 'line')}</Button>
      <pre className="mono">
        <Spelled text={lines.slice(0, 5).join('\n')} lines="many" spaces="keep" limit={400} />
      </pre>
    </div>
  )
}
