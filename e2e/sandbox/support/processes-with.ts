import { readdirSync, readFileSync } from 'node:fs'

type Running = { readonly pid: number; readonly line: string }

/** All processes of this machine. Arguments are parted by spaces; "" for one that just ended. */
const running = (): Running[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return {
          pid: Number(name),
          line: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '),
        }
      } catch {
        return { pid: Number(name), line: '' }
      }
    })

/** Their command lines. */
export const commandLines = (): string[] => running().map(({ line }) => line)

/** Those that contain `text`. */
export const processesWith = (text: string): string[] => commandLines().filter((line) => line.includes(text))

/** @param text long and of one's own, as the folder of a lab: whoever has it in his command line ends */
export function endProcessesWith(text: string): void {
  for (const { pid, line } of running()) {
    if (!line.includes(text)) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
}
