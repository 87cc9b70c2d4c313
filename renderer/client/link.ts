import type { Carrier } from '../../protocol/carrier.ts'
import type { ClientEnd } from '../../protocol/client-end.ts'
import type { AppContract, HostClient } from '../../protocol/contract.ts'
import type { Link, LinkStatus } from '../state/connection.ts'

/** A client and what its carrier tells about itself. */
export type Connected = { readonly client: HostClient; readonly link: Link }

/** What one try to reach the host led to. */
export type Attempt =
  | { readonly carrier: Carrier }
  /** The host answered and does not accept this window: trying again changes nothing. */
  | { readonly refused: string }
  | { readonly unreachable: true }

type Timers = {
  nowMs(): number
  later(run: () => void, ms: number): () => void
}
const machineTimers: Timers = {
  nowMs: () => Date.now(),
  later(run, ms) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

const firstWaitMs = 250
const longestWaitMs = 10_000

/**
 * Keeps a client on a carrier: tries, attaches, and after a loss tries again with growing pauses. Open calls and
 * subscriptions wait in the client meanwhile; nothing is lost and nothing runs twice.
 */
export function keepConnected(
  client: ClientEnd<AppContract>,
  tryOnce: () => Promise<Attempt>,
  timers: Timers = machineTimers,
): Link {
  const listeners = new Set<(status: LinkStatus) => void>()
  let status: LinkStatus = { state: 'connecting' }
  let failures = 0
  let trying = false
  let sinceMs: number | null = null
  let cancel = (): void => {}

  function tell(next: LinkStatus): void {
    status = next
    for (const listener of listeners) listener(next)
  }

  function waitAndTry(): void {
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** failures++)
    sinceMs ??= timers.nowMs()
    tell({ state: 'lost', sinceMs, nextTryAtMs: timers.nowMs() + waitMs })
    cancel = timers.later(() => void attempt(), waitMs)
  }

  async function attempt(): Promise<void> {
    if (trying) return
    trying = true
    cancel()
    const result = await tryOnce()
    trying = false
    if ('refused' in result) {
      client.abandon({ code: 'refused', message: result.refused })
      return tell({ state: 'refused', why: result.refused })
    }
    if ('unreachable' in result) return waitAndTry()
    failures = 0
    sinceMs = null
    result.carrier.onClose(() => waitAndTry())
    client.attach(result.carrier)
    tell({ state: 'open' })
  }

  void attempt()
  return {
    onStatus(listener) {
      listeners.add(listener)
      listener(status)
      return () => void listeners.delete(listener)
    },
    retry: () => void attempt(),
  }
}
