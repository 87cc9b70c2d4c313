import type { ITheme } from '@xterm/xterm'

/** Sixteen colours for programs; xterm lifts them to 4.5:1 against the background where they fall short. */
const day = {
  black: '#14201f',
  red: '#a80f36',
  green: '#1b6340',
  yellow: '#7f4a00',
  blue: '#20629f',
  magenta: '#7a3b5e',
  cyan: '#0b5a68',
  white: '#54625f',
}
const night = {
  black: '#708085',
  red: '#ff93a6',
  green: '#82cfa3',
  yellow: '#f2b95e',
  blue: '#7db9ff',
  magenta: '#e0a3c4',
  cyan: '#74d3dd',
  white: '#e7edeb',
}

const bright = (colours: typeof day) => ({
  brightBlack: colours.white,
  brightRed: colours.red,
  brightGreen: colours.green,
  brightYellow: colours.yellow,
  brightBlue: colours.blue,
  brightMagenta: colours.magenta,
  brightCyan: colours.cyan,
  brightWhite: colours.black,
})

/** The terminal's colours from the tokens in force on `root`. Read again when the theme changes. */
export function terminalTheme(root: HTMLElement): ITheme {
  const style = getComputedStyle(root)
  const token = (name: string): string => style.getPropertyValue(name).trim()
  const colours = root.dataset['theme'] === 'night' ? night : day
  return {
    ...colours,
    ...bright(colours),
    background: token('--surface'),
    foreground: token('--ink-1'),
    cursor: token('--ink-1'),
    cursorAccent: token('--surface'),
    selectionBackground: token('--selected'),
    selectionForeground: token('--ink-1'),
  }
}
