import type { ReactNode } from 'react'
import type { ApprovalId } from '../../../protocol/ids.ts'
import type { Item } from '../../../protocol/sessions.ts'
import { Button } from '../../ui/button.tsx'
import { Quote } from '../../ui/quote.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { timeWords } from '../../ui/time.tsx'
import { ActionView } from './action-view.tsx'
import { probesWords } from './sandbox-proof.tsx'
import { changedByWords, settingsWords } from './words.ts'

export type ItemContext = {
  /** Paths below it are shown short. */
  readonly folder: string
  readonly live: boolean
  /** The card of an open question, where it belongs. */
  card(id: ApprovalId): ReactNode
  /** Sends the message again that opened this turn. null when there is none or the session is past. */
  sendAgain(turnId: string | null): (() => void) | null
}

/** One item of the conversation. The host's words are plain; the agent's are quoted; values are spelled. */
export function ItemView({ item, context }: { readonly item: Item; readonly context: ItemContext }) {
  switch (item.type) {
    case 'user':
      return (
        <Row atMs={item.atMs} who={item.queued ? 'You, queued' : 'You'} kind="user">
          <div className="item-text">
            <Spelled text={item.text} lines="many" spaces="keep" limit={4000} />
          </div>
        </Row>
      )
    case 'agent':
      return (
        <Row atMs={item.atMs} who={item.voice === 'thought' ? 'Agent, thinking' : 'Agent'} kind={item.voice}>
          {/* A quotation that is still being written has no end yet, and must not look finished. */}
          <Quote text={item.text} lines="many" limit={8000} />
          {item.streaming && <p className="item-streaming">writing…</p>}
        </Row>
      )
    case 'action':
      return <ActionView item={item} context={context} />
    case 'settings':
      return (
        <Row atMs={item.atMs} who={item.by === 'user' ? 'You' : 'Gatehouse'} kind="fact">
          <p>
            {changedByWords[item.by]} from {settingsWords(item.from)} to{' '}
            <strong>{settingsWords(item.to)}</strong>
            {item.note !== null && item.note !== '' && (
              <>
                : <Spelled text={item.note} limit={300} />
              </>
            )}
          </p>
        </Row>
      )
    case 'verified': {
      const held = item.probes.every((probe) => probe.blocked)
      return (
        <Row atMs={item.atMs} who="Gatehouse" kind="fact">
          <p className={held ? 'proof-held' : 'proof-off'}>
            {held ? 'Sandbox verified' : 'The sandbox let something through'}: {probesWords(item.probes)},{' '}
            {timeWords(item.atMs)}
          </p>
        </Row>
      )
    }
    case 'review':
      return (
        <Row atMs={item.atMs} who="You" kind="fact">
          <p>
            {item.verb === 'keep' ? 'Kept' : 'Reverted'}{' '}
            <span className="mono">
              <Spelled text={item.path} limit={160} />
            </span>
            : <Spelled text={item.what} limit={160} />
          </p>
        </Row>
      )
    case 'turnEnd':
      return <TurnEnd item={item} context={context} />
    case 'notice':
      return (
        <Row atMs={item.atMs} who="Gatehouse" kind={`notice-${item.level}`}>
          <p>
            <strong>
              <Spelled text={item.title} limit={300} />
            </strong>
          </p>
          {item.detail !== '' && (
            <div className="item-text">
              <Spelled text={item.detail} lines="many" limit={1200} />
            </div>
          )}
        </Row>
      )
  }
}

type TurnEndItem = Extract<Item, { type: 'turnEnd' }>

function TurnEnd({ item, context }: { readonly item: TurnEndItem; readonly context: ItemContext }) {
  if (item.ok) {
    return (
      <p className="turn-end">
        <Spelled text={item.reason} limit={200} />, {timeWords(item.atMs)}
      </p>
    )
  }
  const again = context.sendAgain(item.turnId)
  return (
    <Row atMs={item.atMs} who="Gatehouse" kind="notice-problem">
      <p>
        <strong>The turn ended early.</strong> <Spelled text={item.reason} limit={600} />
      </p>
      {again && <Button onClick={again}>Send again</Button>}
    </Row>
  )
}

type RowProps = {
  readonly atMs: number
  readonly who: string
  readonly kind: string
  readonly children: ReactNode
  /** Stands below, across the whole width. */
  readonly after?: ReactNode
}

/** Who and when in the margin, what beside it. */
export function Row({ atMs, who, kind, children, after }: RowProps) {
  return (
    <div className={`item item-${kind}`}>
      <p className="item-margin">
        <span className="time">{timeWords(atMs)}</span>
        <span>{who}</span>
      </p>
      <div className="item-body">{children}</div>
      {after}
    </div>
  )
}
