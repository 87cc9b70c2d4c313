import { type FSWatcher, watch } from 'node:fs'
import { opendir, realpath, stat } from 'node:fs/promises'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { globPattern } from '../policy/settings/glob-pattern.ts'
import type { SandboxRun } from './backend.ts'
import { pathAnswers } from './control/path-answers.ts'
import { isWithin, outermostFirst } from './paths.ts'

/** More folders than this are not watched; the supervisor's own look at opens is then the only one. */
const maxFolders = 4000

export type DeniedWatch = {
  /** Resolves when everything that could be watched is. */
  readonly ready: Promise<{ readonly complete: boolean }>
  stop(): void
}

/**
 * While a run with denied patterns is under way: closes what appears, is renamed or moved so that a pattern matches
 * it, by a mask of its own. It comes a moment after the file does; what holds in that moment is the supervisor, which
 * looks at every open of such a run (`hold: 'all'`).
 *
 * @param spec does nothing at all without `deniedGlobs`
 * @param onProblem a file that could not be closed, in words
 */
export function watchDenied(
  spec: Pick<SandboxSpec, 'deniedGlobs' | 'grantedReads'>,
  run: Pick<SandboxRun, 'mask' | 'exited'>,
  onProblem: (words: string) => void,
): DeniedWatch {
  const globs = (spec.deniedGlobs ?? []).map(({ folder, pattern }) => ({ folder, ...globPattern(pattern) }))
  const watchers = new Map<string, FSWatcher>()
  const masked = new Map<string, Promise<void>>()
  let stopped = globs.length === 0
  let complete = true

  const granted = spec.grantedReads ?? []
  /** A grant that names exactly what the pattern names is stronger, also for what is below it. */
  const denies = (path: string): boolean =>
    globs.some(({ folder, matches }) => {
      const names = (one: string) => one !== folder && isWithin(one, folder) && matches(relative(one, folder))
      return names(path) && !granted.some((open) => isWithin(path, open) && names(open))
    })

  const mayHold = (path: string): boolean =>
    globs.some(({ folder, reaches }) =>
      path === folder
        ? reaches('')
        : isWithin(path, folder)
          ? reaches(relative(path, folder))
          : isWithin(folder, path),
    )

  function close(path: string): Promise<void> {
    const known = masked.get(path)
    if (known) return known
    const closing = run.mask(path).then((why) => {
      if (why === null) return
      // Gone again before it could be closed: if it comes back it is looked at anew. Of a run that ended nobody is left
      // to read it.
      masked.delete(path)
      if (!stopped && why !== pathAnswers.notThere && why !== pathAnswers.runIsOver)
        onProblem(`${path} matches a denied pattern and could not be closed: ${why}`)
    })
    masked.set(path, closing)
    return closing
  }

  /** Looks at one path: closes it when it is denied, watches it when it is a folder. */
  async function visit(path: string): Promise<void> {
    if (stopped) return
    const stats = await stat(path).catch(() => null)
    if (stats === null) {
      masked.delete(path)
      return
    }
    // A mask covers what a link leads to, under the name it has there.
    const real = await realpath(path).catch(() => null)
    if (denies(path)) return close(real ?? path)
    if (stats.isDirectory() && real === path && mayHold(path)) await follow(path)
  }

  async function follow(folder: string): Promise<void> {
    if (stopped || watchers.has(folder)) return
    if (watchers.size >= maxFolders) {
      complete = false
      return
    }
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name !== null) void visit(join(folder, name))
      })
      watcher.on('error', () => forget(folder))
      watchers.set(folder, watcher)
    } catch {
      complete = false
      return
    }
    const entries = await opendir(folder).catch(() => null)
    if (entries) for await (const entry of entries) await visit(join(folder, entry.name))
  }

  function forget(folder: string): void {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }

  function stop(): void {
    stopped = true
    for (const watcher of watchers.values()) watcher.close()
    watchers.clear()
  }

  const start = async (): Promise<{ complete: boolean }> => {
    for (const folder of outermostFirst(globs.map((glob) => glob.folder))) await follow(folder)
    return { complete }
  }
  const ready = stopped ? Promise.resolve({ complete }) : start()
  void run.exited.finally(stop)
  return { ready, stop }
}

const join = (folder: string, name: string): string => `${folder === '/' ? '' : folder}/${name}`
const relative = (path: string, folder: string): string => path.slice(folder === '/' ? 1 : folder.length + 1)
