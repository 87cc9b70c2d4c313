import type { Clock } from '../platform/clock.ts'
import type { ElectronApi } from './electron-api.ts'
import { appUrl } from './origin.ts'

export type WindowPlaces = {
  /** The built preload script, absolute. */
  readonly preload: string
  /** Offers developer tools and reloading. */
  readonly development: boolean
}

/** Canvas colours of the day and night themes, so that nothing flashes before the page has drawn. */
const canvas = { day: '#EDF1F0', night: '#0E1314' } as const

export const webPreferences = (places: WindowPlaces): Electron.WebPreferences => ({
  preload: places.preload,
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
  devTools: places.development,
})

export type AppWindow = {
  /** Brings the window to the front, and opens one when there is none. */
  show(): void
  /** For dialogs that belong to it. null when there is none. */
  current(): Electron.BrowserWindow | null
}

/** More pages than this lost within a minute, and no new one is opened without asking. */
const crashLimit = { count: 3, withinMs: 60_000 } as const

/**
 * Keeps the app's one window. It can come and go while the host works on: agents live in the host.
 *
 * @param serve connects the window's page to the host; the answer ends that
 * @param onCrashLoop called instead of opening yet another window; `show` opens one all the same
 */
export function createAppWindow(
  e: Pick<ElectronApi, 'BrowserWindow' | 'nativeTheme'>,
  places: WindowPlaces,
  clock: Clock,
  serve: (contents: Electron.WebContents) => () => void,
  onCrashLoop: () => void,
): AppWindow {
  let window: Electron.BrowserWindow | null = null
  let page: 'alive' | 'gone' = 'alive'
  let crashesAtMs: number[] = []

  function open(): void {
    const opened = new e.BrowserWindow({
      title: 'Gatehouse',
      width: 1280,
      height: 860,
      minWidth: 760,
      minHeight: 520,
      show: false,
      backgroundColor: e.nativeTheme.shouldUseDarkColors ? canvas.night : canvas.day,
      webPreferences: webPreferences(places),
    })
    window = opened
    page = 'alive'
    const stop = serve(opened.webContents)
    opened.once('ready-to-show', () => opened.show())
    opened.on('closed', () => {
      stop()
      if (window === opened) window = null
    })
    opened.webContents.on('render-process-gone', (_event, details) => {
      if (details.reason !== 'clean-exit') onCrash(opened)
    })
    opened.loadURL(appUrl).catch(() => {
      // A window closed while it loads rejects here; a page that crashed comes back through its event.
    })
  }

  /** The new window comes first: with none at all, the app would count as closed. */
  function replace(old: Electron.BrowserWindow): void {
    open()
    old.destroy()
  }

  function onCrash(crashed: Electron.BrowserWindow): void {
    if (window !== crashed) return
    const now = clock.nowMs()
    crashesAtMs = [...crashesAtMs.filter((at) => now - at < crashLimit.withinMs), now]
    if (crashesAtMs.length <= crashLimit.count) return replace(crashed)
    // It stays, empty, until the person asks for a window again.
    crashesAtMs = []
    page = 'gone'
    onCrashLoop()
  }

  return {
    show() {
      if (!window) return open()
      if (page === 'gone') return replace(window)
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
    },
    current: () => window,
  }
}
