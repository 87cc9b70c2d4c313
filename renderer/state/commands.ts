import type { Command } from '../../protocol/app.ts'
import type { HostClient } from '../../protocol/contract.ts'
import type { Unsubscribe } from '../../protocol/endpoint.ts'
import type { AppStore } from './app.ts'

/** Does what the host asks every window: a click in the application menu, the tray, or on a notification. */
export function followCommands(client: HostClient, app: AppStore): Unsubscribe {
  return client.subscribe(
    'app/commands',
    {},
    { snapshot: () => {}, change: (command) => runCommand(command, app) },
  )
}

export function runCommand(command: Command, app: AppStore): void {
  switch (command.type) {
    case 'show':
      if (command.page === 'start') return app.go({ page: 'start', folder: null })
      if (command.page === 'rules') return app.go({ page: 'rules', start: null })
      return app.go({ page: command.page })
    case 'openSession':
      return app.go({ page: 'session', id: command.id })
    case 'openFolder':
      return app.go({ page: 'start', folder: command.path })
    case 'choosePreset':
      return app.open({ kind: 'preset', sessionId: command.id, choice: command.preset })
    case 'palette':
      return app.open({ kind: 'palette' })
  }
}
