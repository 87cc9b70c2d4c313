import { relative } from 'node:path'
import watcher from '@parcel/watcher'
import type { BytePath } from './byte-path.ts'
import { bytePath } from './byte-path.ts'

/** What a watcher tells: names of what changed, or that it lost count and everything has to be looked at. */
export type FolderEvents = {
  changed(paths: readonly BytePath[]): void
  lostCount(): void
}

export type FolderWatch = {
  /** `polling` when the system cannot watch this folder, with the reason. */
  readonly kind: 'events' | 'polling'
  readonly why: string | null
  stop(): Promise<void>
}

/**
 * Watches a folder; when that is not possible here, asks for a look at everything in short steps.
 *
 * @param ignored  folders below which nothing counts, relative
 * @param pollMs   how often to ask; the next step waits for the look before it
 */
export async function watchFolder(
  folder: string,
  ignored: readonly string[],
  events: FolderEvents,
  pollMs = 500,
  subscribe: typeof watcher.subscribe = watcher.subscribe,
): Promise<FolderWatch> {
  let stopped = false
  try {
    const subscription = await subscribe(
      folder,
      (error, found) => {
        if (stopped) return
        if (error) events.lostCount()
        else events.changed(found.map((event) => inFolder(folder, event.path)))
      },
      { ignore: ['**/.git', '**/node_modules', ...ignored.map((path) => `${folder}/${path}`)] },
    )
    return {
      kind: 'events',
      why: null,
      async stop() {
        stopped = true
        await subscription.unsubscribe()
      },
    }
  } catch (error) {
    const timer = setInterval(() => events.lostCount(), pollMs)
    timer.unref()
    return {
      kind: 'polling',
      why: error instanceof Error ? error.message : String(error),
      async stop() {
        clearInterval(timer)
      },
    }
  }
}

/** A name that is not UTF-8 arrives damaged; then the folder it is in is looked at. */
function inFolder(folder: string, path: string): BytePath {
  let name = relative(folder, path)
  while (name.includes('\ufffd')) name = name.slice(0, Math.max(0, name.lastIndexOf('/')))
  return bytePath(name)
}
