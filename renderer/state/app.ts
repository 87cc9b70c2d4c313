import { createStore, type StoreApi } from 'zustand/vanilla'
import type { HostInfo } from '../../protocol/app.ts'
import type { HostClient } from '../../protocol/contract.ts'
import type { HostProblem } from '../../protocol/endpoint.ts'
import type { SessionId } from '../../protocol/ids.ts'
import type { Preset } from '../../protocol/settings.ts'
import { problemOf } from './result.ts'

/** Which page is shown. Kept here and not in the address, so that a reload or a link cannot steer it. */
export type Route =
  | { readonly page: 'inbox' }
  | { readonly page: 'sessions' }
  | { readonly page: 'session'; readonly id: SessionId }
  | { readonly page: 'rules'; readonly start: RulesStart }
  | { readonly page: 'settings' }
  | { readonly page: 'start'; readonly folder: string | null }

/** What the Rules page begins with: a rule by its place, an empty rule, the tester, or nothing in particular. */
export type RulesStart =
  | null
  | { readonly at: 'place'; readonly file: string; readonly line: number }
  | { readonly at: 'new' }
  | { readonly at: 'tester' }

/** What lies over the page. Only ever opened by the person. */
export type Overlay =
  | { readonly kind: 'palette' }
  | { readonly kind: 'keys' }
  | { readonly kind: 'preset'; readonly sessionId: SessionId; readonly choice: Preset | null }
  | { readonly kind: 'abilities'; readonly sessionId: SessionId }
  | { readonly kind: 'sandbox'; readonly sessionId: SessionId }

export type AppState = {
  readonly info: HostInfo | null
  readonly infoProblem: HostProblem | null
  readonly route: Route
  readonly overlay: Overlay | null
  /** The session that preset switcher, menu and tray speak of. */
  readonly scopeId: SessionId | null
}

export type AppStore = {
  readonly store: StoreApi<AppState>
  loadInfo(): Promise<void>
  go(route: Route): void
  open(overlay: Overlay): void
  close(): void
  /** Tells the host which session this window is about. */
  setScope(id: SessionId | null): void
}

export function createApp(client: HostClient): AppStore {
  const store = createStore<AppState>()(() => ({
    info: null,
    infoProblem: null,
    route: { page: 'inbox' },
    overlay: null,
    scopeId: null,
  }))

  const app: AppStore = {
    store,
    async loadInfo() {
      try {
        store.setState({ info: await client.call('app/info', {}), infoProblem: null })
      } catch (thrown) {
        store.setState({ infoProblem: problemOf(thrown) })
      }
    },
    go(route) {
      store.setState({ route, overlay: null })
      if (route.page === 'session') app.setScope(route.id)
    },
    open: (overlay) => store.setState({ overlay }),
    close: () => store.setState({ overlay: null }),
    setScope(id) {
      if (store.getState().scopeId === id) return
      store.setState({ scopeId: id })
      // Only menu and tray use it; the next change tells them again.
      client.call('app/focus', { sessionId: id }).catch(() => {})
    },
  }
  return app
}
