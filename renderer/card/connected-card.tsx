import { type KeyboardEvent, type Ref, useImperativeHandle, useRef } from 'react'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { ApprovalId } from '../../protocol/ids.ts'
import { commandFor, isTyping, keyOf } from '../keys/keymap.ts'
import { useInbox, useInboxRow, usePreferences, useStores } from '../state/context.tsx'
import type { InboxRow } from '../state/inbox.ts'
import { ApprovalCard } from './approval-card.tsx'
import { runOnCard } from './card-keys.ts'
import { DenyNote } from './deny-note.tsx'
import { EditCommand } from './edit-command.tsx'
import { handOf } from './guard.ts'
import { RehearsalPanel } from './rehearse/rehearsal-panel.tsx'
import { CardScope } from './scope/card-scope.tsx'
import { useCardAnswers } from './use-card-answers.ts'
import { allows, stateLine } from './words.ts'

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
  const { app, inbox } = useStores()
  const preferences = usePreferences()
  const recentNotes = useInbox((state) => state.recentNotes)
  const element = useRef<HTMLElement>(null)
  const answers = useCardAnswers({ row, byPerson, element, onAnswered })
  const { open, blocked, panel, closePanel, rehearsal, answer, openScope } = answers

  function press(event: Pick<KeyboardEvent, 'nativeEvent' | 'repeat' | 'preventDefault'>): boolean {
    const command = commandFor(event.nativeEvent, ['card', 'everywhere'])
    if (command === null) return false
    const letter = /^[a-z]$/.test(event.nativeEvent.key)
    if (letter && !preferences.singleKeys) return false
    const taken = runOnCard(command, handOf(event.nativeEvent.code), event.repeat, {
      row,
      inbox,
      answers,
      onLeave,
    })
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
          armed={answers.armed}
          armingMs={answers.armingMs}
          singleKeys={preferences.singleKeys}
          variant={variant}
          echo={answers.echo}
          blocked={blocked}
          cardRef={element}
          onEcho={answers.setEcho}
          onFolds={answers.setFolds}
          onOffer={answers.onOffer}
          onVerb={answers.onVerb}
          onUndo={() => void inbox.undo(request.id)}
          onOrigin={onOrigin ? () => onOrigin(request) : null}
          onSource={(source) => app.go({ page: 'rules', start: { at: 'place', ...source } })}
          rehearsal={rehearsal.state}
          rehearsed={
            <RehearsalPanel
              rehearsal={rehearsal}
              cwd={request.action.cwd}
              blocked={blocked}
              busy={sending !== null}
              keyHint={preferences.singleKeys ? keyOf('rehearse') : undefined}
              onApply={() => void answers.apply()}
              onAgain={() => answers.rehearse('Enter', false)}
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
