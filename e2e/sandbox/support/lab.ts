import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  execFileSync,
  spawn,
} from 'node:child_process'
import {
  chmodSync,
  cpSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { SpecRequest } from '../../../main/sandbox/backend.ts'
import { buildLauncher } from '../../../native-sandbox/build.mjs'
import { type Grant, noGrant } from '../../../protocol/action.ts'
import type { SandboxMode } from '../../../protocol/settings.ts'
import { codeFor } from './code-for.ts'
import type { HeldRule, WorkerAnswer, WorkerRequest } from './worker.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
export type User = { readonly name: 'root' | 'nobody'; readonly uid: number }

/** What a row of the table may change about its run. */
export type Setting = {
  readonly mode?: SandboxMode
  /** Paths as a function of the place, since every row has a fresh one. */
  readonly grant?: (place: Place) => Partial<Grant>
  readonly denied?: (place: Place) => readonly string[]
  readonly env?: (place: Place) => Record<string, string>
  readonly roots?: (place: Place) => readonly string[]
  readonly home?: (place: Place) => string
  readonly stopAt?: string
  readonly look?: boolean
  /** More of what the spec is made from. */
  readonly request?: Partial<SpecRequest> | ((place: Place) => Partial<SpecRequest>)
  /** Writes are held, or what `request` says, and told this; a call that no rule fits is denied. */
  readonly held?: (place: Place) => readonly HeldRule[]
}

/** One fresh set of folders that belong to the user of the row. */
export type Place = {
  /** Also has a `home`, for a row that wants one of its own. */
  readonly base: string
  readonly ws: string
  readonly out: string
  /** GATEHOUSE_HOME, which all rows of a user share as all runs of a host do. */
  readonly home: string
  readonly secret: string
}

/** Everything around the rows of one user: its own process, sockets of the host, and folders. */
export class Lab {
  readonly root: string
  readonly user: User
  readonly variables: Record<string, string>
  readonly #worker: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  readonly #reader: Interface
  readonly #servers: Server[]
  readonly #sockets: string[]
  /** A process of the same user outside every boundary. */
  readonly #neighbour: ChildProcess
  readonly launcher: string
  #places = 0

  private constructor(root: string, user: User, servers: Server[], variables: Record<string, string>) {
    this.root = root
    this.user = user
    this.variables = variables
    this.#servers = servers
    this.#sockets = Object.values(variables).filter((value) => value.endsWith('.sock'))
    const as = process.getuid?.() === user.uid ? {} : { uid: user.uid, gid: user.uid }
    this.#neighbour = spawn('sleep', ['3600'], { stdio: 'ignore', ...as })
    const code = codeFor(user.uid, root)
    this.launcher = code.launcher
    this.#worker = spawn(code.node, [`${code.folder}/e2e/sandbox/support/worker.ts`], {
      stdio: 'pipe',
      env: { PATH: process.env['PATH'] ?? '', HOME: root, HOST_SECRET: 'kept-by-the-host' },
      ...as,
    })
    // A worker that died is told by its missing answer.
    this.#worker.stdin.on('error', () => {})
    this.#worker.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk))
    this.#reader = createInterface({ input: this.#worker.stdout })
    this.#lines = this.#reader[Symbol.asyncIterator]()
  }

  static async open(user: User): Promise<Lab> {
    const built = buildLauncher()
    if (!built.ok) throw new Error(built.line)
    // Not below /tmp, which is private inside: these folders must be there to be attacked.
    const root = mkdtempSync('/var/tmp/gatehouse-escapes-')
    chmodSync(root, 0o755)
    mkdirSync(`${root}/marks`)
    chmodSync(`${root}/marks`, 0o777)
    for (const program of ['attempts', 'syscalls'])
      execFileSync('gcc', ['-O1', '-o', `${root}/${program}`, `${here}${program}.c`])
    execFileSync('gcc', [
      '-shared',
      '-fPIC',
      `-DMARK="${root}/marks/loaded"`,
      '-o',
      `${root}/mark.so`,
      `${here}preload.c`,
    ])

    makeTemplate(`${root}/template`)
    cpSync(`${root}/template/home`, `${root}/home`, { recursive: true })
    if (process.getuid?.() !== user.uid) give(`${root}/home`, user.uid)
    const name = `gatehouse-escapes-${process.pid}-${user.uid}`
    const run = process.getuid?.() === 0 ? `/run/${name}.sock` : `${root}/run.sock`
    const sockets = { RUN_SOCKET: run, TMP_SOCKET: `/tmp/${name}.sock`, DISK_SOCKET: `${root}/disk.sock` }
    const servers = [await listen(0), await listen(`\0${name}`)]
    for (const path of Object.values(sockets)) {
      servers.push(await listen(path))
      chmodSync(path, 0o777)
    }
    const address = servers[0]?.address()
    return new Lab(root, user, servers, {
      ...sockets,
      PORT: typeof address === 'object' && address ? String(address.port) : '',
      ABSTRACT: name,
      TRY: `${root}/attempts`,
      CALL: `${root}/syscalls`,
      LIBRARY: `${root}/mark.so`,
      LOADED: `${root}/marks/loaded`,
    })
  }

  /** A workspace that is a repository with one commit, a neighbour, a home, and a secret; all of it the user's. */
  place(prepare?: (place: Place) => void): Place {
    const base = `${this.root}/${++this.#places}`
    cpSync(`${this.root}/template`, base, { recursive: true })
    const place = {
      base,
      ws: `${base}/ws`,
      out: `${base}/out`,
      home: `${this.root}/home`,
      secret: `${base}/secret`,
    }
    prepare?.(place)
    if (process.getuid?.() !== this.user.uid) give(base, this.user.uid)
    return place
  }

  async run(place: Place, script: string, setting: Setting): Promise<WorkerAnswer> {
    const request: WorkerRequest = {
      spec: {
        mode: setting.mode ?? 'workspace-write',
        folder: place.ws,
        extraWritableRoots: setting.roots?.(place) ?? [],
        deniedReads: setting.denied?.(place) ?? [],
        grant: { ...noGrant, ...setting.grant?.(place) },
        gatehouseHome: setting.home?.(place) ?? place.home,
        ...(setting.held && { hold: 'writes' as const }),
        ...(typeof setting.request === 'function' ? setting.request(place) : setting.request),
      },
      script,
      env: {
        ...gitEnv,
        // Else bash, not allowed to ask about its input, takes it for a connection and reads the user's ~/.bashrc.
        SHLVL: '1',
        ...this.variables,
        HOST_PID: String(this.#neighbour.pid),
        WS: place.ws,
        OUT: place.out,
        GHOME: setting.home?.(place) ?? place.home,
        SECRET: place.secret,
        ...setting.env?.(place),
      },
      launcher: this.launcher,
      stateDir: `${setting.home?.(place) ?? place.home}/state/sandbox`,
      stopAt: setting.stopAt ?? null,
      look: setting.look ?? false,
      held: setting.held?.(place) ?? null,
    }
    this.#worker.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('The worker ended; its words are above.')
    return JSON.parse(value as string) as WorkerAnswer
  }

  /** Whether the process outside every boundary is still there. */
  neighbourRuns(): boolean {
    return this.#neighbour.exitCode === null && this.#neighbour.signalCode === null
  }

  async close(): Promise<void> {
    this.#neighbour.kill('SIGKILL')
    // Not its `close`: a process that outlived a run, in a sandbox that was built worse, may hold its streams.
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#worker.kill('SIGKILL')
    await ended
    this.#reader.close()
    for (const server of this.#servers) server.close()
    this.remove()
  }

  /**
   * What it has on the disk. Safe to call again: in a sandbox that was built worse, a run of another lab puts a file
   * where it was to cover a socket of this one.
   */
  remove(): void {
    for (const path of this.#sockets) rmSync(path, { force: true })
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** What every place is a copy of. */
function makeTemplate(at: string): void {
  for (const path of ['ws', 'out', 'home/state', 'git/hooks', 'git/info'])
    mkdirSync(`${at}/${path}`, { recursive: true })
  writeFileSync(`${at}/out/kept`, 'kept\n')
  writeFileSync(`${at}/secret`, 'the secret\n')
  writeFileSync(`${at}/home/config.toml`, 'the settings\n')
  writeFileSync(`${at}/ws/file`, 'text\n')
  // As git makes them, with fewer examples of hooks.
  writeFileSync(`${at}/git/hooks/pre-commit.sample`, '#!/bin/sh\n')
  writeFileSync(`${at}/git/info/exclude`, '')
  const git = (...argv: string[]) =>
    execFileSync('git', ['-C', `${at}/ws`, ...argv], { env: gitEnv, stdio: 'pipe' })
  git('init', '-q', `--template=${at}/git`)
  git('add', '-A')
  git('commit', '-q', '-m', 'first')
  rmSync(`${at}/git`, { recursive: true })
}

function give(path: string, uid: number): void {
  lchownSync(path, uid, uid)
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) give(`${path}/${name}`, uid)
}

const gitEnv = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.invalid',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.invalid',
}

function listen(at: number | string): Promise<Server> {
  const server = createServer((socket) => socket.destroy())
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    if (typeof at === 'number') server.listen(at, '127.0.0.1', () => resolve(server))
    else server.listen(at, () => resolve(server))
  })
}

/** Names, kinds, modes and contents below a path, to compare before and after. Our own state is left out. */
export function treeState(path: string): Record<string, string> {
  const state: Record<string, string> = {}
  const visit = (at: string): void => {
    const stats = lstatSync(at, { throwIfNoEntry: false })
    if (!stats || at.endsWith('/home/state')) return
    const mode = (stats.mode & 0o7777).toString(8)
    if (stats.isSymbolicLink()) state[at] = `link ${readlinkSync(at)}`
    else if (stats.isDirectory()) {
      state[at] = `folder ${mode}`
      for (const name of readdirSync(at)) visit(`${at}/${name}`)
    } else state[at] = `file ${mode} ${stats.nlink} ${stats.isFile() ? readFileSync(at, 'latin1') : ''}`
  }
  visit(path)
  return state
}
