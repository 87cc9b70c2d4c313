import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Unsubscribe } from '../../protocol/endpoint.ts'

/** Where the link to the host stands. `refused`: the host answers but does not accept this window. */
export type LinkStatus =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  | { readonly state: 'lost'; readonly sinceMs: number; readonly nextTryAtMs: number | null }
  | { readonly state: 'refused'; readonly why: string }

/** What a carrier tells about itself, besides the client it carries. */
export type Link = {
  onStatus(listener: (status: LinkStatus) => void): Unsubscribe
  /** Tries at once instead of at `nextTryAtMs`. */
  retry(): void
}

export type ConnectionStore = {
  readonly store: StoreApi<LinkStatus>
  retry(): void
}

export function createConnection(link: Link): ConnectionStore {
  const store = createStore<LinkStatus>()(() => ({ state: 'connecting' }))
  link.onStatus((status) => store.setState(status, true))
  return { store, retry: () => link.retry() }
}
