import { readdirSync, readFileSync } from 'node:fs'
import { launcherInside } from './bwrap-argv.ts'
import { parentOf, signalAll } from './process-tree.ts'

/**
 * Kills what bubblewrap leaves behind when it is killed in the moment between making its namespaces and telling
 * the first process in them to go on: that one waits for ever, before it has set up anything or started any
 * command. It is told from a run that goes on by its parent, which is no bubblewrap any more.
 *
 * @returns how many there were
 */
export function endOrphans(): number {
  const orphans = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isFirstInside(pid) && !isBwrap(words(parentOf(pid))))
  signalAll(orphans, 'SIGKILL')
  return orphans.length
}

/** A bubblewrap of ours in a pid namespace of its own, and of our own user. */
function isFirstInside(pid: number): boolean {
  const line = words(pid)
  if (!isBwrap(line) || !line.join('\0').includes(`\0${launcherInside}\0--inside\0`)) return false
  const status = read(`/proc/${pid}/status`)
  const inside = /^NSpid:\t.*\t1$/m.test(status)
  return inside && Number(/^Uid:\t(\d+)\t/m.exec(status)?.[1]) === process.getuid?.()
}

const isBwrap = (line: readonly string[]): boolean => line[0]?.endsWith('/bwrap') ?? false

const words = (pid: number): string[] => read(`/proc/${pid}/cmdline`).split('\0')

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
