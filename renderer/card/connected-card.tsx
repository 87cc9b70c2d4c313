import {
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from 'react'
import type { ApprovalRequest, Offer } from '../../protocol/approvals.ts'
import type { ApprovalId } from '../../protocol/ids.ts'
import type { RuleDraft } from '../../protocol/rule-draft.ts'
import { type CommandName, commandFor, isTyping, keyOf } from '../keys/keymap.ts'
import { useConnection, useInbox, useInboxRow, usePreferences, useStores } from '../state/context.tsx'
import { type InboxRow, undoable } from '../state/inbox.ts'
import { durationWords } from '../ui/time.tsx'
import type { BarVerb } from './answer-bar.tsx'
import { ApprovalCard } from './approval-card.tsx'
import { DenyNote } from './deny-note.tsx'
import { EditCommand } from './edit-command.tsx'
import { handOf } from './guard.ts'
import { RehearsalPanel } from './rehearse/rehearsal-panel.tsx'
import { useRehearsal } from './rehearse/use-rehearsal.ts'
import { summaryWords } from './rehearse/words.ts'
import { CardScope } from './scope/card-scope.tsx'
import { useGuard } from './use-guard.ts'
import { useLook } from './use-look.ts'
import { allows, answerWords, ruleUndoMs, stateLine } from './words.ts'

export type CardHandle = {
  /** Gives the card a key that was pressed in a list beside it. @returns whether it meant something here */
  press(event: Pick<KeyboardEvent, 'nativeEvent' | 'repeat' | 'preventDefault'>): boolean
  focus(): void
}

type Props = {
  readonly id: ApprovalId
  readonly variant?: 'pane' | 'inline'
  /** The person chose this card. Otherwise it must be armed first. */
  readonly byPerson?: boolean
  readonly handle?: Ref<CardHandle>
  /** The answer is recorded; an undo may still bring it back. */
  onAnswered?(request: ApprovalRequest): void
  /** Escape in the card. */
  onLeave?(): void
  onOrigin?(request: ApprovalRequest): void
}

/** A card on the inbox store: the same in the Inbox and between the items of a session. */
export function ConnectedCard(props: Props) {
  const row = useInboxRow(props.id)
  if (!row) return null
  // Another request is another card: half a note must not move to it.
  return <Card key={row.request.id} row={row} {...props} />
}

function Card({
  row,
  variant = 'pane',
  byPerson = false,
  handle,
  onAnswered,
  onLeave,
  onOrigin,
}: Props & { readonly row: InboxRow }) {
  const { request, sending, failure } = row
  const { app, inbox, announcements } = useStores()
  const preferences = usePreferences()
  const recentNotes = useInbox((state) => state.recentNotes)
  const element = useRef<HTMLElement>(null)
  const [panel, setPanel] = useState<'note' | 'edit' | 'scope' | null>(null)
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

  function run(command: CommandName, what: string, repeat: boolean): boolean {
    // The editor over the card has keys of its own.
    if (panel === 'scope') return false
    const offerOf = (offerId: Offer['id']): Offer | undefined =>
      request.offers.find(({ id }) => id === offerId)
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
        if (guard.mayAnswer(what, repeat)) onVerb('park')
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

  function press(event: Pick<KeyboardEvent, 'nativeEvent' | 'repeat' | 'preventDefault'>): boolean {
    const command = commandFor(event.nativeEvent, ['card', 'everywhere'])
    if (command === null) return false
    const letter = /^[a-z]$/.test(event.nativeEvent.key)
    if (letter && !preferences.singleKeys) return false
    const taken = run(command, handOf(event.nativeEvent.code), event.repeat)
    if (taken) event.preventDefault()
    return taken
  }

  useImperativeHandle(handle, () => ({ press, focus: () => element.current?.focus({ preventScroll: true }) }))

  const offerForEdit = request.offers.find(({ id }) => id === 'once') ?? request.offers.find(allows)
  const denial = request.offers.find(({ id }) => id === 'deny')
  const ruleOffer = request.offers.find(({ id }) => id === 'rule')
  const once = request.offers.find(({ id }) => id === 'once')
  return (
    <>
      <div
        className="card-keys"
        role="presentation"
        onKeyDown={(event) => {
          inbox.keyPressed()
          if (event.defaultPrevented) return
          if (isTyping(event.target) && event.key !== 'Escape') return
          if (press(event)) event.stopPropagation()
        }}
      >
        <ApprovalCard
          request={request}
          sending={sending}
          failure={failure}
          armed={guard.armed}
          armingMs={armingMs}
          singleKeys={preferences.singleKeys}
          variant={variant}
          echo={echo}
          blocked={blocked}
          cardRef={element}
          onEcho={setEcho}
          onFolds={setFolds}
          onOffer={onOffer}
          onVerb={onVerb}
          onUndo={() => void inbox.undo(request.id)}
          onOrigin={onOrigin ? () => onOrigin(request) : null}
          onSource={(source) => app.go({ page: 'rules', start: { at: 'place', ...source } })}
          rehearsal={rehearsal.state}
          rehearsed={
            <RehearsalPanel
              rehearsal={rehearsal}
              blocked={blocked}
              busy={sending !== null}
              keyHint={preferences.singleKeys ? keyOf('rehearse') : undefined}
              onApply={() => void apply()}
              onAgain={() => rehearse('Enter', false)}
            />
          }
          panel={
            panel === 'note' && denial ? (
              <DenyNote
                recent={recentNotes}
                sending={sending !== null}
                onSend={(note, by) => void answer(denial, handOf(by), false, { note })}
                onCancel={closePanel}
              />
            ) : panel === 'edit' && request.editable !== null && offerForEdit ? (
              <EditCommand
                original={request.editable}
                sending={sending !== null}
                sentence={offerForEdit.sentence}
                blocked={blocked}
                onRun={(editedCommand, key) =>
                  void answer(offerForEdit, handOf(key?.code ?? 'Enter'), key?.repeat ?? false, {
                    editedCommand,
                  })
                }
                onRule={ruleOffer ? openScope : null}
                onCancel={closePanel}
              />
            ) : null
          }
        />
      </div>
      {panel === 'scope' && ruleOffer && (
        <CardScope
          request={request}
          blocked={open ? blocked : `This was answered meanwhile. ${stateLine(request) ?? ''}`}
          failure={failure}
          sending={sending !== null}
          onSave={(rule, hand) => void answer(ruleOffer, handOf(hand.code), hand.repeat, { rule })}
          onOnce={once ? (hand) => void answer(once, handOf(hand.code), hand.repeat) : null}
          onClose={closePanel}
        />
      )}
    </>
  )
}

/** Why no allow would count now, in words. */
function whyBlocked(request: ApprovalRequest, echo: string, folds: number): string | null {
  const grave = request.tier === 'serious' || request.tier === 'critical'
  if (grave && folds > 0) return 'Part of it is folded: show it before you allow.'
  if (request.echo !== null && echo !== request.echo) return 'Allowing needs the typed word.'
  return null
}
