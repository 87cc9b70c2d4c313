import { readdirSync, readFileSync } from 'node:fs'
import type { Clock } from '../platform/clock.ts'

type Process = { readonly pid: number; readonly parent: number; readonly session: number }

/** All processes of this machine that can be seen. */
function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(Number(name))
      return stat ? [{ pid: Number(name), parent: Number(stat[1]), session: Number(stat[3]) }] : []
    })
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
  const state = statOf(pid)?.[0]
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** When a process started, in ticks since boot; '' when there is none. Tells a reused pid apart. */
export const startOf = (pid: number): string => statOf(pid)?.[19] ?? ''

/** The process that `pid` is a child of; 0 when it cannot be told. */
export const parentOf = (pid: number): number => Number(statOf(pid)?.[1] ?? 0)

/** Fields of /proc/PID/stat from the state on: state, parent, group, session, … */
function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets is the program's own claim and may hold spaces and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    // Ended, or never there.
    return null
  }
}

const lookMs = 10

/** Waits until none of them runs any more, or the time is over. */
export async function gone(pids: readonly number[], withinMs: number, clock: Clock): Promise<void> {
  for (let waited = 0; waited < withinMs && pids.some(isRunning); waited += lookMs) {
    await new Promise<void>((resolve) => clock.after(lookMs, resolve))
  }
}
