import { readdirSync, readFileSync } from 'node:fs'

/** The arguments of a living process; "" when there is none of this number. */
export function commandLine(pid: number): string {
  try {
    const dead = /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return dead ? '' : readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** The pid of every living process with `text` in its arguments. */
export const processesWith = (text: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandLine(pid).includes(text))
