import { expect, test } from 'vitest'
import type { Carrier } from '../../protocol/carrier.ts'
import { createClientEnd } from '../../protocol/client-end.ts'
import { contract } from '../../protocol/contract.ts'
import { HostError } from '../../protocol/endpoint.ts'
import type { LinkStatus } from '../state/connection.ts'
import { type Attempt, keepConnected } from './link.ts'

/** A carrier that can be cut, and remembers what was sent on it. */
function wire(): { carrier: Carrier; sent: string[]; cut(): void } {
  const closed: (() => void)[] = []
  const sent: string[] = []
  return {
    sent,
    cut: () => {
      for (const listener of closed) listener()
    },
    carrier: {
      send: (frame) => void sent.push(String(frame)),
      onFrame: () => {},
      onClose: (listener) => void closed.push(listener),
      close: () => {},
    },
  }
}

function bench(...attempts: Attempt[]) {
  const client = createClientEnd(contract, 'c')
  const waits: { ms: number; run: () => void }[] = []
  const seen: LinkStatus[] = []
  let tries = 0
  const link = keepConnected(client, async () => attempts[tries++] ?? { unreachable: true }, {
    nowMs: () => 1000,
    later(run, ms) {
      waits.push({ ms, run })
      return () => {}
    },
  })
  link.onStatus((status) => seen.push(status))
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
  return { client, link, waits, seen, settle, tries: () => tries }
}

test('an unreachable host is tried again with growing pauses that end at ten seconds', async () => {
  const { waits, settle } = bench()
  for (let round = 0; round < 8; round++) {
    await settle()
    waits.at(-1)?.run()
  }
  await settle()
  expect(waits.map(({ ms }) => ms)).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000])
})

test('after a loss the open calls are sent again, with their key, on the next carrier', async () => {
  const first = wire()
  const second = wire()
  const { client, waits, settle, seen } = bench({ carrier: first.carrier }, { carrier: second.carrier })
  await settle()
  client.call('app/info', {}).catch(() => {})
  first.cut()
  expect(seen.at(-1)).toEqual({ state: 'lost', sinceMs: 1000, nextTryAtMs: 1250 })
  waits.at(-1)?.run()
  await settle()
  expect(seen.at(-1)).toEqual({ state: 'open' })
  expect(second.sent).toEqual(first.sent)
})

test('a refusal ends the tries and every open call, with the reason', async () => {
  const { client, settle, seen, waits, tries } = bench({ refused: 'wrong key' })
  const call = client.call('app/info', {})
  await expect(call).rejects.toEqual(new HostError('refused', 'wrong key'))
  await settle()
  expect(seen.at(-1)).toEqual({ state: 'refused', why: 'wrong key' })
  expect([waits.length, tries()]).toEqual([0, 1])
})

test('a retry by hand does not start a second try beside a running one', async () => {
  const { link, settle, tries } = bench({ carrier: wire().carrier })
  link.retry()
  link.retry()
  await settle()
  expect(tries()).toBe(1)
})
