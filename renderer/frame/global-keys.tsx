import { useEffect } from 'react'
import { commandFor, isTyping } from '../keys/keymap.ts'
import { useStores } from '../state/context.tsx'
import { undoable } from '../state/inbox.ts'

/** Keys that work on every page. None of them answers a card; that chord lives with the card. */
export function GlobalKeys() {
  const { app, inbox } = useStores()
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat) return
      const command = commandFor(event, ['everywhere'])
      if (command === null) return
      if (isTyping(event.target) && (command === 'help' || command === 'undoChord')) return
      switch (command) {
        case 'palette':
          app.open({ kind: 'palette' })
          break
        case 'help':
          app.open({ kind: 'keys' })
          break
        case 'goInbox':
          app.go({ page: 'inbox' })
          break
        case 'goSessions':
          app.go({ page: 'sessions' })
          break
        case 'goSettings':
          app.go({ page: 'settings' })
          break
        case 'openFolder':
          app.go({ page: 'start', folder: null })
          break
        case 'preset': {
          const { scopeId } = app.store.getState()
          if (scopeId) app.open({ kind: 'preset', sessionId: scopeId, choice: null })
          break
        }
        case 'undoChord': {
          const request = undoable(inbox.store.getState())
          if (!request) return
          void inbox.undo(request.id)
          break
        }
        default:
          return
      }
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [app, inbox])
  return null
}
