import { randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import type { Clock } from '../../platform/clock.ts'
import { SandboxUnavailable } from '../sandbox-unavailable.ts'
import { lineReader } from './line-reader.ts'
import { parseMessage } from './messages.ts'
import { helloMs } from './run-control.ts'

/** The longest path a Unix socket may have, its end not counted. */
const maxSocketPath = 107
/** How long the socket stays although no launcher is expected, in milliseconds. */
export const idleMs = 5000
/** Connections that did not say hello yet; more are closed at once. */
const maxStrangers = 64

/** What goes with this process: sockets, and folders that were made for one of them. */
const goWithUs = new Set<string>()
process.once('exit', () => {
  for (const path of goWithUs) rmSync(path, { recursive: true, force: true })
})
/** Several sandboxes of one process have a socket each. */
let opened = 0

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
 * The socket on which launchers in a terminal report: one for a host, while it starts runs and a little longer,
 * since other hosts cover every socket they see and would fail to cover one that just went. Its folder is closed
 * to other users, and no command sees it; a connection still has to show a token that was made for one run, as
 * its first line and soon, or it is closed.
 */
export class ControlServer {
  readonly #folders: readonly string[]
  readonly #clock: Clock
  readonly #expected = new Map<string, (greeting: Greeting) => void>()
  #open: Promise<{ readonly path: string; close(): void }> | null = null
  #stayOpen = (): void => {}
  #strangers = 0

  /**
   * @param folder  below GATEHOUSE_HOME
   * @param runtime tried first: folders below /run, which every sandbox hides as a whole, so that no run has to
   *   cover a socket that may go at that moment
   */
  constructor(folder: string, clock: Clock, runtime: readonly string[] = runtimeFolders()) {
    this.#folders = [...runtime, folder]
    this.#clock = clock
  }

  /** @throws SandboxUnavailable when there is no private folder for the socket */
  async expect(onGreeting: (greeting: Greeting) => void): Promise<Expected> {
    const token = randomBytes(32).toString('hex')
    this.#expected.set(token, onGreeting)
    this.#stayOpen()
    const cancel = (): void => this.#forget(token)
    this.#open ??= this.#listen()
    try {
      return { path: (await this.#open).path, token, cancel }
    } catch (cause) {
      cancel()
      this.#open = null
      const detail = `No control socket: ${(cause as Error).message}.`
      throw new SandboxUnavailable({ code: 'backendFailed', detail }, { cause })
    }
  }

  #forget(token: string): void {
    if (!this.#expected.delete(token) || this.#expected.size > 0) return
    this.#stayOpen()
    this.#stayOpen = this.#clock.after(idleMs, () => {
      const open = this.#open
      this.#open = null
      void open?.then((socket) => socket.close()).catch(() => {})
    })
  }

  async #listen(): Promise<{ readonly path: string; close(): void }> {
    const path = `${privateFolder(this.#folders, this.#folders.length - 1)}/${process.pid}-${++opened}.sock`
    rmSync(path, { force: true })
    const server = createServer((socket) => this.#greet(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
    goWithUs.add(path)
    // A connection that could not be taken is a launcher that never says hello.
    server.on('error', () => {})
    server.unref()
    return {
      path,
      close() {
        // Also takes it off the disk.
        server.close()
        goWithUs.delete(path)
      },
    }
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

/** Where this user may keep sockets while the machine runs. */
function runtimeFolders(): string[] {
  const uid = process.getuid?.() ?? 0
  const own = uid === 0 ? ['/run/gatehouse-control'] : [`/run/user/${uid}/gatehouse-control`]
  const named = process.env['XDG_RUNTIME_DIR']
  return named?.startsWith('/run/') ? [`${named}/gatehouse-control`, ...own] : own
}

/**
 * The first of these that is, or can be made, a folder of this user with mode 0700 in which a socket's path fits;
 * or a fresh one for temporary files. All are places that no command can reach.
 *
 * @param ours the one whose parents are ours to make as well
 */
function privateFolder(folders: readonly string[], ours: number): string {
  const uid = process.getuid?.() ?? 0
  const fits = (folder: string) => Buffer.byteLength(`${folder}/${process.pid}-1234567.sock`) <= maxSocketPath
  for (const [index, folder] of folders.entries()) {
    if (!fits(folder)) continue
    try {
      mkdirSync(folder, { recursive: index === ours, mode: 0o700 })
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') continue
    }
    const stats = lstatSync(folder)
    if (!stats.isDirectory() || stats.uid !== uid) continue
    chmodSync(folder, 0o700)
    removeStale(folder)
    return folder
  }
  const folder = mkdtempSync(`${tmpdir()}/gatehouse-control-`)
  goWithUs.add(folder)
  if (fits(folder)) return folder
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
