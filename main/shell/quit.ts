import type { Clock } from '../platform/clock.ts'
import type { ElectronApi } from './electron-api.ts'

/** After this long a host that does not end is left behind; its log holds all that took effect. */
const patienceMs = 10_000

/**
 * Lets the app end only after `close` is through, so that sessions end in order and the log says so.
 * Pressing quit again while it closes changes nothing.
 */
export function quitInOrder(
  app: Pick<ElectronApi['app'], 'exit' | 'on' | 'quit'>,
  clock: Clock,
  close: () => Promise<void>,
): void {
  let phase: 'running' | 'closing' | 'closed' = 'running'
  app.on('before-quit', (event) => {
    if (phase === 'closed') return
    event.preventDefault()
    if (phase === 'closing') return
    phase = 'closing'
    const giveUp = clock.after(patienceMs, () => app.exit(1))
    close().then(
      () => {
        giveUp()
        phase = 'closed'
        app.quit()
      },
      (problem: unknown) => {
        giveUp()
        console.error('The host did not close in order:', problem)
        app.exit(1)
      },
    )
  })
}
