/**
 * All the shell uses of Electron. Only main.ts imports the real values; tests and the simulated desktop
 * hand in a fake with the same types, so what the fake lacks is a compile error.
 */
export type ElectronApi = Pick<
  typeof import('electron'),
  | 'app'
  | 'BrowserWindow'
  | 'dialog'
  | 'Menu'
  | 'nativeImage'
  | 'nativeTheme'
  | 'Notification'
  | 'powerMonitor'
  | 'protocol'
  | 'safeStorage'
  | 'session'
  | 'shell'
  | 'Tray'
>
