import { portPath } from './sim-protocol.ts'

/**
 * What Electron does around a page before its own scripts run: gives the preload script its `require`, and
 * takes ports out of the page. Runs in every document of the browser; self-contained, as it is sent as text.
 */
function aroundPreload(portAt: string, runPreload: (require: (name: string) => unknown) => void): void {
  // Electron runs the preload in the top frame only.
  if (window.parent !== window || location.protocol === 'about:') return

  const freeze = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) freeze(inner)
      Object.freeze(value)
    }
    return value
  }
  // Electron adds a `close` event to MessagePort, which Chromium does not have: an end tells the other one by
  // a last message of its own.
  const closing = `closed ${crypto.randomUUID()}`
  window.MessageChannel = class extends MessageChannel {
    constructor() {
      super()
      for (const port of [this.port1, this.port2]) {
        port.addEventListener('message', (event) => {
          if (event.data !== closing) return
          event.stopImmediatePropagation()
          port.dispatchEvent(new Event('close'))
        })
        const close = port.close.bind(port)
        port.close = () => {
          port.postMessage(closing)
          close()
        }
      }
    }
  }

  /** Ports that left the page, so that they are not collected while they work. */
  const away = new Set<MessagePort>()

  const carry = (port: MessagePort): void => {
    const socket = new WebSocket(`ws://${location.host}${portAt}`)
    socket.binaryType = 'arraybuffer'
    let waiting: (string | Uint8Array<ArrayBuffer>)[] | null = []
    away.add(port)
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data === closing) return socket.close()
      const frame =
        data instanceof Uint8Array
          ? (data as Uint8Array<ArrayBuffer>)
          : typeof data === 'string'
            ? `s${data}`
            : `o${JSON.stringify(data)}`
      if (waiting) waiting.push(frame)
      else if (socket.readyState === WebSocket.OPEN) socket.send(frame)
    }
    socket.onopen = () => {
      for (const frame of waiting ?? []) socket.send(frame)
      waiting = null
    }
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data !== 'string') port.postMessage(new Uint8Array(data))
      else port.postMessage(data.startsWith('s') ? data.slice(1) : JSON.parse(data.slice(1)))
    }
    socket.onclose = () => {
      port.postMessage(closing)
      port.close()
      away.delete(port)
    }
  }

  const electron = {
    contextBridge: {
      exposeInMainWorld: (key: string, value: unknown) =>
        Object.defineProperty(window, key, { value: freeze(structuredClone(value)) }),
    },
    ipcRenderer: {
      postMessage(channel: string, _message: unknown, [port, ...more]: readonly MessagePort[]) {
        if (channel !== 'gatehouse:connect' || !port || more.length > 0)
          throw new Error(`The preload sent something else: ${channel}`)
        carry(port)
      },
    },
  }
  runPreload((name) => {
    if (name === 'electron') return electron
    throw new Error(`A sandboxed preload cannot require “${name}”`)
  })
}

/** @param preload text of the built out/preload/index.cjs */
export const initScript = (preload: string): string =>
  `(${aroundPreload.toString()})(${JSON.stringify(portPath)}, (require) => {
    const module = { exports: {} }, exports = module.exports
    ${preload}
  })`
