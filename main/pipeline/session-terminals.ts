import { HostError } from '../../protocol/endpoint.ts'
import type { ActionId, TerminalId } from '../../protocol/ids.ts'
import type { TerminalInfo } from '../../protocol/sessions.ts'
import type { Clock } from '../platform/clock.ts'
import type { RunExit, SandboxRun } from '../sandbox/backend.ts'
import { OutputRing } from './output-ring.ts'
import { PlainOutput } from './plain-output.ts'

/** One program of a session: its PTY, what it printed, and who may type into it. */
export type Terminal = {
  readonly id: TerminalId
  readonly actionId: ActionId
  readonly ring: OutputRing
  readonly output: PlainOutput
  readonly startedAtMs: number
  run: SandboxRun | null
  /** It is to be stopped as soon as it has started. */
  stopWanted: boolean
  exit: RunExit | null
  info: TerminalInfo
  /** What the agent has not been told yet of answers to held calls; empties it. */
  notes: () => readonly string[]
  /** The spec's room when it started, so that narrowing can tell whether it has too much now. */
  readonly widerThan: (mode: 'read-only' | 'workspace-write') => boolean
}

/** Ended terminals kept for the screen, per session. */
const keptTerminals = 12

/** The programs of one session. */
export class SessionTerminals {
  readonly #terminals = new Map<TerminalId, Terminal>()
  readonly #clock: Clock
  readonly #onChange: (info: TerminalInfo) => void

  constructor(clock: Clock, onChange: (info: TerminalInfo) => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  get infos(): readonly TerminalInfo[] {
    return [...this.#terminals.values()].map((t) => t.info)
  }

  get running(): readonly Terminal[] {
    return [...this.#terminals.values()].filter((t) => t.run !== null && t.exit === null)
  }

  get(id: TerminalId): Terminal | null {
    return this.#terminals.get(id) ?? null
  }

  open(info: TerminalInfo, widerThan: Terminal['widerThan']): Terminal {
    const terminal: Terminal = {
      id: info.id,
      actionId: info.actionId,
      output: new PlainOutput(),
      ring: new OutputRing({
        nowMs: () => this.#clock.nowMs(),
        onPressure: (wait) => {
          if (!wait) return terminal.run?.resume()
          terminal.run?.pause()
          const look = (): void => {
            terminal.ring.reconsider()
            if (terminal.exit === null) this.#clock.after(1000, look)
          }
          this.#clock.after(1000, look)
        },
      }),
      startedAtMs: this.#clock.nowMs(),
      run: null,
      stopWanted: false,
      exit: null,
      info,
      notes: () => [],
      widerThan,
    }
    this.#terminals.set(info.id, terminal)
    const ended = [...this.#terminals.values()].filter((t) => t.exit !== null)
    for (const old of ended.slice(0, Math.max(0, ended.length - keptTerminals)))
      this.#terminals.delete(old.id)
    this.#onChange(info)
    return terminal
  }

  close(terminal: Terminal, exit: RunExit): void {
    terminal.exit = exit
    terminal.ring.close()
    terminal.info = { ...terminal.info, running: false, writable: false }
    this.#onChange(terminal.info)
  }

  /** A terminal by id. @throws HostError */
  need(id: TerminalId): Terminal {
    const terminal = this.#terminals.get(id)
    if (!terminal)
      throw new HostError(
        'noTerminal',
        'This program is no longer held. Its last output stands in the session.',
      )
    return terminal
  }

  async stopAll(which: (t: Terminal) => boolean = () => true): Promise<number> {
    const open = [...this.#terminals.values()].filter((t) => t.exit === null)
    const ends = open.filter(which).map((t) => {
      t.stopWanted = true
      return t.run?.stop() ?? Promise.resolve()
    })
    await Promise.allSettled(ends)
    return ends.length
  }
}
