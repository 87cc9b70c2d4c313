import type { Connected } from '../client/link.ts'
import { createFixtureHost, type FixtureHost } from './fixture-host.ts'

declare global {
  interface Window {
    /** Lets tests and people in the console make fixtures happen. Exists on the catalogue page only. */
    catalogue?: FixtureHost
  }
}

/** `?catalogue` fills every screen, `?catalogue=empty` none. */
export function connectCatalogue(): Connected {
  const empty = new URLSearchParams(location.search).get('catalogue') === 'empty'
  const host = createFixtureHost(
    empty ? { requests: [], sessions: [], rules: { rows: [], problems: [], files: [] } } : {},
  )
  window.catalogue = host
  return {
    client: host.client,
    link: {
      onStatus(listener) {
        listener({ state: 'open' })
        return () => {}
      },
      retry: () => {},
    },
  }
}
