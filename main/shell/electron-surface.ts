import type { Command } from '../../protocol/app.ts'
import type { Surface } from '../host/surface.ts'
import type { SecretStore } from '../platform/secret-store.ts'
import type { ElectronApi } from './electron-api.ts'

export type SurfacePorts = {
  readonly secrets: SecretStore
  readonly platform: NodeJS.Platform
  /** Shows the window and passes the command on to it. */
  open(command: Command): void
  /** The window a dialog belongs to. */
  window(): Electron.BrowserWindow | null
}

/** What a desktop offers the host. The tray follows `Host.onMenuState`, see tray.ts. */
export function createElectronSurface(
  e: Pick<ElectronApi, 'app' | 'BrowserWindow' | 'dialog' | 'Notification' | 'shell'>,
  ports: SurfacePorts,
): Surface {
  /** By tag. Also keeps them from being collected, after which a click would reach nobody. */
  const notes = new Map<string, Electron.Notification>()

  function withdraw(tag: string): void {
    notes.get(tag)?.close()
    notes.delete(tag)
  }

  return {
    kind: 'desktop',
    picksFolders: true,
    secrets: ports.secrets,

    // No buttons: Linux has none, and a notification cannot show what an answer needs.
    notify({ title, body, tag, silent, onOpen }) {
      if (!e.Notification.isSupported() || e.BrowserWindow.getFocusedWindow() !== null) return
      withdraw(tag)
      const note = new e.Notification({ title, body: plainBody(body, ports.platform), silent })
      const forget = (): void => {
        if (notes.get(tag) === note) notes.delete(tag)
      }
      note.on('click', () => {
        withdraw(tag)
        ports.open(onOpen)
      })
      note.on('close', forget)
      note.on('failed', forget)
      notes.set(tag, note)
      note.show()
    },
    withdrawNote: withdraw,

    setBadge({ waiting }) {
      e.app.setBadgeCount(waiting)
    },

    async pickFolder() {
      const options: Electron.OpenDialogOptions = {
        title: 'Open folder',
        buttonLabel: 'Open',
        properties: ['openDirectory', 'createDirectory'],
      }
      const window = ports.window()
      const { canceled, filePaths } = window
        ? await e.dialog.showOpenDialog(window, options)
        : await e.dialog.showOpenDialog(options)
      return canceled ? null : (filePaths[0] ?? null)
    },

    async openLink(url) {
      const link = URL.parse(url)
      // Other schemes start other programs; a name before the host disguises where a link leads.
      if (link?.protocol !== 'https:' || link.username !== '' || link.password !== '') return false
      return e.shell.openExternal(link.href).then(
        () => true,
        () => false,
      )
    },
  }
}

/** Linux desktops read markup in a notification's body. A session's title must stay text there. */
function plainBody(body: string, platform: NodeJS.Platform): string {
  if (platform !== 'linux') return body
  return body.replaceAll('&', '＆').replaceAll('<', '‹').replaceAll('>', '›')
}
