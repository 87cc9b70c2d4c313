import { readdirSync, readFileSync } from 'node:fs'

/** Command lines of all processes of this machine, arguments parted by spaces; "" for one that just ended. */
export const commandLines = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })

/** Those that contain `text`. */
export const processesWith = (text: string): string[] => commandLines().filter((line) => line.includes(text))
