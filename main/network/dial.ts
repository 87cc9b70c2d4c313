import { connect, type Socket } from 'node:net'
import type { Clock } from '../platform/clock.ts'

/** Starts to connect to an address, never a name. Half-open; without delay. */
export type Connect = (address: string, port: number) => Socket

export const connectTo: Connect = (address, port) =>
  connect({
    host: address,
    port,
    allowHalfOpen: true,
    noDelay: true,
    autoSelectFamily: false,
    lookup: (name, _options, done) => done(new Error(`${name} is no address.`), '', 0),
  })

export type Dialled = { readonly socket: Socket; readonly address: string }

/** How long the first address may take before the second is tried beside it (RFC 8305). */
const headStartMs = 250
const slowestMs = 30_000

/**
 * Connects to one of the addresses, as fast as any of them answers: families turn about, a slow one gets company.
 *
 * @param addresses those that were judged; nothing else is dialled
 * @param signal gives up; the promise then rejects
 * @throws the error of the address that was tried first
 */
export function dial(
  addresses: readonly string[],
  port: number,
  connectTo: Connect,
  clock: Clock,
  signal: AbortSignal,
): Promise<Dialled> {
  const waiting = turnAbout(addresses)
  const trying = new Set<Socket>()
  return new Promise((resolve, reject) => {
    let failure: Error | null = null
    let stopHeadStart = (): void => {}
    const finish = (): void => {
      stopHeadStart()
      stopLimit()
      signal.removeEventListener('abort', onAbort)
      for (const socket of trying) socket.destroy()
    }
    const fail = (error: Error): void => {
      finish()
      reject(error)
    }
    const onAbort = (): void => fail(new Error('Nobody waits for the connection any longer.'))
    const next = (): void => {
      stopHeadStart()
      const address = waiting.shift()
      if (address === undefined) {
        if (trying.size === 0) fail(failure ?? new Error('There is no address to connect to.'))
        return
      }
      const socket = connectTo(address, port)
      trying.add(socket)
      const onError = (error: Error): void => {
        failure ??= error
        trying.delete(socket)
        next()
      }
      socket.once('error', onError)
      socket.once('connect', () => {
        socket.off('error', onError)
        trying.delete(socket)
        finish()
        resolve({ socket, address })
      })
      if (waiting.length > 0) stopHeadStart = clock.after(headStartMs, next)
    }
    const stopLimit = clock.after(slowestMs, () =>
      fail(failure ?? new Error('It took longer than 30 seconds.')),
    )
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    else next()
  })
}

/** The family of the first address first, then in turns. */
function turnAbout(addresses: readonly string[]): string[] {
  const isSix = (address: string): boolean => address.includes(':')
  const first = addresses.filter((one) => isSix(one) === isSix(addresses[0] ?? ''))
  const second = addresses.filter((one) => !first.includes(one))
  const mixed: string[] = []
  for (let i = 0; i < Math.max(first.length, second.length); i++)
    mixed.push(...[first[i], second[i]].filter((one) => one !== undefined))
  return mixed
}
