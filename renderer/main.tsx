import './zod-setup.ts'
import '@fontsource-variable/atkinson-hyperlegible-next'
import '@fontsource-variable/atkinson-hyperlegible-mono'
import '@fontsource-variable/source-serif-4'
import './styles/tokens.css'
import './styles/base.css'
import './styles/ui.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import type { Connected } from './client/link.ts'
import { connectSocket, takeToken } from './client/socket-client.ts'
import { connectWindow } from './client/window-client.ts'
import { createStores, StoresProvider } from './state/context.tsx'
import { ErrorState } from './ui/states.tsx'

document.documentElement.dataset['theme'] = matchMedia('(prefers-color-scheme: dark)').matches
  ? 'night'
  : 'day'

/** The desktop's bridge, a host over a socket, or made-up data on request. null: the address lacks its key. */
async function connect(): Promise<Connected | null> {
  if ('gatehouse' in window) return connectWindow()
  if (new URLSearchParams(location.search).has('catalogue')) {
    const { connectCatalogue } = await import('./catalogue/connect-catalogue.ts')
    return connectCatalogue()
  }
  const token = takeToken()
  return token === null ? null : connectSocket(token)
}

async function start(): Promise<void> {
  const place = document.getElementById('root')
  if (!place) throw new Error('The page has no element with the id "root".')
  const root = createRoot(place)
  const connected = await connect()
  if (!connected) {
    root.render(
      <ErrorState
        title="This address lacks its key."
        fix="Open the whole address that Gatehouse printed when it started; the part after # is the key."
      />,
    )
    return
  }
  const stores = createStores(connected.client, connected.link)
  stores.start()
  root.render(
    <StrictMode>
      <StoresProvider stores={stores}>
        <App />
      </StoresProvider>
    </StrictMode>,
  )
}

void start()
