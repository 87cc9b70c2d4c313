import { mkdir, open, readFile, rm } from 'node:fs/promises'
import path from 'node:path'

/** Thrown when another host already works on this home. */
export class HomeInUse extends Error {
  override readonly name = 'HomeInUse'
  constructor(home: string, pid: number) {
    super(`Gatehouse already runs on ${home} (process ${pid}). Use its window, or stop it first.`)
  }
}

/** Start time of a process in clock ticks, so that a reused pid is not taken for the old one. Linux only. */
async function startTime(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

async function isAlive(pid: number, started: string | null): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return started === null || (await startTime(pid)) === started
}

/**
 * Makes sure that one host works on one home: two would write into the same logs. The lock of a host that
 * was killed is taken over.
 *
 * @throws HomeInUse
 */
export async function lockHome(home: string): Promise<{ release(): Promise<void> }> {
  const state = path.join(home, 'state')
  await mkdir(state, { recursive: true, mode: 0o700 })
  const file = path.join(state, 'host.lock')
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = await open(file, 'wx', 0o600)
      await handle.writeFile(JSON.stringify({ pid: process.pid, started: await startTime(process.pid) }))
      await handle.close()
      return { release: () => rm(file, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw error
      const held = await readFile(file, 'utf8')
        .then(
          (text) => JSON.parse(text) as { pid?: unknown; started?: unknown },
          () => ({}) as { pid?: unknown; started?: unknown },
        )
        .catch(() => ({}) as { pid?: unknown; started?: unknown })
      const started = typeof held.started === 'string' ? held.started : null
      if (typeof held.pid === 'number' && held.pid !== process.pid && (await isAlive(held.pid, started)))
        throw new HomeInUse(home, held.pid)
      await rm(file, { force: true })
    }
  }
}
