import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { _electron, type ElectronApplication, type Page } from '@playwright/test'
import { type Ending, HostProcess, hostEnv, root } from './host-process.ts'
import { initScript } from './sim-page.ts'
import type { DesktopAct, DesktopActs, Report, Request } from './sim-protocol.ts'

export type HostKind = 'electron' | 'electron-sim' | 'serve'

/** The acts on a simulated desktop, each through its process. */
export type Desktop = {
  readonly [A in DesktopAct]: (...args: Parameters<DesktopActs[A]>) => Promise<ReturnType<DesktopActs[A]>>
}

export type Homes = { readonly userHome: string; readonly home: string }

/** One way to start the host and to bring it on screen. */
export type Host = {
  /** Starts it and shows it. The page is the given one, except in the real Electron, which brings its own. */
  start(): Promise<Page>
  end(how: Ending): Promise<void>
  clickMenu(labels: readonly string[]): Promise<void>
  /** null where the desktop is none of ours. */
  readonly desktop: Desktop | null
  /** What the host wrote to its output so far. */
  output(): string
}

export function hostOf(kind: HostKind, page: () => Promise<Page>, homes: Homes): Host {
  switch (kind) {
    case 'serve':
      return serve(page, homes)
    case 'electron-sim':
      return electronSim(page, homes)
    case 'electron':
      return electron(homes)
    default:
      return kind satisfies never
  }
}

function serve(page: () => Promise<Page>, { userHome, home }: Homes): Host {
  let running: HostProcess | null = null
  return {
    desktop: null,
    async start() {
      const file = path.join(root, 'out/main/serve.js')
      const host = new HostProcess([file, '--port', '0'], hostEnv(userHome, home), false)
      running = host
      const url = await host.until<string>((resolve) =>
        host.child.stdout?.on('data', () => {
          const found = /http:\/\/\S+(?=\s)/.exec(host.output)
          if (found) resolve(found[0])
        }),
      )
      const shown = await page()
      await shown.goto(url)
      return shown
    },
    end: async (how) => running?.end(how),
    clickMenu: () => Promise.reject(new Error('A browser has no application menu')),
    output: () => running?.output ?? '',
  }
}

function electronSim(page: () => Promise<Page>, { userHome, home }: Homes): Host {
  let running: HostProcess | null = null
  let asked = 0
  let prepared = false

  const send = (act: DesktopAct, args: readonly unknown[]): Promise<unknown> => {
    const host = running
    if (!host) return Promise.reject(new Error('The simulated desktop is not running'))
    const request: Request = { id: ++asked, act, args }
    return host.until((resolve, reject) => {
      const listener = (message: Report): void => {
        if (!('id' in message) || message.id !== request.id) return
        host.child.off('message', listener)
        if ('failure' in message) reject(new Error(message.failure))
        else resolve(message.result)
      }
      host.child.on('message', listener)
      host.child.send(request)
    })
  }
  const desktop = new Proxy({} as Desktop, {
    get:
      (_target, act: DesktopAct) =>
      (...args: readonly unknown[]) =>
        send(act, args),
  })

  return {
    desktop,
    async start() {
      const shown = await page()
      if (!prepared) {
        prepared = true
        await shown.addInitScript(
          initScript(await readFile(path.join(root, 'out/preload/index.cjs'), 'utf8')),
        )
      }
      const host = new HostProcess(
        [path.join(root, 'e2e/support/sim-main.ts')],
        hostEnv(userHome, home),
        true,
      )
      running = host
      await host.until<void>((resolve, reject) =>
        host.child.on('message', (message: Report) => {
          if (!('window' in message)) return
          // The browser follows the windows; the first one ends the start.
          const url = message.window === 'load' ? message.url : 'about:blank'
          shown.goto(url).then(() => resolve(), reject)
        }),
      )
      return shown
    },
    end: async (how) => running?.end(how),
    clickMenu: (labels) => desktop.menu(labels),
    output: () => running?.output ?? '',
  }
}

function electron({ userHome, home }: Homes): Host {
  let running: ElectronApplication | null = null
  return {
    desktop: null,
    async start() {
      const executablePath = process.env['ELECTRON_PATH']
      if (executablePath === undefined) throw new Error('ELECTRON_PATH names no runtime')
      const env = Object.entries(hostEnv(userHome, home)).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      )
      running = await _electron.launch({
        executablePath,
        args: [root, `--user-data-dir=${path.join(userHome, 'chromium')}`],
        cwd: root,
        env: Object.fromEntries(env),
      })
      return running.firstWindow()
    },
    async end(how) {
      if (how === 'kill') running?.process().kill('SIGKILL')
      await running?.close().catch(() => {})
    },
    async clickMenu(labels) {
      await running?.evaluate(({ Menu }, path) => {
        let items = Menu.getApplicationMenu()?.items ?? []
        let found: Electron.MenuItem | undefined
        for (const label of path) {
          found = items.find((item) => item.label.replace(/&(&|)/g, '$1') === label)
          items = found?.submenu?.items ?? []
        }
        if (!found?.enabled) throw new Error(`No entry ${path.join(' > ')} to click`)
        found.click()
      }, labels)
    },
    output: () => '',
  }
}
