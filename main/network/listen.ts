import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Where a listener can be reached: what `net.connect` takes as `path`. */
export type Listening = { readonly path: string; remove(): Promise<void> }

/**
 * Listens on an abstract Unix socket, which leaves no file and is not seen from another network namespace; where
 * there are none, on a file in a folder that only this user may enter.
 *
 * @throws what `listen` throws
 */
export async function listen(
  server: Server,
  platform: NodeJS.Platform = process.platform,
): Promise<Listening> {
  if (platform === 'linux') {
    const name = `\0gatehouse-${randomBytes(12).toString('hex')}`
    await listenOn(server, name)
    return { path: name, remove: async () => {} }
  }
  // mkdtemp makes folders with mode 0700.
  const folder = await mkdtemp(path.join(tmpdir(), 'gatehouse-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  const file = path.join(folder, 'proxy')
  try {
    await listenOn(server, file)
  } catch (error) {
    await remove()
    throw error
  }
  return { path: file, remove }
}

const listenOn = (server: Server, at: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path: at, backlog: 1024 }, () => {
      server.off('error', reject)
      resolve()
    })
  })
