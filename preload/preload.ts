import { contextBridge, ipcRenderer } from 'electron'

const connect = 'gatehouse:connect'

// The page makes a MessageChannel and hands one end over; nothing else crosses the bridge. Ports cannot
// pass through contextBridge, hence the message.
contextBridge.exposeInMainWorld('gatehouse', { kind: 'desktop' })

// A page whose connection was closed may connect again; the host keeps only the newest one.
if (window.parent === window) {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.source !== window || event.origin !== location.origin || event.data !== connect) return
    const port = event.ports[0]
    if (port) ipcRenderer.postMessage(connect, null, [port])
  })
}
