/**
 * Takes the place of the module `electron` in the simulated desktop, see sim-main.ts. Its exports are what
 * main/shell/main.ts imports.
 */
import { readFileSync } from 'node:fs'
import { createFakeElectron } from '../../main/testing/fake-electron.ts'
import type { FakeWindow } from '../../main/testing/fake-window.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const ready = Promise.withResolvers<void>()
let onWindow: (event: 'closed' | 'load', window: FakeWindow) => void = () => {}

export const desktop = createFakeElectron({
  packaged: false,
  version,
  ready: ready.promise,
  onWindow: (event, window) => onWindow(event, window),
})
export const becomeReady = (): void => ready.resolve()
export const followWindows = (listener: typeof onWindow): void => void (onWindow = listener)

export const {
  app,
  BrowserWindow,
  dialog,
  Menu,
  nativeImage,
  nativeTheme,
  powerMonitor,
  Notification,
  protocol,
  safeStorage,
  session,
  shell,
  Tray,
} = desktop.api
