import type { Socket } from 'node:net'
import { openPassage, type PassageDeps } from './passage.ts'
import { canonicalHost } from './read-request.ts'
import type { Run } from './run.ts'
import { join } from './tunnel.ts'

/** A program that knows no proxy and was led here; there is nobody to tell why it may not. */
export async function takeDirect(
  client: Socket,
  run: Run,
  relayFlow: number,
  to: { readonly host: string; readonly port: number },
  deps: PassageDeps,
): Promise<void> {
  client.on('error', () => {})
  const destination = { host: canonicalHost(to.host), port: to.port, protocol: 'socks5_tcp' as const }
  const outcome = await openPassage(
    { run, relayFlow, destination, via: 'direct', request: null, client, parsed: false },
    deps,
  )
  if (outcome.kind === 'open') join(client, outcome.socket)
  else client.destroy()
}
