import { contextBridge, ipcRenderer } from 'electron'

const connect = 'gatehouse:connect'

// The page makes a MessageChannel and hands one end over; nothing else crosses the bridge. Ports cannot
// pass through contextBridge, hence the message.
contextBridge.exposeInMainWorld('gatehouse', { kind: 'desktop' })

if (window.parent === window) {
  const forward = (event: MessageEvent<unknown>): void => {
    if (event.source !== window || event.origin !== location.origin || event.data !== connect) return
    const port = event.ports[0]
    if (!port) return
    window.removeEventListener('message', forward)
    ipcRenderer.postMessage(connect, null, [port])
  }
  window.addEventListener('message', forward)
}
