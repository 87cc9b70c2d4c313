import { lstat, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { readSmall, readSmallText } from './read-small.ts'

/** Where a project keeps its repository. Found by reading files; git is not run. */
export type ProjectGit = {
  /** The folder that has `.git`; the opened folder or one above it. */
  readonly top: string
  /** This work tree's own records: HEAD, index. */
  readonly gitDir: string
  /** Shared by all work trees: objects, refs, config. */
  readonly commonDir: string
}

export type ProjectHead = {
  /** null when detached. */
  readonly branch: string | null
  /** Commit id; null before the first commit or when it cannot be told. */
  readonly commit: string | null
}

/** Looks for a repository at the folder or above it. null when there is none. */
export async function findProjectGit(folder: string): Promise<ProjectGit | null> {
  for (let top = folder; ; top = dirname(top)) {
    const found = await gitAt(top)
    if (found) return found
    if (dirname(top) === top) return null
  }
}

async function gitAt(top: string): Promise<ProjectGit | null> {
  const path = join(top, '.git')
  const facts = await lstat(path).catch(() => null)
  if (!facts) return null
  let gitDir = path
  if (facts.isFile()) {
    const pointer = /^gitdir: (.+?)\r?\n?$/.exec((await readSmallText(path, 8192)) ?? '')?.[1]
    if (!pointer || pointer.includes('\0')) return null
    gitDir = resolve(top, pointer)
  }
  gitDir = await realpath(gitDir).catch(() => '')
  if (!gitDir || !(await lstat(join(gitDir, 'HEAD')).catch(() => null))) return null
  const common = (await readSmallText(join(gitDir, 'commondir'), 8192))?.trim()
  const commonDir = common ? (isAbsolute(common) ? common : resolve(gitDir, common)) : gitDir
  return { top, gitDir, commonDir }
}

export async function readHead(git: ProjectGit): Promise<ProjectHead> {
  const head = ((await readSmallText(join(git.gitDir, 'HEAD'), 4096)) ?? '').trim()
  if (isCommit(head)) return { branch: null, commit: head }
  const ref = /^ref: (refs\/[^\0]+)$/.exec(head)?.[1]
  if (!ref || ref.split('/').includes('..')) return { branch: null, commit: null }
  const branch = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : ref
  return { branch, commit: await readRef(git, ref) }
}

async function readRef(git: ProjectGit, ref: string): Promise<string | null> {
  for (const dir of new Set([git.gitDir, git.commonDir])) {
    const loose = ((await readSmallText(join(dir, ref), 4096)) ?? '').trim()
    if (isCommit(loose)) return loose
  }
  const packed = (await readSmall(join(git.commonDir, 'packed-refs'), 64 * 1024 * 1024))?.toString('latin1')
  const name = Buffer.from(ref, 'utf8').toString('latin1')
  for (const line of packed?.split('\n') ?? []) {
    if (line.endsWith(name) && line.slice(line.indexOf(' ') + 1) === name) {
      const id = line.slice(0, line.indexOf(' '))
      if (isCommit(id)) return id
    }
  }
  return null
}

/** SHA-1 ids only: a repository with another object format cannot be compared with ours. */
const isCommit = (text: string): boolean => /^[0-9a-f]{40}$/.test(text)
