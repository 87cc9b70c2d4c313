import { EventEmitter } from 'node:events'
import { FakeMenu } from './fake-menu.ts'
import { type FakeContents, FakeWindow, type FakeWindowHome } from './fake-window.ts'

/**
 * The part of Electron that the shell uses. The types come from Electron itself, so that a call which
 * does not exist is a compile error in the shell; that this fake behaves alike is ours to keep true.
 */
export type FakeElectronApi = {
  readonly app: Electron.App
  readonly BrowserWindow: typeof Electron.BrowserWindow
  readonly dialog: Electron.Dialog
  readonly Menu: typeof Electron.Menu
  readonly nativeImage: typeof Electron.nativeImage
  readonly nativeTheme: Electron.NativeTheme
  readonly Notification: typeof Electron.Notification
  readonly powerMonitor: Electron.PowerMonitor
  readonly protocol: Electron.Protocol
  readonly safeStorage: Electron.SafeStorage
  readonly session: typeof Electron.session
  readonly shell: Electron.Shell
  readonly Tray: typeof Electron.Tray
}

export type FakeElectronOptions = {
  /** false: another instance runs already. */
  readonly lock?: boolean
  /** null: no encryption at all. */
  readonly keychain?: ReturnType<Electron.SafeStorage['getSelectedStorageBackend']> | null
  readonly packaged?: boolean
  /** The app's own; as in its package.json. */
  readonly version?: string
  readonly notifications?: boolean
  /** Electron becomes ready when this resolves: not before its entry module was evaluated. */
  readonly ready?: Promise<void>
  /** Told what happens to windows, so that a real browser can follow. */
  readonly onWindow?: (event: 'closed' | 'load', window: FakeWindow) => void
}

export class FakeNotification extends EventEmitter {
  readonly options: Electron.NotificationConstructorOptions
  state: 'made' | 'shown' | 'closed' = 'made'

  constructor(options: Electron.NotificationConstructorOptions) {
    super()
    this.options = options
  }
  show(): void {
    this.state = 'shown'
  }
  close(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.emit('close')
  }
  click(): void {
    this.emit('click')
  }
}

export class FakeTray extends EventEmitter {
  /** File name of the picture in force. */
  picture: string
  toolTip = ''
  menu: FakeMenu | null = null
  destroyed = false

  constructor(image: { readonly file: string }) {
    super()
    this.picture = image.file
  }
  setImage(image: { readonly file: string }): void {
    this.picture = image.file
  }
  setToolTip(words: string): void {
    this.toolTip = words
  }
  setContextMenu(menu: FakeMenu): void {
    this.menu = menu
  }
  destroy(): void {
    this.destroyed = true
  }
}

type AppHandler = (request: Pick<Request, 'method' | 'url'>) => Response | Promise<Response>
type Answers = {
  permissionRequest(permission: string, requestingUrl: string): boolean
  permissionCheck(permission: string, origin: string): boolean
  device(): boolean
  request(url: string): 'sent' | 'cancelled'
  download(): 'saved' | 'prevented'
}

/** Enough to tell from plain text, and its own reverse. */
const scramble = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x55))

/**
 * Records what the shell does with Electron and plays what Electron and the person would do. No test runner
 * inside: unit tests and the simulated desktop of the end-to-end tests both use it.
 */
