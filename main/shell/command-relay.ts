import type { Command } from '../../protocol/app.ts'
import type { HostHandlers } from '../../protocol/contract.ts'

export type CommandRelay = {
  /** The host's handlers, with an eye on who listens to commands. */
  readonly handlers: HostHandlers
  /** Now, when a page listens; otherwise as soon as one does. Of several that wait the last one counts. */
  send(command: Command): void
}

/**
 * A click on a notification or in the tray may come while no window is open. Its command waits here until
 * the new window's page listens.
 *
 * @param command passes a command to every window that listens at this moment
 */
export function createCommandRelay(
  handlers: HostHandlers,
  command: (command: Command) => void,
): CommandRelay {
  let listeners = 0
  let waiting: Command | null = null
  return {
    handlers: {
      ...handlers,
      'app/commands'(params, sink, caller) {
        const { snapshot, stop } = handlers['app/commands'](params, sink, caller)
        let live = true
        listeners++
        const held = waiting
        waiting = null
        if (held) command(held)
        return {
          snapshot,
          stop() {
            if (live) listeners--
            live = false
            stop()
          },
        }
      },
    },
    send(next) {
      if (listeners > 0) command(next)
      else waiting = next
    },
  }
}
