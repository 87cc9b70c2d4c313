/**
 * A desktop without Electron's runtime: runs the built out/main/electron.js on a fake of the module `electron`,
 * and lets a Chromium stand in for its window. Started by sim-host.ts, which speaks to it over Node's IPC.
 *
 * Real: the host, the shell, both bundles, the preload, the page. Fake: Electron itself. The page is fetched
 * over HTTP from the shell's own `app:` handler, and its MessagePort is carried over a WebSocket.
 */
import { createServer } from 'node:http'
import { registerHooks } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type WebSocket, WebSocketServer } from 'ws'
import { createFakePorts } from '../../main/testing/fake-message-port.ts'
import { becomeReady, desktop, followWindows } from './sim-electron.ts'
import { type DesktopActs, portPath, type Report, type Request } from './sim-protocol.ts'

const report = (message: Report): void => void process.send?.(message)

const http = createServer((request, response) => {
  void (async () => {
    const handler = desktop.handlers.get('app')
    if (!handler) throw new Error('The shell does not handle app:')
    const answer = await handler({ url: `app://main${request.url ?? '/'}`, method: request.method ?? 'GET' })
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(new Uint8Array(await answer.arrayBuffer()))
  })().catch((problem: unknown) => {
    console.error(problem)
    response.destroy()
  })
})
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`

const sockets = new WebSocketServer({ server: http, path: portPath, perMessageDeflate: false })
sockets.on('connection', (socket, request) => {
  const from = request.headers.origin ?? 'null'
  // The browser says where the page comes from; its one origin here stands for the one it has in Electron.
  carry(socket, from === origin ? 'app://main' : from)
})

/** A page's port, arriving in the main process. Text: `s` and a string, or `o` and another value as JSON. */
function carry(socket: WebSocket, pageOrigin: string): void {
  const [pageEnd, mainEnd] = createFakePorts()
  pageEnd.on('message', ({ data }: { readonly data: unknown }) => {
    if (data instanceof Uint8Array) socket.send(data, { binary: true })
    else socket.send(typeof data === 'string' ? `s${data}` : `o${JSON.stringify(data)}`)
  })
  pageEnd.on('close', () => socket.close())
  pageEnd.start()
  socket.on('message', (data: Buffer, isBinary) => {
    const text = isBinary ? '' : data.toString()
    if (isBinary) pageEnd.postMessage(new Uint8Array(data))
    else pageEnd.postMessage(text.startsWith('s') ? text.slice(1) : JSON.parse(text.slice(1)))
  })
  socket.on('close', () => pageEnd.close())
  if (desktop.openWindows === 0) return socket.close()
  desktop.window.webContents.connect([mainEnd], { origin: pageOrigin, parent: null })
}

const tray = () => {
  const [shown] = desktop.trays
  if (!shown?.menu) throw new Error('There is no tray')
  return { picture: shown.picture, toolTip: shown.toolTip, menu: shown.menu }
}
const notesOnScreen = () => desktop.notes.filter((note) => note.state === 'shown')

const acts: DesktopActs = {
  menu: (labels) => desktop.menu.click(...labels),
  menuItems: (labels) => desktop.menu.items(...labels),
  tray: () => ({ picture: tray().picture, toolTip: tray().toolTip, items: tray().menu.items() }),
  trayMenu: (labels) => tray().menu.click(...labels),
  folders: (next) => void desktop.answers.folders.push(...next),
  notes: () =>
    notesOnScreen().map(({ options }) => ({ title: options.title ?? '', body: options.body ?? '' })),
  clickNote(index) {
    const note = notesOnScreen()[index]
    if (!note) throw new Error(`There is no notification ${index}`)
    note.click()
  },
  links: () => desktop.links,
  focus: (where) => (where === 'app' ? desktop.window.focus() : desktop.window.blur()),
  closeWindow: () => desktop.window.close(),
  crashPage: () => desktop.window.webContents.crash(),
}

process.on('message', ({ id, act, args }: Request) => {
  try {
    const result = (acts[act] as (...given: readonly unknown[]) => unknown)(...args)
    report({ id, result: result ?? null })
  } catch (problem) {
    report({ id, failure: problem instanceof Error ? problem.message : String(problem) })
  }
})
followWindows((event, window) => {
  if (event === 'load') report({ window: 'load', url: (window.url ?? '').replace('app://main', origin) })
  else if (desktop.openWindows === 0) report({ window: 'closed' })
})
desktop.app.on('quit', (_event: unknown, code: number) => process.exit(code))
// As Electron does; and without the test there is nobody to show a window to.
process.on('SIGTERM', () => desktop.api.app.quit())
process.on('disconnect', () => desktop.api.app.quit())

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron'
      ? { url: new URL('./sim-electron.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
})
await import(pathToFileURL(path.join(import.meta.dirname, '../../out/main/electron.js')).href)
// Electron is ready only after its entry module was evaluated; one that waits for it there hangs here, too.
becomeReady()