export function createFakeElectron(options: FakeElectronOptions = {}) {
  /** Calls whose order matters. */
  const order: string[] = []
  const notes: FakeNotification[] = []
  const trays: FakeTray[] = []
  const handlers = new Map<string, AppHandler>()
  const links: string[] = []
  const errors: { readonly title: string; readonly content: string }[] = []
  const boxes: Electron.MessageBoxOptions[] = []
  /** Every window ever opened, oldest first. */
  const windows: FakeWindow[] = []
  /** What the person does with the next dialogs; a folder of null cancels. */
  const answers = { folders: [] as (string | null)[], buttons: [] as number[] }
  const keychain = options.keychain === undefined ? 'gnome_libsecret' : options.keychain
  let menu: FakeMenu | null = null
  let contentsMade = 0
  let running = true
  let quitting = false

  const app = Object.assign(new EventEmitter(), {
    isPackaged: options.packaged ?? true,
    exitCode: null as number | null,
    badge: 0,
    getVersion: () => options.version ?? '1.2.3',
    requestSingleInstanceLock: () => options.lock ?? true,
    enableSandbox: () => void order.push('enableSandbox'),
    async whenReady() {
      await options.ready
      order.push('ready')
    },
    setBadgeCount(count: number) {
      app.badge = count
      return true
    },
    quit() {
      let prevented = false
      app.emit('before-quit', { preventDefault: () => void (prevented = true) })
      if (prevented) return
      quitting = true
      for (const window of home.open) window.destroy()
      app.exit(0)
    },
    exit(code = 0) {
      if (!running) return
      running = false
      order.push('exit')
      app.exitCode = code
      app.emit('quit', {}, code)
    },
  })

  const home: FakeWindowHome = {
    open: new Set(),
    focused: null,
    nextId: () => ++contentsMade,
    onOpened(window) {
      windows.push(window)
      app.emit('web-contents-created', {}, window.webContents)
    },
    onLoad: (window) => options.onWindow?.('load', window),
    onClosed: (window) => options.onWindow?.('closed', window),
    onAllClosed() {
      if (!quitting && running) app.emit('window-all-closed')
    },
  }
  class BrowserWindow extends FakeWindow {
    constructor(windowOptions: Electron.BrowserWindowConstructorOptions) {
      super(windowOptions, home)
    }
    static getFocusedWindow = (): FakeWindow | null => home.focused
  }

  const onRole = (role: string): void => {
    if (role === 'quit') app.quit()
    else if (role === 'close') home.focused?.close()
    else throw new Error(`The fake does not know what “${role}” does`)
  }

  const recorded: Record<string, unknown> = {}
  const record =
    (name: string) =>
    (handler: unknown): void =>
      void (recorded[name] = handler)
  const powerMonitor = new EventEmitter()
  const defaultSession = Object.assign(new EventEmitter(), {
    setPermissionRequestHandler: record('permissionRequest'),
    setPermissionCheckHandler: record('permissionCheck'),
    setDevicePermissionHandler: record('device'),
    setBluetoothPairingHandler: record('bluetooth'),
    setDisplayMediaRequestHandler: record('display'),
    setSpellCheckerEnabled: record('spelling'),
    webRequest: { onBeforeRequest: record('request') },
  })
  /** What the session answers a page; the most when nothing was set, as Electron does. */
  const asks: Answers = {
    permissionRequest(permission, requestingUrl) {
      let given = true
      const handler = recorded['permissionRequest'] as
        | ((c: null, p: string, answer: (given: boolean) => void, d: { requestingUrl: string }) => void)
        | undefined
      handler?.(null, permission, (answer) => void (given = answer), { requestingUrl })
      return given
    },
    permissionCheck(permission, origin) {
      const handler = recorded['permissionCheck'] as
        | ((c: null, p: string, origin: string) => boolean)
        | undefined
      return handler?.(null, permission, origin) ?? true
    },
    device: () => (recorded['device'] as (() => boolean) | undefined)?.() ?? true,
    request(url) {
      let cancelled = false
      const handler = recorded['request'] as
        | ((details: { url: string }, answer: (response: { cancel: boolean }) => void) => void)
        | undefined
      handler?.({ url }, ({ cancel }) => void (cancelled = cancel))
      return cancelled ? 'cancelled' : 'sent'
    },
    download() {
      let prevented = false
      defaultSession.emit('will-download', { preventDefault: () => void (prevented = true) })
      return prevented ? 'prevented' : 'saved'
    },
  }

  const fake = {
    app,
    BrowserWindow,
    dialog: {
      showErrorBox: (title: string, content: string) => void errors.push({ title, content }),
      async showMessageBox(...args: readonly unknown[]) {
        boxes.push(args.at(-1) as Electron.MessageBoxOptions)
        return { response: answers.buttons.shift() ?? 0, checkboxChecked: false }
      },
      async showOpenDialog() {
        const folder = answers.folders.shift()
        if (folder === undefined) throw new Error('Nobody scripted a folder')
        return { canceled: folder === null, filePaths: folder === null ? [] : [folder] }
      },
    },
    Menu: {
      buildFromTemplate: (template: Electron.MenuItemConstructorOptions[]) => new FakeMenu(template, onRole),
      setApplicationMenu: (next: FakeMenu | null) => void (menu = next),
    },
    nativeImage: { createFromPath: (file: string) => ({ file: file.split(/[\\/]/).at(-1) ?? '' }) },
    nativeTheme: { shouldUseDarkColors: true },
    powerMonitor,
    Notification: class extends FakeNotification {
      static isSupported = (): boolean => options.notifications ?? true
      constructor(noteOptions: Electron.NotificationConstructorOptions) {
        super(noteOptions)
        notes.push(this)
      }
    },
    protocol: {
      registerSchemesAsPrivileged: (schemes: readonly Electron.CustomScheme[]) =>
        void order.push(`registerSchemes ${schemes.map((s) => s.scheme).join()}`),
      handle: (scheme: string, handler: AppHandler) => void handlers.set(scheme, handler),
    },
    safeStorage: {
      isAsyncEncryptionAvailable: async () => keychain !== null,
      getSelectedStorageBackend: () => keychain ?? 'unknown',
      encryptStringAsync: async (text: string) => scramble(Buffer.from(`locked ${text}`)),
      async decryptStringAsync(encrypted: Buffer) {
        const text = scramble(encrypted).toString()
        if (!text.startsWith('locked ')) throw new Error('Error while decrypting the ciphertext')
        return { result: text.slice(7), shouldReEncrypt: false }
      },
    },
    session: { defaultSession },
    shell: {
      async openExternal(url: string) {
        links.push(url)
      },
    },
    Tray: class extends FakeTray {
      constructor(image: { readonly file: string }) {
        super(image)
        trays.push(this)
      }
    },
  }

  return {
    powerMonitor,
    /** The one cast of the whole fake. */
    api: fake as unknown as FakeElectronApi,
    app,
    order,
    windows,
    notes,
    trays,
    handlers,
    links,
    errors,
    boxes,
    answers,
    asks,
    settings: recorded,
    get menu(): FakeMenu {
      if (!menu) throw new Error('No application menu was set')
      return menu
    },
    /** The window that is open. Throws when there is none or more than one. */
    get window(): FakeWindow {
      const [only, ...more] = home.open
      if (!only || more.length > 0) throw new Error(`${home.open.size} windows are open`)
      return only
    },
    get openWindows(): number {
      return home.open.size
    },
    get running(): boolean {
      return running
    },
  }
}

export type FakeElectron = ReturnType<typeof createFakeElectron>
export type { FakeContents }
