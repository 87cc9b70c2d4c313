import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { test as base, expect, type Page } from '@playwright/test'
import { type Ending, root } from './host-process.ts'
import { type Desktop, type Homes, type HostKind, hostOf } from './hosts.ts'
import { Problems } from './problems.ts'

/** Set per project in playwright.config.ts, or with `test.use`. */
export type HostOptions = {
  hostKind: HostKind
  /** Fills the homes before the host starts. (An object, because Playwright takes a function for a fixture.) */
  prepare: { homes(homes: Homes): Promise<void> }
}

export type HostUnderTest = {
  readonly kind: HostKind
  /** Clicks the application menu, as in `['Session', 'Read only']`. Rejects for `serve`, which has none. */
  menu(labels: readonly string[]): Promise<void>
  /** The simulated desktop's tray, dialogs, notifications and windows; null elsewhere. */
  readonly desktop: Desktop | null
  /** Ends the host. From here on the page may say that it cannot reach it. */
  end(how: Ending): Promise<void>
  /** Starts it again on the same homes. Use the page it answers: in the real Electron it is a new one. */
  start(): Promise<Page>
  /** Both; by default as by a power cut. */
  restart(how?: Ending): Promise<Page>
}

type Fixtures = HostOptions & {
  homes: Homes
  /** GATEHOUSE_HOME of the host. */
  home: string
  problems: Problems
  host: HostUnderTest
  /** The app on screen, whichever host runs it. */
  app: Page
}

/** What browsers say about a host that has gone. */
const unreachable =
  /ERR_CONNECTION_(REFUSED|RESET)|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE|WebSocket connection to .* failed/

type Running = { readonly host: HostUnderTest; page: Page }

/** One spec for all hosts: a page shows the app, and the test ends with nothing to complain about. */
export const test = base.extend<Fixtures & { running: Running }>({
  hostKind: ['serve', { option: true }],
  prepare: [{ homes: async () => {} }, { option: true }],

  homes: async ({ prepare }, provide) => {
    // Not below /tmp: every sandbox hides the machine's own, and with it a neighbour of the workspace.
    await mkdir(path.join(root, 'out/homes'), { recursive: true })
    const userHome = await mkdtemp(path.join(root, 'out/homes/e2e-'))
    const homes = { userHome, home: path.join(userHome, '.gatehouse') }
    await mkdir(homes.home, { mode: 0o700 })
    await prepare.homes(homes)
    await provide(homes)
    await rm(userHome, { recursive: true, force: true, maxRetries: 5 })
  },

  home: async ({ homes }, provide) => provide(homes.home),

  problems: async ({ context }, provide) => {
    const problems = new Problems()
    await problems.watch(context)
    await provide(problems)
    expect(problems.unexpected, 'what the page complained about').toEqual([])
  },

  running: async ({ hostKind, context, homes, problems }, provide, info) => {
    let blank: Promise<Page> | null = null
    const onePage = (): Promise<Page> => {
      blank ??= context.newPage()
      return blank
    }
    const inner = hostOf(hostKind, onePage, homes)
    const start = async (): Promise<Page> => {
      running.page = await inner.start()
      if (hostKind === 'electron') await problems.watch(running.page.context())
      return running.page
    }
    const end = async (how: Ending): Promise<void> => {
      problems.expect(unreachable)
      await inner.end(how)
    }
    const host: HostUnderTest = {
      kind: hostKind,
      menu: (labels) => inner.clickMenu(labels),
      desktop: inner.desktop,
      end,
      start,
      async restart(how = 'kill') {
        await end(how)
        return start()
      },
    }
    const running: Running = { host, page: undefined as unknown as Page }
    try {
      await start()
      await provide(running)
    } finally {
      if (info.status !== info.expectedStatus && inner.output() !== '')
        await info.attach('host output', { body: inner.output(), contentType: 'text/plain' })
      await running.page?.close().catch(() => {})
      await inner.end('quit')
    }
  },

  host: async ({ running }, provide) => provide(running.host),
  app: async ({ running }, provide) => provide(running.page),
})

export { expect } from '@playwright/test'
