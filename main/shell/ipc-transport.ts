import type { Carrier } from '../../protocol/carrier.ts'
import { contract } from '../../protocol/contract.ts'
import { serveContract } from '../../protocol/host-end.ts'
import type { Host } from '../host/host.ts'
import { isTrustedFrame } from './origin.ts'

/** The one message a page can send outside its port, with the port attached. The preload knows it too. */
export const connectChannel = 'gatehouse:connect'

/** Makes a Carrier of one end of a MessageChannel. The caller starts the port. */
export function portCarrier(port: Electron.MessagePortMain): Carrier {
  const closers = new Set<() => void>()
  let open = true
  const closed = (): void => {
    if (!open) return
    open = false
    for (const closer of closers) closer()
  }
  const close = (): void => {
    // Electron tells only the other end, so ours is told here.
    if (open) port.close()
    closed()
  }
  port.on('close', closed)
  return {
    send(frame) {
      if (open) port.postMessage(frame)
    },
    onFrame(listener) {
      port.on('message', ({ data }: { readonly data: unknown }) => {
        if (!open) return
        if (typeof data === 'string' || data instanceof Uint8Array) listener(data)
        // Whoever sends something else does not speak this protocol.
        else close()
      })
    },
    onClose(listener) {
      closers.add(listener)
    },
    close,
  }
}

/**
 * Serves the host to the page of one window. A window has one connection: a page that connects again,
 * after a reload for instance, replaces its old one.
 *
 * @returns ends the connection and takes no more
 */
export function serveWindow(contents: Pick<Electron.WebContents, 'id' | 'ipc'>, host: Host): () => void {
  let current: Carrier | null = null
  // Stable over reconnects, so that a call which is sent again after one runs once. A page that was loaded
  // anew numbers its calls with a name of its own.
  const caller = { client: `window-${contents.id}`, carrier: 'window' } as const

  const onConnect = (event: Pick<Electron.IpcMainEvent, 'ports' | 'senderFrame'>): void => {
    const [port, ...others] = event.ports
    for (const other of others) other.close()
    if (!port) return
    if (!isTrustedFrame(event.senderFrame)) return port.close()

    current?.close()
    const carrier = portCarrier(port)
    current = carrier
    serveContract(contract, host.handlers, carrier, caller, host.memory)
    port.start()
  }

  contents.ipc.on(connectChannel, onConnect)
  return () => {
    contents.ipc.off(connectChannel, onConnect)
    current?.close()
  }
}
