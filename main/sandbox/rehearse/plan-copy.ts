import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SandboxSpec } from '../../../protocol/sandbox.ts'
import { isWithin, outermostFirst } from '../paths.ts'

/** What stands in for the real things while a command is rehearsed. */
export type CopyPlan = {
  /** An overlay each: writes below `root` land in `upper`. */
  readonly folders: readonly { readonly root: string; readonly upper: string; readonly work: string }[]
  /** Single files with a copy over each, where only the file may be written and not its folder. */
  readonly files: readonly { readonly path: string; readonly copy: string }[]
}

/**
 * Everything the spec lets a command write, each once. Pure but for looking whether a granted path is a folder.
 *
 * @param spec with `rehearsalDir`
 */
export function planCopy(spec: SandboxSpec): CopyPlan {
  const dir = spec.rehearsalDir
  if (dir === undefined || spec.boundary !== 'bounded') return { folders: [], files: [] }
  const granted = spec.grantedPaths.map((path) => ({ path, isFolder: statSync(path).isDirectory() }))
  const roots = outermostFirst([
    ...spec.writableRoots,
    ...granted.filter(({ isFolder }) => isFolder).map(({ path }) => path),
  ])
  const outer = roots.filter((path) => !roots.some((other) => other !== path && isWithin(path, other)))
  const single = outermostFirst(granted.filter(({ isFolder }) => !isFolder).map(({ path }) => path))
  return {
    folders: outer.map((root, at) => ({ root, upper: `${dir}/${at}/upper`, work: `${dir}/${at}/work` })),
    files: single
      .filter((path) => !outer.some((root) => isWithin(path, root)))
      .map((path, at) => ({ path, copy: `${dir}/files/${at}` })),
  }
}

/** The words before bubblewrap's own: none when nothing is to be covered. */
export function coverArgv(spec: SandboxSpec, launcher: string): string[] {
  const { folders, files } = planCopy(spec)
  if (folders.length + files.length === 0) return []
  return [
    launcher,
    '--overlay',
    ...folders.flatMap(({ root, upper, work }) => ['folder', root, upper, work]),
    ...files.flatMap(({ path, copy }) => ['file', copy, path]),
    '--',
  ]
}

/** Why these folders cannot be copied, in words; null when nothing speaks against it before it is tried. */
export function whyNoCopy(plan: CopyPlan, dir: string, mountPoints: readonly string[]): string | null {
  for (const { root } of plan.folders) {
    if (isWithin(dir, root)) {
      return `${root} holds Gatehouse's own folder, where the copy would have to be.`
    }
    const inner = mountPoints.find((path) => path !== root && isWithin(path, root))
    if (inner !== undefined) {
      return `${inner} is a file system of its own below ${root}, and a throwaway copy cannot show it.`
    }
  }
  return null
}

/** Where file systems are mounted now, from the text of /proc/self/mountinfo. */
export function mountPointsIn(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const path = line.split(' ')[4]
    return path === undefined ? [] : [unescape(path)]
  })
}

export const mountPoints = (): string[] => mountPointsIn(readFileSync('/proc/self/mountinfo', 'utf8'))

/** The kernel writes blanks, line breaks and backslashes as three octal digits; the rest are bytes. */
const unescape = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_whole, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

/** The folders a plan needs to exist, outer before inner. */
export const foldersOf = (plan: CopyPlan): string[] => [
  ...plan.folders.flatMap(({ upper, work }) => [dirname(upper), upper, work]),
  ...plan.files.slice(0, 1).map(({ copy }) => dirname(copy)),
]
