import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import type { HostClient } from '../../protocol/contract.ts'
import type { ApprovalId, ItemId, SessionId } from '../../protocol/ids.ts'
import type { Item, SessionSummary } from '../../protocol/sessions.ts'
import type { DiffScope } from '../../protocol/workspace.ts'
import { type Announcements, createAnnouncements } from './announcements.ts'
import { type AppState, type AppStore, createApp } from './app.ts'
import { followCommands } from './commands.ts'
import { type ConnectionStore, createConnection, type Link, type LinkStatus } from './connection.ts'
import { createDiff, type DiffStore } from './diff.ts'
import { createInbox, type InboxRow, type InboxStore, type InboxStoreState } from './inbox.ts'
import { createPolicy, type PolicyState, type PolicyStore } from './policy.ts'
import { createPreferences, type PreferencesStore } from './preferences.ts'
import { createOpenSession, type OpenSessionState, type OpenSessionStore } from './session.ts'
import { createSessions, type SessionsState, type SessionsStore } from './sessions.ts'

export type Stores = {
  readonly client: HostClient
  readonly app: AppStore
  readonly inbox: InboxStore
  readonly sessions: SessionsStore
  readonly preferences: PreferencesStore
  readonly policy: PolicyStore
  readonly connection: ConnectionStore
  readonly announcements: Announcements
  /** Subscribes to everything every page needs. */
  start(): () => void
}

export function createStores(client: HostClient, link: Link): Stores {
  const app = createApp(client)
  const inbox = createInbox(client)
  const sessions = createSessions(client)
  const preferences = createPreferences(client)
  const policy = createPolicy(client)
  return {
    client,
    app,
    inbox,
    sessions,
    preferences,
    policy,
    connection: createConnection(link),
    announcements: createAnnouncements(),
    start() {
      const stops = [
        inbox.start(),
        sessions.start(),
        preferences.start(),
        policy.start(),
        followCommands(client, app),
      ]
      void app.loadInfo()
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

const StoresContext = createContext<Stores | null>(null)

export function StoresProvider({ stores, children }: { stores: Stores; children: ReactNode }) {
  return <StoresContext value={stores}>{children}</StoresContext>
}

export function useStores(): Stores {
  const stores = useContext(StoresContext)
  if (!stores) throw new Error('There is no StoresProvider above this component.')
  return stores
}

/** Selectors must answer something stable: a part of the state, not a fresh list. */
export const useApp = <T,>(select: (state: AppState) => T): T => useStore(useStores().app.store, select)
export const useInbox = <T,>(select: (state: InboxStoreState) => T): T =>
  useStore(useStores().inbox.store, select)
export const useInboxRow = (id: ApprovalId | null): InboxRow | null =>
  useInbox((state) => (id === null ? null : (state.rows.get(id) ?? null)))
export const useSessions = <T,>(select: (state: SessionsState) => T): T =>
  useStore(useStores().sessions.store, select)
export const useSessionSummary = (id: SessionId | null): SessionSummary | null =>
  useSessions((state) => (id === null ? null : (state.byId.get(id) ?? null)))
export const usePolicy = <T,>(select: (state: PolicyState) => T): T =>
  useStore(useStores().policy.store, select)
export const useConnection = (): LinkStatus => useStore(useStores().connection.store)
export const usePreferences = () => useStore(useStores().preferences.store, (state) => state.values)

/** One open session; subscribed as long as the component is on screen. */
export function useOpenSession(id: SessionId): OpenSessionStore {
  const { client } = useStores()
  const session = useMemo(() => createOpenSession(client, id), [client, id])
  useEffect(() => session.start(), [session])
  return session
}
export const useSessionState = <T,>(session: OpenSessionStore, select: (state: OpenSessionState) => T): T =>
  useStore(session.store, select)
/** One item; redraws only when that item changes. */
export const useItem = (session: OpenSessionStore, id: ItemId): Item | null =>
  useStore(session.store, (state) => state.items.get(id) ?? null)

/** The live diff; subscribed as long as the component is on screen. */
export function useDiff(sessionId: SessionId, scope: DiffScope): DiffStore {
  const { client } = useStores()
  const diff = useMemo(() => createDiff(client, sessionId, scope), [client, sessionId, scope])
  useEffect(() => diff.start(), [diff])
  return diff
}
