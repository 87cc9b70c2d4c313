import type { Command } from '../../protocol/app.ts'
import type { SecretStore } from '../platform/secret-store.ts'

/** All in which Electron and `serve` differ. A feature that needs more adds one method here and two implementations. */
export type Surface = {
  readonly kind: 'desktop' | 'serve'
  readonly picksFolders: boolean
  readonly secrets: SecretStore
  /** Tells the person something while no window has focus. No agent text, ever. */
  notify(note: {
    readonly title: string
    readonly body: string
    readonly tag: string
    readonly silent: boolean
    readonly onOpen: Command
  }): void
  withdrawNote(tag: string): void
  /** Requests that need the person, and sessions without a boundary: badge and tray. */
  setBadge(state: { readonly waiting: number; readonly unbounded: number }): void
  pickFolder(): Promise<string | null>
  openLink(url: string): Promise<boolean>
  /** Where this machine serves the page: no command reaches that, whatever a rule says. Absent: nowhere. */
  ownPorts?(): readonly number[]
}
