import type { ElectronApi } from './electron-api.ts'
import { appOrigin, appUrl } from './origin.ts'

/** Must run before `ready`: every page of every window, also ones opened by mistake. */
export function hardenContents(e: Pick<ElectronApi, 'app'>): void {
  // prevents: a renderer without the operating system's sandbox, whatever a window's options say
  e.app.enableSandbox()

  e.app.on('web-contents-created', (_event, contents) => {
    // prevents: pop-up windows; links leave through app/openLink, which the host checks and logs
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))

    // prevents: the window showing anything but the app, for example after a file was dropped on it
    contents.on('will-navigate', (event) => {
      if (!isAppPage(event.url)) event.preventDefault()
    })
    // prevents: the same inside a frame; the app has no frames, so none may go anywhere
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || !isAppPage(event.url)) event.preventDefault()
    })
    // prevents: an allowed address answering with another one
    contents.on('will-redirect', (event) => event.preventDefault())
    // prevents: <webview>, a page with rights of its own
    contents.on('will-attach-webview', (event) => event.preventDefault())
  })
}

/** Runs once Electron is ready, before the first window. */
export function hardenSession(e: Pick<ElectronApi, 'session'>): void {
  const session = e.session.defaultSession

  // prevents: camera, microphone, location, notifications, MIDI, opening other programs, … for any page
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(mayHave(permission, details.requestingUrl)),
  )
  // prevents: the same rights being found as already given
  session.setPermissionCheckHandler((_contents, permission, origin) => mayHave(permission, origin))
  // prevents: USB, serial and HID devices
  session.setDevicePermissionHandler(() => false)
  // prevents: pairing with a Bluetooth device; an empty answer cancels
  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }))
  // prevents: recording the screen
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null))
  // prevents: downloads of dictionaries, and typed text leaving for a spelling service
  session.setSpellCheckerEnabled(false)
  // prevents: files written to disk by a page
  session.on('will-download', (event) => event.preventDefault())
  // prevents: any request to the network, should the content policy ever have a hole
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isLocalRequest(details.url) }))
}

/**
 * Copying is the one right the page has: it can put text it shows on the clipboard after a key or click.
 * It can never read the clipboard.
 */
function mayHave(permission: string, asker: string): boolean {
  return permission === 'clipboard-sanitized-write' && (asker === appOrigin || isAppPage(asker))
}

const isAppPage = (url: string): boolean => url.startsWith(appUrl)

/** The app's own files and inline images; `devtools:` only exists in development builds. */
const isLocalRequest = (url: string): boolean => /^(app:\/\/main\/|data:image\/|devtools:)/.test(url)
