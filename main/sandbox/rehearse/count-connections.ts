import { closeSync, openSync, readlinkSync, readSync } from 'node:fs'
import type { Clock } from '../../platform/clock.ts'
import { treeOf } from '../process-tree.ts'

/** How often to look for the run's own network, in milliseconds, and how many times. */
const lookMs = 3
const maxLooks = 2000

/**
 * Counts the connections of a run that found no way out of its empty network. The kernel counts them per network
 * (`OutNoRoutes`); the open file keeps that network's numbers readable until after the run's end.
 *
 * @returns `read`: the count so far; null when the network was not found before the run was over
 */
export function countConnections(pid: number, clock: Clock): { read(): number | null; close(): void } {
  let files: number[] = []
  let looks = 0
  let cancel = () => {}

  function look(): void {
    const inside = treeOf(pid).find(hasOtherNetwork)
    if (inside !== undefined) {
      files = ['snmp', 'snmp6'].flatMap((name) => openIfThere(`/proc/${inside}/net/${name}`))
      // Between the look and the opening it may have ended, and its number may be somebody else's.
      if (files.length === 2 && hasOtherNetwork(inside)) return
      closeAll()
    }
    looks += 1
    if (looks < maxLooks) cancel = clock.after(lookMs, look)
  }
  function closeAll(): void {
    for (const file of files) closeSync(file)
    files = []
  }
  look()

  return {
    read() {
      const [four, six] = files.map(textOf)
      return four === undefined || six === undefined ? null : noRoutesIn(four) + noRoutes6In(six)
    },
    close() {
      cancel()
      closeAll()
    },
  }
}

const networkOf = (pid: number | 'self'): string | null => {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return null
  }
}

function hasOtherNetwork(pid: number): boolean {
  const [own, other] = [networkOf('self'), networkOf(pid)]
  return own !== null && other !== null && own !== other
}

function openIfThere(path: string): number[] {
  try {
    return [openSync(path, 'r')]
  } catch {
    return []
  }
}

function textOf(file: number): string {
  const buffer = Buffer.alloc(64 * 1024)
  return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0))
}

/** From the text of /proc/PID/net/snmp: a line of names, then a line of numbers, for each protocol. */
export function noRoutesIn(text: string): number {
  const [names, numbers] = text.split('\n').filter((line) => line.startsWith('Ip: '))
  const at = names?.split(' ').indexOf('OutNoRoutes') ?? -1
  return at < 0 ? 0 : Number(numbers?.split(' ')[at]) || 0
}

/** From the text of /proc/PID/net/snmp6: one name and number a line. */
export const noRoutes6In = (text: string): number => Number(/^Ip6OutNoRoutes\s+(\d+)$/m.exec(text)?.[1] ?? 0)
