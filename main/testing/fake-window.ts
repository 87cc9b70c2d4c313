import { EventEmitter } from 'node:events'

/** A page of a window. `ipc` is what its frames send to. */
export class FakeContents extends EventEmitter {
  readonly id: number
  readonly ipc = new EventEmitter()
  #windowOpen: (() => Electron.WindowOpenHandlerResponse) | null = null

  constructor(id: number) {
    super()
    this.id = id
  }

  setWindowOpenHandler(handler: () => Electron.WindowOpenHandlerResponse): void {
    this.#windowOpen = handler
  }

  /** What `window.open` of a page leads to. */
  windowOpen(): string {
    return this.#windowOpen?.().action ?? 'allow'
  }

  /** Whether the guards let an event happen: `will-navigate`, `will-attach-webview` and the like. */
  allows(event: string, details: Readonly<Record<string, unknown>> = {}): boolean {
    let prevented = false
    this.emit(event, { ...details, preventDefault: () => void (prevented = true) })
    return !prevented
  }

  /** A frame sends a port to the host. */
  connect(ports: readonly unknown[], senderFrame: unknown): void {
    this.ipc.emit('gatehouse:connect', { ports, senderFrame })
  }

  crash(reason = 'crashed'): void {
    this.emit('render-process-gone', {}, { reason, exitCode: 5 })
  }
}

/** What windows need of the application they belong to. */
export type FakeWindowHome = {
  readonly open: Set<FakeWindow>
  focused: FakeWindow | null
  onOpened(window: FakeWindow): void
  onLoad(window: FakeWindow): void
  onClosed(window: FakeWindow): void
  onAllClosed(): void
  nextId(): number
}

export class FakeWindow extends EventEmitter {
  readonly options: Electron.BrowserWindowConstructorOptions
  readonly webContents: FakeContents
  url: string | null = null
  visible = false
  minimized = false
  readonly #home: FakeWindowHome

  constructor(options: Electron.BrowserWindowConstructorOptions, home: FakeWindowHome) {
    super()
    this.options = options
    this.#home = home
    this.webContents = new FakeContents(home.nextId())
    home.open.add(this)
    home.onOpened(this)
  }

  get destroyed(): boolean {
    return !this.#home.open.has(this)
  }

  async loadURL(url: string): Promise<void> {
    this.url = url
    this.#home.onLoad(this)
    await Promise.resolve()
    this.emit('ready-to-show')
  }

  show(): void {
    this.visible = true
    this.focus()
  }

  focus(): void {
    this.#home.focused = this
  }

  /** The person goes to another program. */
  blur(): void {
    if (this.#home.focused === this) this.#home.focused = null
  }

  isMinimized(): boolean {
    return this.minimized
  }

  restore(): void {
    this.minimized = false
  }

  /** The person closes the window. */
  close(): void {
    this.destroy()
  }

  destroy(): void {
    if (!this.#home.open.delete(this)) return
    this.blur()
    this.visible = false
    this.emit('closed')
    this.#home.onClosed(this)
    if (this.#home.open.size === 0) this.#home.onAllClosed()
  }
}
