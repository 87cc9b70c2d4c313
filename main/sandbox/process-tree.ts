import { readdirSync, readFileSync } from 'node:fs'
import type { Clock } from '../platform/clock.ts'

type Process = { readonly pid: number; readonly parent: number; readonly session: number }

/** All processes of this machine that can be seen. */
function processes(): Process[] {
  const found: Process[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The name in brackets is the program's own claim and may hold spaces and brackets.
      const [, parent, , session] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number)
      found.push({ pid: Number(name), parent: parent ?? 0, session: session ?? 0 })
    } catch {
      // Ended while we looked.
    }
  }
  return found
}

/** `pid`, all it started as far as parents tell, and everything of its session. Parents first. */
export function treeOf(pid: number): readonly number[] {
  const all = processes()
  const tree = [pid]
  for (const at of tree) {
    tree.push(...all.filter(({ parent }) => parent === at).map((p) => p.pid))
  }
  return [...new Set([...tree, ...all.filter(({ session }) => session === pid).map((p) => p.pid)])]
}

/** Sends a signal; whoever is gone already is what we wanted. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause
    }
  }
}

/** Still executing: a zombie only waits for its parent to look. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

/** How long programs have to end by themselves, and how long the kernel has to end them, in milliseconds. */
const graceMs = 300
const killMs = 5000
const lookMs = 10

/**
 * Ends a run and all it started. Asks first (SIGTERM), then kills. Inside a boundary the second process is the
 * reaper of a pid namespace: when that is killed, the kernel ends everybody in it, whatever sessions they
 * made. Without a boundary a process that cut its ties before (setsid after its parent ended) is not found.
 */
export async function endTree(pid: number, bounded: boolean, clock: Clock): Promise<void> {
  const asked = treeOf(pid)
  signalAll(bounded ? asked.slice(2) : asked, 'SIGTERM')
  await gone(asked, graceMs, clock)
  const rest = new Set(asked)
  for (const at of treeOf(pid)) rest.add(at)
  const left = [...rest].filter(isRunning)
  // Children before the outermost, so that each is told directly and none is only assumed to follow.
  signalAll(left.toReversed(), 'SIGKILL')
  await gone(left, killMs, clock)
}

async function gone(pids: readonly number[], withinMs: number, clock: Clock): Promise<void> {
  for (let waited = 0; waited < withinMs && pids.some(isRunning); waited += lookMs) {
    await new Promise<void>((resolve) => clock.after(lookMs, resolve))
  }
}
