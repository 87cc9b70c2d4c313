import type { Carrier } from '../../protocol/carrier.ts'
import { createClientEnd } from '../../protocol/client-end.ts'
import { contract } from '../../protocol/contract.ts'
import { clientName } from './client-name.ts'
import { type Connected, keepConnected } from './link.ts'

/** The desktop app: one end of a channel goes to the preload script, which passes it on to the host. */
export function connectWindow(): Connected {
  const client = createClientEnd(contract, `${clientName()}.${Date.now().toString(36)}`)
  const link = keepConnected(client, async () => {
    const channel = new MessageChannel()
    window.postMessage('gatehouse:connect', location.origin, [channel.port2])
    return { carrier: portCarrier(channel.port1) }
  })
  return { client, link }
}

function portCarrier(port: MessagePort): Carrier {
  const closed = new Set<() => void>()
  const shut = (): void => {
    port.close()
    for (const listener of closed) listener()
    closed.clear()
  }
  // Says that the other end is gone: the host ended, or refused this window.
  port.addEventListener('close', shut)
  return {
    send: (frame) => port.postMessage(frame),
    onFrame(listener) {
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (typeof data === 'string' || data instanceof Uint8Array) listener(data)
        else if (data instanceof ArrayBuffer) listener(new Uint8Array(data))
      }
    },
    onClose: (listener) => void closed.add(listener),
    close: shut,
  }
}
