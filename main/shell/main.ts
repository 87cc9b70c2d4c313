import { homedir } from 'node:os'
import path from 'node:path'
import {
  app,
  BrowserWindow,
  dialog,
  Menu,
  Notification,
  nativeImage,
  nativeTheme,
  powerMonitor,
  protocol,
  safeStorage,
  session,
  shell,
  Tray,
} from 'electron'
import { createHost } from '../host/create-host.ts'
import { startShell } from './start-shell.ts'

// Bundled to out/main/electron.js: two folders below the root of the repository or of app.asar.
const root = path.join(import.meta.dirname, '../..')

// Not awaited: Electron becomes ready only after this module was evaluated, and startShell waits for that.
startShell(
  {
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
  },
  {
    createHost,
    platform: process.platform,
    places: {
      home: path.resolve(process.env['GATEHOUSE_HOME'] || path.join(homedir(), '.gatehouse')),
      renderer: path.join(root, 'out/renderer'),
      preload: path.join(root, 'out/preload/index.cjs'),
      pictures: path.join(root, 'build-res/tray'),
      // An executable cannot be started from inside app.asar, so it is packed beside it.
      launcher: app.isPackaged
        ? path.join(process.resourcesPath, 'native-sandbox/launcher')
        : path.join(root, 'native-sandbox/out/launcher'),
    },
  },
).catch((problem: unknown) => {
  console.error('Gatehouse did not start:', problem)
  app.exit(1)
})
