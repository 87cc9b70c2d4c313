import type { Carrier } from '../../protocol/carrier.ts'
import { createClientEnd } from '../../protocol/client-end.ts'
import { contract } from '../../protocol/contract.ts'
import { clientName } from './client-name.ts'
import { type Attempt, type Connected, keepConnected } from './link.ts'

const tokenKey = 'gatehouse.token'

/** Takes the token out of the address, so that it is not in the history, on a screen share, or in a copied link. */
export function takeToken(): string | null {
  const match = /^#t=([A-Za-z0-9._~-]{8,200})$/.exec(location.hash)
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search)
  if (match?.[1]) sessionStorage.setItem(tokenKey, match[1])
  return sessionStorage.getItem(tokenKey)
}

const refusal =
  'The host is running, but this address does not carry its key. Open the address that it printed when it started.'

/** A client of the `serve` host this page came from. */
export function connectSocket(token: string): Connected {
  const name = clientName()
  // Each load of the page counts its calls from the start, so it needs keys of its own.
  const client = createClientEnd(contract, `${name}.${Date.now().toString(36)}`)
  let refusals = 0

  async function tryOnce(): Promise<Attempt> {
    const carrier = await openSocket(token, name)
    if (carrier) {
      refusals = 0
      return { carrier }
    }
    // A browser does not say why a handshake ended. If the page itself can still be fetched, the host is there and
    // said no; twice, because it may have come up between the two looks.
    if (!(await hostAnswers())) return { unreachable: true }
    refusals += 1
    return refusals >= 2 ? { refused: refusal } : { unreachable: true }
  }
  return { client, link: keepConnected(client, tryOnce) }
}

async function hostAnswers(): Promise<boolean> {
  try {
    const answer = await fetch('./', { method: 'HEAD', cache: 'no-store' })
    return answer.ok
  } catch {
    return false
  }
}

function openSocket(token: string, name: string): Promise<Carrier | null> {
  return new Promise((resolve) => {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = new WebSocket(`${scheme}://${location.host}/rpc`, [
      'gatehouse.v1',
      `token.${token}`,
      `client.${name}`,
    ])
    socket.binaryType = 'arraybuffer'
    const closed = new Set<() => void>()
    const isClosed = (): boolean => socket.readyState >= WebSocket.CLOSING
    socket.onclose = () => {
      resolve(null)
      for (const listener of closed) listener()
    }
    socket.onopen = () =>
      resolve({
        send: (frame) => {
          if (!isClosed()) socket.send(frame as string | Uint8Array<ArrayBuffer>)
        },
        onFrame: (listener) => {
          socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
            listener(typeof data === 'string' ? data : new Uint8Array(data))
        },
        onClose: (listener) => {
          closed.add(listener)
          if (isClosed()) listener()
        },
        close: () => socket.close(),
      })
  })
}
