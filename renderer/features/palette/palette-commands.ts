import type { SessionSummary } from '../../../protocol/sessions.ts'
import { presets } from '../../../protocol/settings.ts'
import { keyOf } from '../../keys/keymap.ts'
import type { Stores } from '../../state/context.tsx'
import { undoable } from '../../state/inbox.ts'
import { isLive } from '../../state/sessions.ts'
import { dateWords, timeWords } from '../../ui/time.tsx'

export type PaletteCommand = {
  readonly id: string
  readonly words: string
  /** As in the keymap; null when there is no key. */
  readonly keys: string | null
  run(): void
}

/**
 * Everything that can be done now. What narrows runs at once; what widens only opens its screen; what answers a
 * card is not here at all, since a card must be looked at.
 */
export function paletteCommands(stores: Stores): readonly PaletteCommand[] {
  const { app, client, inbox, preferences } = stores
  const { scopeId } = app.store.getState()
  const sessions = [...stores.sessions.store.getState().byId.values()]
  const live = sessions.filter(isLive)
  const scope = live.find(({ id }) => id === scopeId)
  const undo = undoable(inbox.store.getState())
  const ignore = (): void => {}

  const pages: PaletteCommand[] = [
    { id: 'inbox', words: 'Go to Inbox', keys: keyOf('goInbox'), run: () => app.go({ page: 'inbox' }) },
    {
      id: 'sessions',
      words: 'Go to Sessions',
      keys: keyOf('goSessions'),
      run: () => app.go({ page: 'sessions' }),
    },
    {
      id: 'rules',
      words: 'Go to Rules',
      keys: keyOf('goRules'),
      run: () => app.go({ page: 'rules', start: null }),
    },
    {
      id: 'new-rule',
      words: 'New rule…',
      keys: null,
      run: () => app.go({ page: 'rules', start: { at: 'new' } }),
    },
    {
      id: 'tester',
      words: 'Would a command be allowed?',
      keys: null,
      run: () => app.go({ page: 'rules', start: { at: 'tester' } }),
    },
    {
      id: 'settings',
      words: 'Go to Settings',
      keys: keyOf('goSettings'),
      run: () => app.go({ page: 'settings' }),
    },
    {
      id: 'open-folder',
      words: 'Open folder',
      keys: keyOf('openFolder'),
      run: () => app.go({ page: 'start', folder: null }),
    },
    { id: 'keys', words: 'Show the keys', keys: keyOf('help'), run: () => app.open({ kind: 'keys' }) },
  ]
  const ofScope = scope
    ? presets.map(
        (preset): PaletteCommand => ({
          id: `preset-${preset.id}`,
          words: `Preset of ${scope.title}: ${preset.name}…`,
          keys: preset.id === scope.settings.preset ? keyOf('preset') : null,
          run: () => app.open({ kind: 'preset', sessionId: scope.id, choice: preset.id }),
        }),
      )
    : []
  const ofSession = (session: SessionSummary): PaletteCommand[] => [
    {
      id: `open-${session.id}`,
      // Sessions of one folder carry one title; the past ones are told apart by their start.
      words: isLive(session)
        ? `Open session ${session.title}`
        : `Open session ${session.title}, ${dateWords(session.startedAtMs)} ${timeWords(session.startedAtMs)}`,
      keys: null,
      run: () => app.go({ page: 'session', id: session.id }),
    },
    {
      id: `pause-${session.id}`,
      words: session.state === 'paused' ? `Resume ${session.title}` : `Pause ${session.title}`,
      keys: null,
      run: () => {
        client.call('sessions/pause', { id: session.id, paused: session.state !== 'paused' }).catch(ignore)
        app.close()
      },
    },
  ]
  const pauseAll: PaletteCommand = {
    id: 'pause-all',
    words: `Pause all ${live.length} agents`,
    keys: null,
    run: () => {
      for (const { id } of live) client.call('sessions/pause', { id, paused: true }).catch(ignore)
      app.close()
    },
  }
  const theme = (value: 'day' | 'night' | 'system', words: string): PaletteCommand => ({
    id: `theme-${value}`,
    words,
    keys: null,
    run: () => {
      void preferences.set({ theme: value })
      app.close()
    },
  })
  return [
    ...(undo
      ? [
          {
            id: 'undo',
            words: `Take back the allow of ${undo.context.session}`,
            keys: keyOf('undoChord'),
            run: () => {
              void inbox.undo(undo.id)
              app.close()
            },
          },
        ]
      : []),
    ...ofScope,
    ...pages,
    ...(live.length > 1 ? [pauseAll] : []),
    ...live.flatMap(ofSession),
    ...sessions
      .filter((session) => !isLive(session))
      .slice(0, 50)
      .flatMap((session) => ofSession(session).slice(0, 1)),
    theme('day', 'Theme: day'),
    theme('night', 'Theme: night'),
    theme('system', 'Theme: as the system'),
  ]
}
