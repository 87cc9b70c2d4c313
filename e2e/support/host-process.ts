import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

export const root = path.join(import.meta.dirname, '../..')

/** How a host ends: as by a power cut, or as when the person ends the app. */
export type Ending = 'kill' | 'quit'

/** Longer than a host takes to close its sessions. */
const patienceMs = 15_000

/** A started host and all it has written, for the report of a failing test. */
export class HostProcess {
  readonly child: ChildProcess
  output = ''
  readonly #exited: Promise<void>

  /** @param args after `node`; absolute file first */
  constructor(args: readonly string[], env: NodeJS.ProcessEnv, ipc: boolean) {
    this.child = spawn(process.execPath, [...args], {
      cwd: root,
      env,
      stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    })
    this.#exited = new Promise((resolve) => void this.child.once('exit', () => resolve()))
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (data: Buffer) => {
        this.output += data.toString()
      })
  }

  /** Waits for something the host does; rejects with its output when it ends before. */
  async until<T>(happens: (resolve: (value: T) => void, reject: (why: Error) => void) => void): Promise<T> {
    return Promise.race([
      new Promise<T>(happens),
      this.#exited.then(() => {
        throw new Error(`The host ended:\n${this.output}`)
      }),
    ])
  }

  async end(how: Ending): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill(how === 'kill' ? 'SIGKILL' : 'SIGTERM')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), patienceMs)
    await this.#exited
    clearTimeout(timer)
  }
}

/** The environment of a host: the machine's, with homes of its own. */
export const hostEnv = (userHome: string, home: string): NodeJS.ProcessEnv => {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: userHome,
    GATEHOUSE_HOME: home,
    // An administrator's folder that a test may fill.
    GATEHOUSE_REQUIREMENTS_DIR: path.join(userHome, 'requirements'),
  }
  for (const name of Object.keys(env)) if (/^(XDG_|GIT_|NODE_OPTIONS$)/.test(name)) delete env[name]
  return env
}
