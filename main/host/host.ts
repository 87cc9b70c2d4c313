import type { Command } from '../../protocol/app.ts'
import type { HostHandlers } from '../../protocol/contract.ts'
import type { CallMemory } from '../../protocol/host-end.ts'
import type { SessionId } from '../../protocol/ids.ts'
import type { Preset } from '../../protocol/settings.ts'
import type { Surface } from './surface.ts'

/** What menu and tray show. */
export type MenuState = {
  readonly focused: { readonly id: SessionId; readonly title: string; readonly preset: Preset | null } | null
  readonly sessions: readonly { readonly id: SessionId; readonly title: string; readonly words: string }[]
  readonly waiting: number
  readonly unbounded: number
}

/** The services without a window; the same inside Electron and as `serve`. */
export type Host = {
  readonly handlers: HostHandlers
  readonly memory: CallMemory
  /** The listener is called at once and on every change. */
  onMenuState(listener: (state: MenuState) => void): () => void
  /** Asks every window to do something. */
  command(command: Command): void
  /** Narrowing from the menu needs no window. Widening opens its screen through `command`. */
  setPreset(id: SessionId, preset: Preset): Promise<void>
  pauseAll(): Promise<void>
  /** The person left (sleep, lock): full access ends now, in every session. */
  endLeases(): Promise<void>
  /** Ends running sessions in order and writes that the app closed. */
  close(): Promise<void>
}

export type CreateHost = (options: {
  /** GATEHOUSE_HOME, absolute. */
  readonly home: string
  readonly version: string
  readonly surface: Surface
  /** The built native launcher. */
  readonly launcher: string
}) => Promise<Host>
