import type { Command } from '../../protocol/app.ts'
import type { SessionId } from '../../protocol/ids.ts'
import { type Preset, type PresetDef, presetOf, presets, roomOf } from '../../protocol/settings.ts'
import type { MenuState } from '../host/host.ts'
import { menuText } from './tray.ts'

export type MenuActions = {
  openFolder(): void
  /** Shows the window and passes the command on. */
  open(command: Command): void
  /** At once and without a window: gives less room, or the same. */
  narrow(id: SessionId, preset: Preset): void
  pauseAll(): void
  /** Electron marks a radio entry by itself when it is clicked; this puts back what is in force. */
  redraw(): void
}

export type MenuPlace = { readonly platform: NodeJS.Platform; readonly development: boolean }

type Items = Electron.MenuItemConstructorOptions[]

/** The application menu. Pure: the same state gives the same entries. */
export function menuTemplate(state: MenuState, place: MenuPlace, act: MenuActions): Items {
  const mac = place.platform === 'darwin'
  return [
    ...(mac ? [macApp(act)] : []),
    {
      label: '&File',
      submenu: [
        { label: 'Open folder…', accelerator: 'CmdOrCtrl+O', click: () => act.openFolder() },
        { type: 'separator' },
        { role: 'close' },
        ...(mac ? [] : ([{ type: 'separator' }, { role: 'quit', label: 'Quit' }] satisfies Items)),
      ],
    },
    {
      label: '&Edit',
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    { label: '&Session', submenu: session(state, act) },
    { label: '&View', submenu: view(place, act) },
    ...(mac ? ([{ role: 'windowMenu' }] satisfies Items) : []),
  ]
}

function macApp(act: MenuActions): Items[number] {
  return {
    role: 'appMenu',
    submenu: [
      { role: 'about' },
      { type: 'separator' },
      {
        label: 'Settings…',
        accelerator: 'Cmd+,',
        click: () => act.open({ type: 'show', page: 'settings' }),
      },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  }
}

function session({ focused, sessions }: MenuState, act: MenuActions): Items {
  return [
    { label: focused ? menuText(focused.title) : 'No session in front', enabled: false },
    ...presets.map((preset): Items[number] => ({
      id: `preset-${preset.id}`,
      // Three dots: a screen comes first.
      label: preset.id === 'full-access' ? `${preset.name}…` : preset.name,
      type: 'radio',
      checked: focused?.preset === preset.id,
      enabled: focused !== null,
      click: () => {
        if (focused) choose(focused, preset, act)
      },
    })),
    { type: 'separator' },
    {
      label: 'Pause all',
      accelerator: 'CmdOrCtrl+Shift+P',
      enabled: sessions.length > 0,
      click: () => act.pauseAll(),
    },
  ]
}

/** Less room is given at once; more room only from the screen that says what it means. */
function choose(focused: NonNullable<MenuState['focused']>, preset: PresetDef, act: MenuActions): void {
  if (focused.preset !== preset.id) {
    if (isNarrower(preset, focused.preset)) act.narrow(focused.id, preset.id)
    else act.open({ type: 'choosePreset', id: focused.id, preset: preset.id })
  }
  act.redraw()
}

/** Without a preset in force the session's room is unknown here, and only the least is certain to be less. */
function isNarrower(to: PresetDef, from: Preset | null): boolean {
  if (from === null) return roomOf(to.sandboxMode) === 0
  return roomOf(to.sandboxMode) < roomOf(presetOf(from).sandboxMode)
}

function view({ development }: MenuPlace, act: MenuActions): Items {
  return [
    {
      label: 'Inbox',
      accelerator: 'CmdOrCtrl+1',
      click: () => act.open({ type: 'show', page: 'inbox' }),
    },
    {
      label: 'Sessions',
      accelerator: 'CmdOrCtrl+2',
      click: () => act.open({ type: 'show', page: 'sessions' }),
    },
    {
      label: 'Rules',
      accelerator: 'CmdOrCtrl+3',
      click: () => act.open({ type: 'show', page: 'rules' }),
    },
    {
      label: 'Settings',
      accelerator: 'CmdOrCtrl+4',
      click: () => act.open({ type: 'show', page: 'settings' }),
    },
    { type: 'separator' },
    { label: 'Commands…', accelerator: 'CmdOrCtrl+K', click: () => act.open({ type: 'palette' }) },
    { type: 'separator' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'resetZoom' },
    { role: 'togglefullscreen' },
    // Reloading is harmless, but a person who meets it by accident loses drafts.
    ...(development
      ? ([{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }] satisfies Items)
      : []),
  ]
}
