import path from 'node:path'
import type { SessionId } from '../../protocol/ids.ts'
import type { MenuState } from '../host/host.ts'
import type { ElectronApi } from './electron-api.ts'

export type TrayActions = {
  showInbox(): void
  openSession(id: SessionId): void
  pauseAll(): void
  quit(): void
}

export type TrayShape = 'hollow' | 'solid' | 'barred'

/** Hollow: idle. Solid: something waits for the person. Barred: a session has no boundary, which comes first. */
export function trayShape(state: Pick<MenuState, 'unbounded' | 'waiting'>): TrayShape {
  if (state.unbounded > 0) return 'barred'
  return state.waiting > 0 ? 'solid' : 'hollow'
}

/** The same in words, since a shape alone tells not everybody. */
export function trayWords(state: Pick<MenuState, 'unbounded' | 'waiting'>): string {
  const waiting =
    state.waiting === 0
      ? 'Nobody is waiting on you'
      : state.waiting === 1
        ? '1 question waits for you'
        : `${state.waiting} questions wait for you`
  if (state.unbounded === 0) return waiting
  const sessions = state.unbounded === 1 ? '1 session has' : `${state.unbounded} sessions have`
  return `${sessions} no boundary. ${waiting}`
}

export function trayTemplate(state: MenuState, act: TrayActions): Electron.MenuItemConstructorOptions[] {
  return [
    { label: trayWords(state), enabled: false },
    { type: 'separator' },
    { label: 'Inbox', click: () => act.showInbox() },
    ...state.sessions.map(({ id, title, words }) => ({
      label: `${menuText(title)}: ${menuText(words)}`,
      click: () => act.openSession(id),
    })),
    { type: 'separator' },
    { label: 'Pause all', enabled: state.sessions.length > 0, click: () => act.pauseAll() },
    { type: 'separator' },
    { label: 'Quit Gatehouse', click: () => act.quit() },
  ]
}

/** In a menu `&` marks the key of an entry; doubled it is itself. Long titles would push the menu off screen. */
export const menuText = (text: string): string => {
  const short = text.length > 60 ? `${text.slice(0, 59)}…` : text
  return short.replaceAll('&', '&&')
}

export type AppTray = { update(state: MenuState): void; close(): void }

/** @param pictures folder with hollow.png, solid.png and barred.png, each with @2x and, for macOS, Template */
export function createTray(
  e: Pick<ElectronApi, 'Menu' | 'nativeImage' | 'Tray'>,
  pictures: string,
  platform: NodeJS.Platform,
  act: TrayActions,
): AppTray {
  const picture = (shape: TrayShape): Electron.NativeImage =>
    e.nativeImage.createFromPath(
      // macOS draws a Template in the colour of its menu bar.
      path.join(pictures, platform === 'darwin' ? `${shape}Template.png` : `${shape}.png`),
    )
  let shown: TrayShape = 'hollow'
  const tray = new e.Tray(picture(shown))
  tray.on('click', () => act.showInbox())
  return {
    update(state) {
      const shape = trayShape(state)
      if (shape !== shown) tray.setImage(picture(shape))
      shown = shape
      tray.setToolTip(`Gatehouse: ${trayWords(state)}`)
      tray.setContextMenu(e.Menu.buildFromTemplate(trayTemplate(state, act)))
    },
    close: () => tray.destroy(),
  }
}
