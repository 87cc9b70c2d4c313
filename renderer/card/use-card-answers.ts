import { type MouseEvent, type RefObject, useEffect, useState } from 'react'
import type { ApprovalRequest, Offer } from '../../protocol/approvals.ts'
import type { RuleDraft } from '../../protocol/rule-draft.ts'
import { useConnection, usePreferences, useStores } from '../state/context.tsx'
import type { InboxRow } from '../state/inbox.ts'
import { durationWords } from '../ui/time.tsx'
import type { BarVerb } from './answer-bar.tsx'
import { useRehearsal } from './rehearse/use-rehearsal.ts'
import { summaryWords } from './rehearse/words.ts'
import { useGuard } from './use-guard.ts'
import { useLook } from './use-look.ts'
import { allows, answerWords, ruleUndoMs } from './words.ts'

/** What stands open below or over the card. */
export type CardPanel = 'note' | 'edit' | 'scope' | null

type Facts = {
  readonly row: InboxRow
  readonly byPerson: boolean
  readonly element: RefObject<HTMLElement | null>
  onAnswered?: ((request: ApprovalRequest) => void) | undefined
}

export type CardAnswers = ReturnType<typeof useCardAnswers>

/** Everything a person can do with one card, each guarded against hands that meant something else. */
export function useCardAnswers({ row, byPerson, element, onAnswered }: Facts) {
  const { request, sending } = row
  const { inbox, announcements } = useStores()
  const preferences = usePreferences()
  const [panel, setPanel] = useState<CardPanel>(null)
  const [echo, setEcho] = useState('')
  const [folds, setFolds] = useState(0)
  const grave = request.tier === 'serious' || request.tier === 'critical'
  const armingMs = grave ? preferences.armingMs * 2 : preferences.armingMs
  const shown = `${request.id}@${request.revision}`
  const guard = useGuard({ key: shown, byPerson, delayMs: armingMs })
  const look = useLook(shown)
  const rehearsal = useRehearsal(request)
  const open = request.state.state === 'waiting' || request.state.state === 'parked'
  const lost = useConnection().state === 'lost'
  const blocked = lost ? 'The host is not reached: no allow would arrive.' : whyBlocked(request, echo, folds)

  function closePanel(): void {
    setPanel(null)
    element.current?.focus()
  }

  /** @param what the key in hand; `Enter` for clicks */
  async function answer(
    offer: Offer,
    what: string,
    repeat: boolean,
    more: { readonly note?: string; readonly editedCommand?: string; readonly rule?: RuleDraft } = {},
  ): Promise<void> {
    if (!open || sending !== null || (allows(offer) && blocked !== null)) return
    if (!guard.mayAnswer(what, repeat)) return
    guard.answered(what)
    const result = await inbox.decide(request.id, {
      offerId: offer.id,
      lookMs: look(),
      ...more,
      ...(request.echo !== null && allows(offer) ? { echo } : {}),
    })
    if (result === 'refused') return
    setPanel(null)
    setEcho('')
    const ofTier = grave ? preferences.undoSeriousMs : preferences.undoMs
    const undoMs = offer.id === 'rule' ? ruleUndoMs : ofTier
    const undo = allows(offer) && undoMs > 0 ? `. Undo with U, ${durationWords(undoMs)}` : ''
    announcements.say(`${answerWords(offer.decision)}${undo}.`)
    onAnswered?.(request)
  }

  function onOffer(offer: Offer, event: MouseEvent | null): void {
    // The second click of a double click was not meant for what it hit.
    if (event && event.detail > 1) return
    if (offer.id === 'rule') return void openScope()
    void answer(offer, 'Enter', false)
  }

  /** Nothing is granted by it; the editor asks for an answer of its own. */
  function openScope(): boolean {
    if (!open || sending !== null || !request.offers.some(({ id }) => id === 'rule')) return false
    setPanel('scope')
    return true
  }

  function onVerb(verb: BarVerb): void {
    if (!open || sending !== null) return
    if (verb === 'rehearse') return rehearse('Enter', false)
    if (verb === 'edit') setPanel(panel === 'edit' ? null : 'edit')
    else if (verb === 'denyTell') setPanel(panel === 'note' ? null : 'note')
    else void inbox.park(request.id, request.state.state !== 'parked')
  }

  /** Grants and answers nothing; but something runs, so it is guarded like an answer. */
  function rehearse(what: string, repeat: boolean): void {
    const now = rehearsal.state?.state
    if (!open || (now !== 'ready' && now !== 'done' && now !== 'failed')) return
    if (guard.mayAnswer(what, repeat)) rehearsal.start()
  }

  /** Allows once, and what was shown is copied instead of run. */
  async function apply(): Promise<void> {
    if (rehearsal.state?.state !== 'done' || !open || sending !== null || blocked !== null) return
    if (!guard.mayAnswer('Enter', false)) return
    guard.answered('Enter')
    const more = { lookMs: look(), ...(request.echo === null ? {} : { echo }) }
    if (!(await rehearsal.apply(rehearsal.state.rehearsal.id, more))) return
    announcements.say('Allowed once: the rehearsed changes are applied.')
    onAnswered?.(request)
  }

  const rehearsed = rehearsal.state?.state === 'done' ? rehearsal.state.rehearsal : null
  useEffect(() => {
    if (rehearsed) announcements.say(`Rehearsed: ${summaryWords(rehearsed)}.`)
  }, [rehearsed, announcements])

  return {
    open,
    blocked,
    armed: guard.armed,
    armingMs,
    panel,
    setPanel,
    closePanel,
    echo,
    setEcho,
    setFolds,
    rehearsal,
    mayAnswer: guard.mayAnswer,
    answer,
    onOffer,
    openScope,
    onVerb,
    rehearse,
    apply,
  }
}

/** Why no allow would count now, in words. */
function whyBlocked(request: ApprovalRequest, echo: string, folds: number): string | null {
  const grave = request.tier === 'serious' || request.tier === 'critical'
  if (grave && folds > 0) return 'Part of it is folded: show it before you allow.'
  if (request.echo !== null && echo !== request.echo) return 'Allowing needs the typed word.'
  return null
}
