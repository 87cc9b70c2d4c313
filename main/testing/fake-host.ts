import type { Command } from '../../protocol/app.ts'
import type { HostHandlers } from '../../protocol/contract.ts'
import type { Caller, EventSink } from '../../protocol/endpoint.ts'
import { createCallMemory } from '../../protocol/host-end.ts'
import type { SessionId } from '../../protocol/ids.ts'
import type { Preset } from '../../protocol/settings.ts'
import type { CreateHost, Host, MenuState } from '../host/host.ts'

export const idleMenu: MenuState = { focused: null, sessions: [], waiting: 0, unbounded: 0 }

/** A host without services: records what the shell asks of it. Answers app/commands, app/focus and app/openLink. */
export function createFakeHost() {
  const commands: Command[] = []
  const presets: { readonly id: SessionId; readonly preset: Preset }[] = []
  const callers: Caller[] = []
  const menuListeners = new Set<(state: MenuState) => void>()
  const sinks = new Set<EventSink<Record<string, never>, Command>>()
  const made: Parameters<CreateHost>[0][] = []
  let closing: () => Promise<void> = async () => {}
  let closes = 0
  let pauses = 0
  let leaseEnds = 0

  const handlers: Partial<HostHandlers> = {
    'app/commands'(_params, sink) {
      sinks.add(sink)
      return { snapshot: {}, stop: () => void sinks.delete(sink) }
    },
    'app/focus'(_params, caller) {
      callers.push(caller)
      return {}
    },
    async 'app/openLink'({ url }) {
      return { status: (await made[0]?.surface.openLink(url)) ? 'opened' : 'refused' }
    },
  }

  const host: Host = {
    handlers: handlers as HostHandlers,
    memory: createCallMemory(),
    onMenuState(listener) {
      menuListeners.add(listener)
      listener(idleMenu)
      return () => void menuListeners.delete(listener)
    },
    command(command) {
      commands.push(command)
      for (const sink of sinks) sink.change(command)
    },
    async setPreset(id, preset) {
      presets.push({ id, preset })
    },
    async endLeases() {
      leaseEnds++
    },
    async pauseAll() {
      pauses++
    },
    async close() {
      closes++
      await closing()
    },
  }

  return {
    host,
    createHost: (async (options) => {
      made.push(options)
      return host
    }) satisfies CreateHost,
    /** Options of every createHost call. */
    made,
    commands,
    presets,
    callers,
    get listeners(): number {
      return sinks.size
    },
    get closes(): number {
      return closes
    },
    get pauses(): number {
      return pauses
    },
    get leaseEnds(): number {
      return leaseEnds
    },
    showMenu(state: Partial<MenuState>): void {
      for (const listener of menuListeners) listener({ ...idleMenu, ...state })
    },
    /** Lets `close` take until the promise is through. */
    closeTakes(until: () => Promise<void>): void {
      closing = until
    },
  }
}
