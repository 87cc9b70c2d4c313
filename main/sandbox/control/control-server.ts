import { randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import type { Clock } from '../../platform/clock.ts'
import { SandboxUnavailable } from '../sandbox-unavailable.ts'
import { lineReader } from './line-reader.ts'
import { parseMessage } from './messages.ts'
import { helloMs } from './run-control.ts'

/** The longest path a Unix socket may have, its end not counted. */
const maxSocketPath = 107
/** Connections that did not say hello yet; more are closed at once. */
const maxStrangers = 64

/** `temporary`: made for one use, and removed after it. */
type PrivateFolder = { readonly path: string; readonly temporary: boolean }

/** Who said hello, and the stream behind that line. */
export type Greeting = { readonly stream: Socket; readonly pid: number }

export type Expected = {
  /** Where the launcher connects to. */
  readonly path: string
  /** Valid once, for this run. */
  readonly token: string
  /** Nobody is expected any more; a token that comes later is a wrong one. Safe to call twice. */
  cancel(): void
}

/**
 * The socket on which launchers in a terminal report. It is there only while a launcher is expected. Its folder
 * is closed to other users, and no command sees it; a connection still has to show a token that was made for
 * one run, as its first line and soon, or it is closed.
 */
export class ControlServer {
  readonly #wantedFolder: string
  readonly #clock: Clock
  readonly #expected = new Map<string, (greeting: Greeting) => void>()
  #folder: PrivateFolder | null = null
  #open: { readonly server: Server; readonly path: string; readonly ready: Promise<void> } | null = null
  #opened = 0
  #strangers = 0

  /** @param folder below GATEHOUSE_HOME; another private one is taken when its name is too long for a socket */
  constructor(folder: string, clock: Clock) {
    this.#wantedFolder = folder
    this.#clock = clock
  }

  /** @throws SandboxUnavailable when there is no private folder for the socket */
  async expect(onGreeting: (greeting: Greeting) => void): Promise<Expected> {
    const token = randomBytes(32).toString('hex')
    this.#expected.set(token, onGreeting)
    const cancel = (): void => this.#forget(token)
    try {
      this.#open ??= this.#listen()
      const { path, ready } = this.#open
      await ready
      return { path, token, cancel }
    } catch (cause) {
      cancel()
      const detail = `No control socket: ${(cause as Error).message}.`
      throw new SandboxUnavailable({ code: 'backendFailed', detail }, { cause })
    }
  }

  #forget(token: string): void {
    if (!this.#expected.delete(token) || this.#expected.size > 0) return
    // Also takes the socket off the disk.
    this.#open?.server.close()
    this.#open = null
    if (!this.#folder?.temporary) return
    rmSync(this.#folder.path, { recursive: true, force: true })
    this.#folder = null
  }

  #listen() {
    this.#folder ??= privateFolder(this.#wantedFolder)
    const path = `${this.#folder.path}/${process.pid}-${++this.#opened}.sock`
    rmSync(path, { force: true })
    const server = createServer((socket) => this.#greet(socket))
    const ready = new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, () => {
        server.on('error', () => {})
        resolve()
      })
    })
    return { server, path, ready }
  }

  /** Reads exactly one line, byte by byte as far as others follow: those belong to whoever takes the stream. */
  #greet(socket: Socket): void {
    if (this.#strangers >= maxStrangers) return void socket.destroy()
    this.#strangers++
    const cancelTimer = this.#clock.after(helloMs, () => socket.destroy())
    let known = false
    const leave = (): void => {
      cancelTimer()
      this.#strangers--
      socket.off('data', read).off('close', leave).off('error', ignore)
    }
    const ignore = (): void => {}
    const cut = lineReader(
      (line) => {
        if (known) return
        known = true
        this.#hello(socket, line, leave)
      },
      () => socket.destroy(),
    )
    const read = (chunk: Buffer): void => {
      const end = chunk.indexOf(0x0a)
      if (end < 0 || end === chunk.length - 1) return cut(chunk)
      // A launcher waits for its start message before it says more.
      socket.destroy()
    }
    socket.on('data', read).on('close', leave).on('error', ignore)
  }

  #hello(socket: Socket, line: string, leave: () => void): void {
    const message = parseMessage(line)
    const taken = message?.type === 'hello' ? this.#expected.get(message.token) : undefined
    if (message?.type !== 'hello' || !taken) return void socket.destroy()
    leave()
    this.#forget(message.token)
    taken({ stream: socket, pid: message.pid })
  }
}

/**
 * A folder of this user with mode 0700 in which a socket's path fits. The wanted one, or below the user's
 * run-time folder, or a fresh one for temporary files: all are places that no command can reach.
 */
function privateFolder(wanted: string): PrivateFolder {
  const uid = process.getuid?.() ?? 0
  const runtime = [process.env['XDG_RUNTIME_DIR'], `/run/user/${uid}`].filter((path) => path?.startsWith('/'))
  const fits = (folder: string) => Buffer.byteLength(`${folder}/${process.pid}-1234567.sock`) <= maxSocketPath
  for (const folder of [wanted, ...runtime.map((path) => `${path}/gatehouse-control`)]) {
    if (!fits(folder)) continue
    try {
      // A run-time folder that is not there is not ours to make.
      mkdirSync(folder, { recursive: folder === wanted, mode: 0o700 })
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') continue
    }
    const stats = lstatSync(folder)
    if (!stats.isDirectory() || stats.uid !== uid) continue
    chmodSync(folder, 0o700)
    removeStale(folder)
    return { path: folder, temporary: false }
  }
  const folder = mkdtempSync(`${tmpdir()}/gatehouse-control-`)
  if (fits(folder)) return { path: folder, temporary: true }
  rmSync(folder, { recursive: true })
  throw new Error('every private folder has a name too long for one')
}

/** Sockets of hosts that were killed. */
function removeStale(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(/^(\d+)-\d+\.sock$/.exec(name)?.[1])
    if (!pid || pid === process.pid) continue
    try {
      process.kill(pid, 0)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ESRCH') rmSync(`${folder}/${name}`, { force: true })
    }
  }
}
