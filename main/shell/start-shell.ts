import type { Command } from '../../protocol/app.ts'
import type { CreateHost, Host, MenuState } from '../host/host.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import { handleAppProtocol, registerAppScheme } from './app-protocol.ts'
import { createCommandRelay } from './command-relay.ts'
import type { ElectronApi } from './electron-api.ts'
import { createElectronSurface } from './electron-surface.ts'
import { hardenContents, hardenSession } from './hardening.ts'
import { serveWindow } from './ipc-transport.ts'
import { chooseSecretStore } from './keychain-store.ts'
import { menuTemplate } from './menu.ts'
import { quitInOrder } from './quit.ts'
import { createTray } from './tray.ts'
import { createAppWindow } from './window.ts'

/** All paths absolute. */
export type ShellPlaces = {
  /** GATEHOUSE_HOME */
  readonly home: string
  readonly renderer: string
  readonly preload: string
  readonly launcher: string
  /** Folder of the tray's pictures. */
  readonly pictures: string
}

export type ShellOptions = {
  readonly createHost: CreateHost
  readonly places: ShellPlaces
  readonly platform: NodeJS.Platform
  readonly clock?: Clock
}

/**
 * Starts the desktop app: one instance, one host, one window at a time.
 *
 * Resolves when the window was asked to load. What must happen before Electron is ready happens before
 * the first await. Without a host there is no app: a dialog says why, and the app ends.
 */
export async function startShell(e: ElectronApi, options: ShellOptions): Promise<void> {
  const { places, platform, clock = systemClock } = options

  // Two hosts would write the same logs.
  if (!e.app.requestSingleInstanceLock()) return e.app.quit()
  hardenContents(e)
  registerAppScheme(e)

  let show = (): void => {}
  e.app.on('second-instance', () => show())
  e.app.on('activate', () => show())
  // gatehouse: links bring the app to the front. Nothing in them is read: any page can offer one.
  e.app.on('open-url', (event) => {
    event.preventDefault()
    show()
  })

  await e.app.whenReady()
  hardenSession(e)
  handleAppProtocol(e, places.renderer)

  let open = (_command: Command): void => {}
  let current = (): Electron.BrowserWindow | null => null
  const surface = createElectronSurface(e, {
    secrets: await chooseSecretStore(e, places.home, platform),
    platform,
    open: (command) => open(command),
    window: () => current(),
  })

  let host: Host
  try {
    const version = e.app.getVersion()
    host = await options.createHost({ home: places.home, version, surface, launcher: places.launcher })
  } catch (problem) {
    e.dialog.showErrorBox('Gatehouse did not start', wordsOf(problem))
    return e.app.exit(1)
  }

  const relay = createCommandRelay(host.handlers, (command) => host.command(command))
  const served: Host = { ...host, handlers: relay.handlers }
  const development = !e.app.isPackaged
  const window = createAppWindow(
    e,
    { preload: places.preload, development },
    clock,
    (contents) => serveWindow(contents, served),
    () => void askAfterCrashes(e, () => window.show()),
  )
  show = () => window.show()
  current = () => window.current()
  open = (command) => {
    window.show()
    relay.send(command)
  }

  let state: MenuState = { focused: null, sessions: [], waiting: 0, unbounded: 0 }
  const attempt = (what: string, work: Promise<void>): void => {
    work.catch((problem: unknown) => e.dialog.showErrorBox(what, wordsOf(problem)))
  }
  const pauseAll = (): void => attempt('Not every session was paused', host.pauseAll())
  const openFolder = async (): Promise<void> => {
    const path = await surface.pickFolder()
    if (path !== null) open({ type: 'openFolder', path })
  }
  const drawMenu = (): void =>
    e.Menu.setApplicationMenu(
      e.Menu.buildFromTemplate(
        menuTemplate(
          state,
          { platform, development },
          {
            open,
            openFolder: () => attempt('No folder was opened', openFolder()),
            narrow: (id, preset) => attempt('The preset was not changed', host.setPreset(id, preset)),
            pauseAll,
            redraw: () => drawMenu(),
          },
        ),
      ),
    )
  const tray = createTray(e, places.pictures, platform, {
    showInbox: () => open({ type: 'show', page: 'inbox' }),
    openSession: (id) => open({ type: 'openSession', id }),
    pauseAll,
    quit: () => e.app.quit(),
  })
  let drawn = ''
  const stopMenuState = host.onMenuState((next) => {
    // A busy session reports often what does not show; on Linux a new menu closes one that is open.
    const text = JSON.stringify(next)
    if (text === drawn) return
    drawn = text
    state = next
    drawMenu()
    tray.update(next)
  })

  // Full access is given to a person who watches.
  // The typings list each event apart; both have no arguments.
  for (const leave of ['suspend', 'lock-screen'] as const)
    e.powerMonitor.on(leave as 'suspend', () => attempt('Full access did not end', host.endLeases()))

  // With a session at work the app stays in the tray; the agents go on. macOS apps always stay.
  e.app.on('window-all-closed', () => {
    if (state.sessions.length === 0 && platform !== 'darwin') e.app.quit()
  })
  quitInOrder(e.app, clock, async () => {
    stopMenuState()
    await host.close()
    tray.close()
  })

  window.show()
}

const wordsOf = (problem: unknown): string =>
  problem instanceof Error ? problem.message : `Unknown problem: ${String(problem)}`

async function askAfterCrashes(e: Pick<ElectronApi, 'app' | 'dialog'>, again: () => void): Promise<void> {
  const { response } = await e.dialog.showMessageBox({
    type: 'warning',
    title: 'Gatehouse',
    message: 'The window stopped several times within a minute.',
    detail: 'Sessions go on, and what needs an answer waits. Opening the window again is often enough.',
    buttons: ['Open the window again', 'Quit'],
    defaultId: 0,
    cancelId: 0,
  })
  if (response === 0) again()
  else e.app.quit()
}
