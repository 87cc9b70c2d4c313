import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { isWithin } from '../paths.ts'

/** What is put out on the host for the attempts of one round: things that work outside and must not inside. */
export type Lures = {
  /** A file that only a process outside may read. */
  readonly secret: string
  /** A port of this machine's loopback, and a Unix socket, each with the targets that `launcher --probe` takes. */
  readonly port: Listener
  readonly socket: Listener
  /** This process, as `PID/STARTED`. */
  readonly self: string
  remove(): Promise<void>
}

export type Listener = {
  readonly at: string
  readonly target: string
  /** How often our own attempts arrived. What was sent may still be on its way; waits for the first, not for long. */
  arrived(): Promise<number>
}

/** Nobody is kept waiting longer by a socket that says nothing, in milliseconds. */
const patienceMs = 10_000

/**
 * @param stateDir a folder that no command can see
 * @param privateTmp whether commands have a /tmp of their own. Elsewhere a socket that comes and goes would be in the
 *   way of a run that starts meanwhile and closes each one it finds.
 */
export async function putOut(stateDir: string, privateTmp: boolean): Promise<Lures> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 })
  const secret = `${stateDir}/probe-${randomBytes(8).toString('hex')}`
  // Anybody on this machine may knock at an open port; only our own attempts know the word.
  const word = randomBytes(8).toString('hex')
  const [port, socket] = [knockCounter(word), knockCounter(word)]
  let folder: string | null = null
  const remove = async (): Promise<void> => {
    port.server.close()
    socket.server.close()
    await rm(secret, { force: true })
    if (folder) await rm(folder, { recursive: true, force: true })
  }
  try {
    await writeFile(secret, 'a probe reads this\n', { mode: 0o600, flag: 'wx' })
    folder = await mkdtemp(
      `${privateTmp && isWithin(tmpdir(), '/tmp') ? tmpdir() : stateDir}/gatehouse-probe-`,
    )
    await listening(port.server, { port: 0, host: '127.0.0.1' })
    await listening(socket.server, { path: `${folder}/socket` })
    const address = port.server.address()
    const number = typeof address === 'object' && address ? address.port : 0
    return {
      secret,
      port: { at: `127.0.0.1:${number}`, target: `${number}/${word}`, arrived: port.arrived },
      socket: { at: `${folder}/socket`, target: `${word}${folder}/socket`, arrived: socket.arrived },
      self: await thisProcess(),
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

function knockCounter(word: string): { readonly server: Server; arrived(): Promise<number> } {
  let arrived = 0
  const server = createServer((socket) => {
    let heard = ''
    socket.setEncoding('utf8').on('error', () => {})
    socket.setTimeout(patienceMs, () => socket.destroy())
    socket.on('data', (text: string) => {
      heard = (heard + text).slice(0, word.length)
      if (heard !== word) return
      arrived++
      socket.destroy()
    })
  })
  return {
    server,
    async arrived() {
      for (let tries = 0; arrived === 0 && tries < 50; tries++) await new Promise((r) => setTimeout(r, 10))
      return arrived
    },
  }
}

const listening = (server: Server, where: Parameters<Server['listen']>[0]): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(where, resolve)
  })

/** The name of a program may hold anything, so what follows is counted from its last parenthesis. */
async function thisProcess(): Promise<string> {
  const stat = await readFile('/proc/self/stat', 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return `${process.pid}/${fields[19]}`
}
