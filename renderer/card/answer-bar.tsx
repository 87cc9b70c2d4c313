import type { MouseEvent } from 'react'
import type { ApprovalRequest, Offer } from '../../protocol/approvals.ts'
import { type CommandName, keyOf } from '../keys/keymap.ts'
import { Button } from '../ui/button.tsx'
import { Menu, type MenuEntry } from '../ui/menu.tsx'
import { allows, offerCommands, offerLabel } from './words.ts'

export type BarVerb = Extract<CommandName, 'edit' | 'denyTell' | 'park' | 'rehearse'>

type Props = {
  readonly request: ApprovalRequest
  readonly sending: string | null
  /** Why no allow counts now, in words; null when it would. */
  readonly blocked: string | null
  readonly armed: boolean
  readonly singleKeys: boolean
  /** Whether it can be rehearsed now; null where there is nothing to rehearse. */
  readonly rehearse: { readonly off: boolean; readonly whyId: string | undefined } | null
  readonly describedBy: (offer: Offer['id']) => string
  onOffer(offer: Offer, event: MouseEvent | null): void
  onVerb(verb: BarVerb): void
}

/** The answers, in one order on every card. Allow is never coloured, filled or focused. */
export function AnswerBar(props: Props) {
  const { request, sending, blocked, armed, singleKeys, describedBy, rehearse, onOffer, onVerb } = props
  const find = (id: Offer['id']): Offer | undefined => request.offers.find((offer) => offer.id === id)
  const key = (command: CommandName): string | undefined => (singleKeys ? keyOf(command) : undefined)
  const busy = sending !== null
  const grave = request.tier === 'serious' || request.tier === 'critical'
  const smaller = find('smaller')
  const manyYeses = find('path') !== undefined
  const parked = request.state.state === 'parked'

  const offerButton = (offer: Offer | undefined, look: 'plain' | 'strong' = 'plain') => {
    if (!offer) return null
    const command = offerCommands[offer.id]
    const off = busy || !armed || (allows(offer) && blocked !== null)
    return (
      <Button
        key={offer.id}
        look={look}
        keyHint={command && key(command)}
        aria-disabled={off || undefined}
        aria-describedby={describedBy(offer.id)}
        onClick={(event) => onOffer(offer, event)}
      >
        {sending === offer.id ? 'Recording…' : offerLabel(offer)}
      </Button>
    )
  }

  const more: MenuEntry[] = []
  const outside = find('outside')
  if (outside && blocked === null) {
    more.push({
      id: 'outside',
      label: outside.label,
      hint: outside.sentence,
      onSelect: () => onOffer(outside, null),
    })
  }
  // Six buttons stand in one row; with answers for path and folder the rule finds no room there.
  const rule = find('rule')
  if (manyYeses && rule && blocked === null) {
    more.push({
      id: 'rule',
      label: rule.label,
      hint: rule.sentence,
      keyHint: key('rule'),
      onSelect: () => onOffer(rule, null),
    })
  }
  const stop = find('denyStop')
  if (stop) {
    more.push({
      id: 'denyStop',
      label: 'Deny and stop',
      hint: stop.sentence,
      keyHint: key('denyStop'),
      onSelect: () => onOffer(stop, null),
    })
  }
  more.push({
    id: 'park',
    label: parked ? 'Bring back' : 'Not now',
    hint: parked ? 'it needs you again' : 'parked; the agent keeps waiting',
    keyHint: key('park'),
    onSelect: () => onVerb('park'),
  })

  return (
    <div className="answer-bar" role="toolbar" aria-label="Your answer">
      <div className="answer-group">
        {offerButton(smaller, smaller ? 'strong' : 'plain')}
        {offerButton(find('gitMetadata'))}
        {offerButton(find('once'))}
        {offerButton(find('path'))}
        {offerButton(find('directory'))}
        {offerButton(find('lease'))}
        {offerButton(find('session'))}
        {!manyYeses && offerButton(find('rule'))}
        {request.editable !== null && (
          <Button keyHint={key('edit')} aria-disabled={busy || undefined} onClick={() => onVerb('edit')}>
            Edit
          </Button>
        )}
      </div>
      <div className="answer-group answer-no">
        {rehearse && (
          <Button
            keyHint={key('rehearse')}
            aria-disabled={busy || !armed || rehearse.off || undefined}
            aria-describedby={rehearse.whyId}
            onClick={() => onVerb('rehearse')}
          >
            Rehearse
          </Button>
        )}
        {offerButton(find('deny'))}
        <Button
          look={grave && !smaller ? 'strong' : 'plain'}
          keyHint={key('denyTell')}
          aria-disabled={busy || undefined}
          onClick={() => onVerb('denyTell')}
        >
          Deny and tell
        </Button>
        <Menu align="end" label="More" entries={more} />
      </div>
    </div>
  )
}
