import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Host } from '../host/host.ts'
import { createStaticFiles, securityHeaders } from '../platform/static-files.ts'
import { acceptSockets } from './ws-transport.ts'

export type ServeServer = {
  readonly origin: string
  /** The one address to open; the token stands in its fragment, which browsers send nowhere. */
  readonly url: string
  close(): Promise<void>
}

/** Serves the built page and the contract on loopback. @throws when the port is taken */
export async function startServer(
  host: Host,
  options: { readonly renderer: string; readonly port: number; readonly token: string },
): Promise<ServeServer> {
  const files = createStaticFiles(options.renderer)
  const port = (): number => (server.address() as AddressInfo).port
  const hosts = (): readonly string[] => [`127.0.0.1:${port()}`, `localhost:${port()}`]
  const server = createServer((request, response) => {
    // A name that was made to resolve to this machine (DNS rebinding) arrives with its own Host.
    if (!hosts().includes(request.headers.host ?? '')) {
      response.writeHead(421, { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8' })
      response.end('This address is not served here.\n')
      return
    }
    void files.answer(request.method ?? 'GET', request.url ?? '/').then(
      ({ status, headers, body }) => {
        response.writeHead(status, headers)
        response.end(body ?? undefined)
      },
      () => response.destroy(),
    )
  })
  server.headersTimeout = 10_000
  const sockets = acceptSockets(server, host, { token: options.token, hosts })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${port()}`
  return {
    origin,
    url: `${origin}/#t=${options.token}`,
    async close() {
      sockets.closeAll()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
