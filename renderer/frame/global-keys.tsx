import { useEffect } from 'react'
import { type CommandName, commandFor, isTyping } from '../keys/keymap.ts'
import { useStores } from '../state/context.tsx'
import { undoable } from '../state/inbox.ts'

/** Keys that work on every page. None of them answers a card; that chord lives with the card. */
export function GlobalKeys() {
  const { app, inbox } = useStores()
  useEffect(() => {
    const runs: Partial<Record<CommandName, () => 'nothing' | void>> = {
      palette: () => app.open({ kind: 'palette' }),
      help: () => app.open({ kind: 'keys' }),
      goInbox: () => app.go({ page: 'inbox' }),
      goSessions: () => app.go({ page: 'sessions' }),
      goRules: () => app.go({ page: 'rules', start: null }),
      goSettings: () => app.go({ page: 'settings' }),
      openFolder: () => app.go({ page: 'start', folder: null }),
      preset() {
        const { scopeId } = app.store.getState()
        if (scopeId) app.open({ kind: 'preset', sessionId: scopeId, choice: null })
      },
      undoChord() {
        const request = undoable(inbox.store.getState())
        if (!request) return 'nothing'
        void inbox.undo(request.id)
      },
    }
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat) return
      const command = commandFor(event, ['everywhere'])
      if (command === null) return
      if (isTyping(event.target) && (command === 'help' || command === 'undoChord')) return
      const run = runs[command]
      if (!run || run() === 'nothing') return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [app, inbox])
  return null
}
