import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClientEnd } from '../../protocol/client-end.ts'
import { contract } from '../../protocol/contract.ts'
import type { SessionId } from '../../protocol/ids.ts'
import { contentSecurityPolicy } from '../platform/static-files.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { createFakeElectron, type FakeElectronOptions } from '../testing/fake-electron.ts'
import { createFakeHost } from '../testing/fake-host.ts'
import { asPort, createFakePorts } from '../testing/fake-message-port.ts'
import type { FakeWindow } from '../testing/fake-window.ts'
import { portCarrier } from './ipc-transport.ts'
import { startShell } from './start-shell.ts'

const session = 's_1' as SessionId
const atWork = [{ id: session, title: 'billing-api', words: 'working' }]
const page = { origin: 'app://main', parent: null }

let home: string
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'gatehouse-shell-'))
  await writeFile(path.join(home, 'index.html'), '<!doctype html>')
})
afterAll(() => rm(home, { recursive: true, force: true }))

async function started(options: FakeElectronOptions & { readonly platform?: NodeJS.Platform } = {}) {
  const electron = createFakeElectron(options)
  const host = createFakeHost()
  const clock = new FakeClock()
  const places = {
    home,
    renderer: home,
    preload: '/app/preload.cjs',
    launcher: '/app/launcher',
    pictures: '/app/tray',
  }
  await startShell(electron.api, {
    createHost: host.createHost,
    platform: options.platform ?? 'linux',
    places,
    clock,
  })
  return { electron, host, clock }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The page of a window connects and listens to commands, as the renderer does. */
async function connect(window: FakeWindow, senderFrame: unknown = page) {
  const [ours, theirs] = createFakePorts()
  window.webContents.connect([theirs], senderFrame)
  const client = createClientEnd(contract, 'page')
  const commands: unknown[] = []
  client.subscribe('app/commands', {}, { snapshot: () => {}, change: (command) => commands.push(command) })
  client.attach(portCarrier(asPort(ours)))
  ours.start()
  await settled()
  return { client, commands, ours, theirs }
}

describe('start', () => {
  test('what must happen before Electron is ready happens before it', async () => {
    const { electron } = await started()
    expect(electron.order).toEqual(['enableSandbox', 'registerSchemes app', 'ready'])
  })

  test('nothing is awaited before that, so a module that does not wait for us is early enough', () => {
    const electron = createFakeElectron({ ready: new Promise(() => {}) })
    void startShell(electron.api, {
      createHost: createFakeHost().createHost,
      platform: 'linux',
      places: { home, renderer: home, preload: '/p', launcher: '/l', pictures: '/t' },
    })
    expect(electron.order).toEqual(['enableSandbox', 'registerSchemes app'])
  })

  test('the host gets its home, version, launcher and a desktop surface', async () => {
    const { host } = await started()
    expect(host.made).toMatchObject([
      { home, version: '1.2.3', launcher: '/app/launcher', surface: { kind: 'desktop', picksFolders: true } },
    ])
  })

  test('one window opens: isolated, sandboxed, without Node', async () => {
    const { electron } = await started()
    await settled()
    expect(electron.window).toMatchObject({ url: 'app://main/', visible: true })
    expect(electron.window.options.webPreferences).toEqual({
      preload: '/app/preload.cjs',
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
      devTools: false,
    })
  })

  test('a second instance ends without touching anything', async () => {
    const { electron, host } = await started({ lock: false })
    expect(electron).toMatchObject({ running: false, openWindows: 0, order: ['exit'] })
    expect(host.made).toEqual([])
  })

  test('starting the app again brings the window to the front', async () => {
    const { electron } = await started()
    electron.window.blur()
    electron.window.minimized = true
    electron.app.emit('second-instance', {}, ['gatehouse', 'gatehouse://open?path=/etc'], '/')
    expect(electron.window).toMatchObject({ minimized: false })
    expect(electron.api.BrowserWindow.getFocusedWindow()).toBe(electron.window)
    expect(electron.windows).toHaveLength(1)
  })

  test('a host that cannot start is explained, and the app ends', async () => {
    const electron = createFakeElectron()
    await startShell(electron.api, {
      createHost: () => Promise.reject(new Error('/home/ada/.gatehouse is in use by process 12.')),
      platform: 'linux',
      places: { home, renderer: home, preload: '/p', launcher: '/l', pictures: '/t' },
    })
    expect(electron.errors).toEqual([
      { title: 'Gatehouse did not start', content: '/home/ada/.gatehouse is in use by process 12.' },
    ])
    expect(electron.app.exitCode).toBe(1)
    expect(electron.windows).toEqual([])
  })
})

describe('app://', () => {
  const get = async (url: string, method = 'GET') => {
    const { electron } = await started()
    const handler = electron.handlers.get('app')
    if (!handler) throw new Error('no handler for app:')
    return handler({ url, method })
  }

  test('serves the built page under the strict policy', async () => {
    const answer = await get('app://main/')
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('<!doctype html>')
    expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each([
    ['GET', 'app://main/../etc/passwd', 400],
    ['GET', 'app://main/%2e%2e/%2e%2e/etc/passwd', 400],
    ['GET', 'app://main/..%2f..%2fetc/passwd', 400],
    ['GET', 'app://main//etc/passwd', 400],
    ['GET', 'app://main', 400],
    ['GET', 'app://main:80/index.html', 400],
    ['GET', 'app://main.evil/index.html', 400],
    ['GET', 'app://evil/index.html', 400],
    ['GET', 'app://evil@main/index.html', 400],
    ['GET', 'app://main/absent.js', 404],
    ['POST', 'app://main/', 405],
    ['HEAD', 'app://main/', 200],
  ])('%s %s answers %i, with the policy', async (method, url, status) => {
    const answer = await get(url, method)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy)
  })
})

describe('who may speak to the host', () => {
  test('the page of the window is served', async () => {
    const { electron, host } = await started()
    const { client } = await connect(electron.window)
    await client.call('app/focus', { sessionId: null })
    expect(host.callers).toEqual([{ client: 'window-1', carrier: 'window' }])
  })

  test.each([
    ['a frame that is gone', null],
    ['another origin', { origin: 'https://evil.example', parent: null }],
    ['an origin that begins alike', { origin: 'app://main.evil', parent: null }],
    ['an opaque origin', { origin: 'null', parent: null }],
    ['a frame inside the page', { origin: 'app://main', parent: page }],
  ])('the port of %s is closed', async (_who, frame) => {
    const { electron, host } = await started()
    const { theirs } = await connect(electron.window, frame)
    expect(theirs.closed).toBe(true)
    expect(host.listeners).toBe(0)
  })

  test('a message without a port is ignored, and more than one port is one too many', async () => {
    const { electron } = await started()
    electron.window.webContents.connect([], page)
    const [, first] = createFakePorts()
    const [, second] = createFakePorts()
    electron.window.webContents.connect([first, second], page)
    expect([first.closed, second.closed]).toEqual([false, true])
  })

  test('a page that connects again replaces its connection', async () => {
    const { electron, host } = await started()
    const before = await connect(electron.window)
    await connect(electron.window)
    expect(before.theirs.closed).toBe(true)
    expect(host.listeners).toBe(1)
  })

  test('a call that is sent again over the new connection runs once', async () => {
    const { electron, host } = await started()
    const answers: unknown[] = []
    for (let connection = 0; connection < 2; connection++) {
      const [ours, theirs] = createFakePorts()
      electron.window.webContents.connect([theirs], page)
      ours.on('message', ({ data }: { readonly data: string }) => answers.push(JSON.parse(data)))
      ours.start()
      ours.postMessage(JSON.stringify({ i: 7, m: 'app/focus', p: { sessionId: null }, k: 'page.7' }))
      await settled()
    }
    expect(host.callers).toHaveLength(1)
    expect(answers).toEqual([
      { i: 7, r: {} },
      { i: 7, r: {} },
    ])
  })

  test('closing the window ends its connection', async () => {
    const { electron, host } = await started()
    host.showMenu({ sessions: atWork })
    const { theirs } = await connect(electron.window)
    electron.window.close()
    expect(theirs.closed).toBe(true)
    expect(host.listeners).toBe(0)
  })

  test.each([[{ i: 1 }], [42], [null], [new ArrayBuffer(4)], ['{"i":'], ['[]'], [new Uint8Array(8)]])(
    'a frame that is none, %j, ends the connection',
    async (frame) => {
      const { electron, host } = await started()
      const { ours, theirs } = await connect(electron.window)
      ours.postMessage(frame)
      await settled()
      expect(theirs.closed).toBe(true)
      expect(host.listeners).toBe(0)
    },
  )
})

describe('locks', () => {
  test.each([
    ['will-navigate', { url: 'https://evil.example/' }, false],
    ['will-navigate', { url: 'file:///etc/passwd' }, false],
    ['will-navigate', { url: 'app://main.evil/' }, false],
    ['will-navigate', { url: 'javascript:alert(1)' }, false],
    ['will-navigate', { url: 'app://main/' }, true],
    ['will-frame-navigate', { url: 'app://main/', isMainFrame: true }, true],
    ['will-frame-navigate', { url: 'app://main/', isMainFrame: false }, false],
    ['will-frame-navigate', { url: 'https://evil.example/', isMainFrame: true }, false],
    ['will-redirect', { url: 'app://main/' }, false],
    ['will-attach-webview', {}, false],
  ])('%s %o is allowed: %s', async (event, details, allowed) => {
    const { electron } = await started()
    expect(electron.window.webContents.allows(event, details)).toBe(allowed)
  })

  test('no page opens a window', async () => {
    const { electron } = await started()
    expect(electron.window.webContents.windowOpen()).toBe('deny')
    expect(electron.links).toEqual([])
  })

  test.each([
    'media',
    'geolocation',
    'notifications',
    'openExternal',
    'clipboard-read',
    'fileSystem',
    'usb',
    'unknown',
  ])('no page has the right “%s”', async (permission) => {
    const { asks } = (await started()).electron
    expect(asks.permissionRequest(permission, 'app://main/')).toBe(false)
    expect(asks.permissionCheck(permission, 'app://main')).toBe(false)
  })

  test('the app can copy text, and nobody else can', async () => {
    const { asks } = (await started()).electron
    expect(asks.permissionRequest('clipboard-sanitized-write', 'app://main/')).toBe(true)
    expect(asks.permissionCheck('clipboard-sanitized-write', 'app://main')).toBe(true)
    expect(asks.permissionCheck('clipboard-sanitized-write', 'https://evil.example')).toBe(false)
    expect(asks.permissionRequest('clipboard-sanitized-write', 'app://main.evil/')).toBe(false)
  })

  test('no devices, no downloads, no spelling service', async () => {
    const { asks, settings } = (await started()).electron
    expect(asks.device()).toBe(false)
    expect(asks.download()).toBe('prevented')
    expect(settings['spelling']).toBe(false)
    expect(settings['display']).toBeTypeOf('function')
    expect(settings['bluetooth']).toBeTypeOf('function')
  })

  test.each([
    ['app://main/assets/a.js', 'sent'],
    ['data:image/png;base64,AA', 'sent'],
    ['data:text/html,x', 'cancelled'],
    ['https://example.com/', 'cancelled'],
    ['http://127.0.0.1:8080/', 'cancelled'],
    ['ws://127.0.0.1:8080/', 'cancelled'],
    ['file:///etc/passwd', 'cancelled'],
    ['app://main.evil/', 'cancelled'],
  ])('a request to %s is %s', async (url, expected) => {
    const { asks } = (await started()).electron
    expect(asks.request(url)).toBe(expected)
  })
})

describe('windows come and go', () => {
  test('a crashed page gets a new window, and the host works on', async () => {
    const { electron, host } = await started()
    const crashed = electron.window
    await connect(crashed)
    crashed.webContents.crash()
    expect(crashed.destroyed).toBe(true)
    expect(electron.window).not.toBe(crashed)
    expect(electron.window.url).toBe('app://main/')
    expect(host).toMatchObject({ closes: 0, listeners: 0 })
    await connect(electron.window)
    expect(host.listeners).toBe(1)
  })

  test('a page that ended cleanly is not replaced', async () => {
    const { electron } = await started()
    electron.window.webContents.crash('clean-exit')
    expect(electron.windows).toHaveLength(1)
  })

  test('a page that keeps crashing is not opened again without asking', async () => {
    const { electron, clock } = await started()
    for (let crash = 0; crash < 3; crash++) electron.window.webContents.crash()
    clock.advance(60_000)
    for (let crash = 0; crash < 3; crash++) electron.window.webContents.crash()
    expect(electron.boxes).toEqual([])

    electron.answers.buttons.push(0)
    electron.window.webContents.crash()
    expect(electron.boxes).toMatchObject([{ message: 'The window stopped several times within a minute.' }])
    await settled()
    expect(electron.openWindows).toBe(1)
  })

  test('closing the window leaves sessions at work and the tray', async () => {
    const { electron, host } = await started()
    host.showMenu({ sessions: atWork })
    electron.window.close()
    expect(electron).toMatchObject({ running: true, openWindows: 0 })
    expect(host.closes).toBe(0)
    expect(electron.trays[0]?.destroyed).toBe(false)

    electron.trays[0]?.menu?.click('billing-api: working')
    const { commands } = await connect(electron.window)
    expect(commands).toEqual([{ type: 'openSession', id: session }])
  })

  test('closing the window with no session at work ends the app', async () => {
    const { electron, host } = await started()
    electron.window.close()
    await settled()
    expect(host.closes).toBe(1)
    expect(electron.app.exitCode).toBe(0)
  })

  test('on macOS the app stays, and comes back when it is activated', async () => {
    const { electron } = await started({ platform: 'darwin' })
    electron.window.close()
    await settled()
    expect(electron.running).toBe(true)
    electron.app.emit('activate', {})
    expect(electron.window.url).toBe('app://main/')
  })
})

describe('quit', () => {
  test('the host closes first, once, then the app ends', async () => {
    const { electron, host } = await started()
    let end = (): void => {}
    host.closeTakes(() => new Promise((resolve) => void (end = resolve)))
    electron.app.quit()
    electron.app.quit()
    expect(electron.running).toBe(true)
    expect(electron.trays[0]?.destroyed).toBe(false)
    end()
    await settled()
    expect(electron).toMatchObject({ running: false })
    expect(electron.trays[0]?.destroyed).toBe(true)
    expect(host.closes).toBe(1)
    expect(electron.app.exitCode).toBe(0)
  })

  test('a host that never closes is left behind after ten seconds', async () => {
    const { electron, host, clock } = await started()
    host.closeTakes(() => new Promise(() => {}))
    electron.app.quit()
    clock.advance(9_999)
    expect(electron.running).toBe(true)
    clock.advance(1)
    expect(electron.app.exitCode).toBe(1)
  })
})

describe('menu', () => {
  const focused = (preset: 'auto' | 'full-access' | 'read-only' | null) => ({
    focused: { id: session, title: 'billing & api', preset },
    sessions: atWork,
  })

  test('presets are grey without a session in front', async () => {
    const { electron } = await started()
    expect(electron.menu.items('Session')).toEqual([
      { label: 'No session in front', enabled: false, checked: false },
      { label: 'Read only', enabled: false, checked: false },
      { label: 'Auto', enabled: false, checked: false },
      { label: 'Full access…', enabled: false, checked: false },
      { label: 'Pause all', enabled: false, checked: false },
    ])
  })

  test('the preset in force is marked', async () => {
    const { electron, host } = await started()
    host.showMenu(focused('auto'))
    expect(electron.menu.items('Session')).toEqual([
      { label: 'billing & api', enabled: false, checked: false },
      { label: 'Read only', enabled: true, checked: false },
      { label: 'Auto', enabled: true, checked: true },
      { label: 'Full access…', enabled: true, checked: false },
      { label: 'Pause all', enabled: true, checked: false },
    ])
  })

  test.each([
    // in force     clicked         gives less room at once, or opens the screen
    ['auto', 'Read only', { narrowed: 'read-only' }],
    ['full-access', 'Auto', { narrowed: 'auto' }],
    ['full-access', 'Read only', { narrowed: 'read-only' }],
    [null, 'Read only', { narrowed: 'read-only' }],
    ['read-only', 'Auto', { screen: 'auto' }],
    ['auto', 'Full access…', { screen: 'full-access' }],
    [null, 'Auto', { screen: 'auto' }],
    [null, 'Full access…', { screen: 'full-access' }],
    ['auto', 'Auto', {}],
    ['full-access', 'Full access…', {}],
  ] as const)('%s in force, “%s” clicked: %o', async (inForce, clicked, expected) => {
    const { electron, host } = await started()
    const { commands } = await connect(electron.window)
    host.showMenu(focused(inForce))
    electron.menu.click('Session', clicked)
    await settled()
    const { narrowed, screen } = { narrowed: undefined, screen: undefined, ...expected }
    expect(host.presets).toEqual(narrowed ? [{ id: session, preset: narrowed }] : [])
    expect(commands).toEqual(screen ? [{ type: 'choosePreset', id: session, preset: screen }] : [])
  })

  test('narrowing needs no window', async () => {
    const { electron, host } = await started()
    host.showMenu(focused('auto'))
    electron.window.close()
    electron.menu.click('Session', 'Read only')
    expect(host.presets).toEqual([{ id: session, preset: 'read-only' }])
    expect(electron.openWindows).toBe(0)
  })

  test('after a click the mark stays with what is in force until the host says otherwise', async () => {
    const { electron, host } = await started()
    host.showMenu(focused('auto'))
    electron.menu.click('Session', 'Full access…')
    expect(electron.menu.items('Session').filter((item) => item.checked)).toMatchObject([{ label: 'Auto' }])
  })

  test('a preset that could not be set is explained', async () => {
    const { electron, host } = await started()
    host.host.setPreset = () => Promise.reject(new Error('The session has ended.'))
    host.showMenu(focused('auto'))
    electron.menu.click('Session', 'Read only')
    await settled()
    expect(electron.errors).toEqual([
      { title: 'The preset was not changed', content: 'The session has ended.' },
    ])
  })

  test('opening a folder asks for it and passes it on; cancelling does nothing', async () => {
    const { electron } = await started()
    const { commands } = await connect(electron.window)
    electron.answers.folders.push(null, '/src/billing')
    electron.menu.click('File', 'Open folder…')
    electron.menu.click('File', 'Open folder…')
    await settled()
    expect(commands).toEqual([{ type: 'openFolder', path: '/src/billing' }])
  })

  test('pages, palette and pause', async () => {
    const { electron, host } = await started()
    const { commands } = await connect(electron.window)
    host.showMenu({ sessions: atWork })
    for (const page of ['Inbox', 'Sessions', 'Rules', 'Settings', 'Commands…'])
      electron.menu.click('View', page)
    electron.menu.click('Session', 'Pause all')
    await settled()
    expect(commands).toEqual([
      { type: 'show', page: 'inbox' },
      { type: 'show', page: 'sessions' },
      { type: 'show', page: 'rules' },
      { type: 'show', page: 'settings' },
      { type: 'palette' },
    ])
    expect(host.pauses).toBe(1)
  })

  test.each([
    [true, false],
    [false, true],
  ])('packaged: %s, developer entries: %s', async (packaged, expected) => {
    const { electron } = await started({ packaged })
    const labels = electron.menu.items('View').map((item) => item.label)
    expect(labels.includes('reload')).toBe(expected)
    expect(labels.includes('toggleDevTools')).toBe(expected)
    expect(electron.window.options.webPreferences?.devTools).toBe(expected)
  })

  test('a state that shows the same leaves an open menu alone', async () => {
    const { electron, host } = await started()
    host.showMenu(focused('auto'))
    const menu = electron.menu
    host.showMenu(focused('auto'))
    expect(electron.menu).toBe(menu)
    host.showMenu(focused('read-only'))
    expect(electron.menu).not.toBe(menu)
  })

  test('no two entries share a key', async () => {
    for (const platform of ['linux', 'darwin'] as const) {
      const { electron } = await started({ platform, packaged: false })
      const keys = electron.menu.template
        .flatMap((item) => (Array.isArray(item.submenu) ? item.submenu : []))
        .flatMap((item) => item.accelerator ?? [])
      expect(new Set(keys).size).toBe(keys.length)
    }
  })
})

describe('tray', () => {
  test.each([
    [{ waiting: 0, unbounded: 0 }, 'hollow.png', 'Gatehouse: Nobody is waiting on you'],
    [{ waiting: 1, unbounded: 0 }, 'solid.png', 'Gatehouse: 1 question waits for you'],
    [{ waiting: 3, unbounded: 0 }, 'solid.png', 'Gatehouse: 3 questions wait for you'],
    [
      { waiting: 0, unbounded: 1 },
      'barred.png',
      'Gatehouse: 1 session has no boundary. Nobody is waiting on you',
    ],
    [
      { waiting: 2, unbounded: 2 },
      'barred.png',
      'Gatehouse: 2 sessions have no boundary. 2 questions wait for you',
    ],
  ])('%o is %s: %s', async (state, picture, words) => {
    const { electron, host } = await started()
    host.showMenu(state)
    expect(electron.trays).toMatchObject([{ picture, toolTip: words }])
  })

  test('macOS gets pictures that follow its menu bar', async () => {
    const { electron } = await started({ platform: 'darwin' })
    expect(electron.trays).toMatchObject([{ picture: 'hollowTemplate.png' }])
  })

  test('it can pause everything and quit', async () => {
    const { electron, host } = await started()
    host.showMenu({ sessions: atWork })
    electron.trays[0]?.menu?.click('Pause all')
    electron.trays[0]?.menu?.click('Quit Gatehouse')
    await settled()
    expect(host.pauses).toBe(1)
    expect(electron.app.exitCode).toBe(0)
  })
})

describe('notifications', () => {
  const note = {
    title: 'billing-api waits',
    body: 'Notable: run npm install',
    tag: 'a1',
    silent: false,
    onOpen: { type: 'show', page: 'inbox' } as const,
  }

  test('a click opens what it speaks of, also without a window', async () => {
    const { electron, host } = await started()
    host.showMenu({ sessions: atWork })
    electron.window.close()
    host.made[0]?.surface.notify(note)
    expect(electron.notes).toMatchObject([
      {
        state: 'shown',
        options: { title: 'billing-api waits', body: 'Notable: run npm install', silent: false },
      },
    ])
    electron.notes[0]?.click()
    const { commands } = await connect(electron.window)
    expect(commands).toEqual([{ type: 'show', page: 'inbox' }])
    expect(electron.notes[0]?.state).toBe('closed')
  })

  test('nothing is shown while a window has focus', async () => {
    const { electron, host } = await started()
    await settled()
    host.made[0]?.surface.notify(note)
    expect(electron.notes).toEqual([])
  })

  test('a newer one replaces the older one of the same tag, and an answer takes it away', async () => {
    const { electron, host } = await started()
    await settled()
    electron.window.blur()
    const surface = host.made[0]?.surface
    surface?.notify(note)
    surface?.notify({ ...note, title: 'billing-api still waits' })
    expect(electron.notes.map((n) => n.state)).toEqual(['closed', 'shown'])
    surface?.withdrawNote('a1')
    expect(electron.notes.map((n) => n.state)).toEqual(['closed', 'closed'])
    surface?.withdrawNote('never shown')
  })

  test('markup stays text on Linux, where notifications read it', async () => {
    const { electron, host } = await started()
    host.showMenu({ sessions: atWork })
    electron.window.close()
    host.made[0]?.surface.notify({ ...note, body: '<a href="https://evil.example">ok</a> & more' })
    expect(electron.notes[0]?.options.body).toBe('‹a href="https://evil.example"›ok‹/a› ＆ more')
  })

  test('a desktop without notifications is no problem', async () => {
    const { electron, host } = await started({ notifications: false })
    electron.window.blur()
    host.made[0]?.surface.notify(note)
    expect(electron.notes).toEqual([])
  })
})

describe('what a desktop offers', () => {
  test('the badge counts what waits', async () => {
    const { electron, host } = await started()
    host.made[0]?.surface.setBadge({ waiting: 3, unbounded: 1 })
    expect(electron.app.badge).toBe(3)
  })

  test.each([
    ['https://example.com/a?b#c', 'https://example.com/a?b#c'],
    ['http://example.com/', null],
    ['https://github.com@evil.example/', null],
    ['https://user:key@example.com/', null],
    ['file:///etc/passwd', null],
    ['smb://host/share', null],
    ['javascript:alert(1)', null],
    ['not a link', null],
  ])('the link %s opens %s', async (url, opened) => {
    const { electron, host } = await started()
    expect(await host.made[0]?.surface.openLink(url)).toBe(opened !== null)
    expect(electron.links).toEqual(opened === null ? [] : [opened])
  })

  test.each([
    ['linux', 'gnome_libsecret', 'the system keychain (gnome_libsecret)'],
    ['linux', 'basic_text', 'a file only you can read ($HOME/state/secrets.json), not encrypted'],
    ['linux', 'unknown', 'a file only you can read ($HOME/state/secrets.json), not encrypted'],
    ['linux', null, 'a file only you can read ($HOME/state/secrets.json), not encrypted'],
    ['darwin', 'unknown', 'the system keychain'],
    ['win32', null, 'a file only you can read ($HOME/state/secrets.json), not encrypted'],
  ] as const)('on %s with %s secrets are kept in %s', async (platform, keychain, keptIn) => {
    const { host } = await started({ platform, keychain })
    expect(host.made[0]?.surface.secrets.keptIn).toBe(keptIn.replace('$HOME', home))
  })
})

test.each(['suspend', 'lock-screen'])('full access ends on %s', async (event) => {
  const { electron, host } = await started()
  electron.powerMonitor.emit(event)
  await settled()
  expect(host.leaseEnds).toBe(1)
})
