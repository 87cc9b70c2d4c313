import type { Offer } from '../../protocol/approvals.ts'
import type { CommandName } from '../keys/keymap.ts'
import { type InboxRow, type InboxStore, undoable } from '../state/inbox.ts'
import type { CardAnswers } from './use-card-answers.ts'

type Facts = {
  readonly row: InboxRow
  readonly inbox: InboxStore
  readonly answers: CardAnswers
  onLeave?: (() => void) | undefined
}

/**
 * Runs what a key stands for on a card.
 *
 * @param what the key in hand, for the guard
 * @returns whether it meant something here
 */
export function runOnCard(command: CommandName, what: string, repeat: boolean, facts: Facts): boolean {
  const { row, inbox, answers, onLeave } = facts
  const { request } = row
  const { open, rehearsal, answer, openScope, onVerb, rehearse, setPanel, mayAnswer } = answers
  // The editor over the card has keys of its own.
  if (answers.panel === 'scope') return false
  const offerOf = (offerId: Offer['id']): Offer | undefined => request.offers.find(({ id }) => id === offerId)
  const give = (offer: Offer | undefined): boolean => {
    if (!offer) return false
    void answer(offer, what, repeat)
    return true
  }
  const runs: Partial<Record<CommandName, () => boolean>> = {
    once: () => give(offerOf('once')),
    smaller: () => give(offerOf('smaller')),
    path: () => give(offerOf('path')),
    directory: () => give(offerOf('directory')),
    session: () => give(offerOf('session')),
    gitMetadata: () => give(offerOf('gitMetadata')),
    deny: () => give(offerOf('deny')),
    denyStop: () => give(offerOf('denyStop')),
    allowOnceChord: () => give(offerOf('once')),
    rule: () => !repeat && openScope(),
    edit() {
      if (repeat || !open || request.editable === null) return false
      setPanel('edit')
      return true
    },
    denyTell() {
      if (repeat || !open) return false
      setPanel('note')
      return true
    },
    rehearse() {
      if (rehearsal.state === null) return false
      rehearse(what, repeat)
      return true
    },
    park() {
      if (mayAnswer(what, repeat)) onVerb('park')
      return true
    },
    undo() {
      const last = request.state.state === 'releasing' ? request : undoable(inbox.store.getState())
      if (last && !repeat) void inbox.undo(last.id)
      return true
    },
    backToList() {
      onLeave?.()
      return onLeave !== undefined
    },
  }
  return runs[command]?.() ?? false
}
