import { access, constants, lstat, readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { SandboxSpec, Violation } from '../../protocol/sandbox.ts'
import type { Sandbox } from './backend.ts'
import { commonGitDir, looksLikeGitDir } from './git-dirs.ts'
import { protectedNames, resolveAbsent } from './inspect-paths.ts'
import { isWithin } from './paths.ts'
import { type Claim, readMessages } from './read-messages.ts'
import { gitMetadataOf } from './spec/git-metadata.ts'

type PathClaim = Extract<Claim, { kind: 'path' }>
type HostClaim = Extract<Claim, { kind: 'host' }>

const maxViolations = 5

/**
 * What the sandbox stopped, told from the end of what a program printed. The text comes from inside, so it
 * is only a hint where to look: a write counts when the spec really closes the path and the user could
 * write it otherwise; a connection when the network is closed and, for this machine itself, when somebody
 * listens there. After an end without complaint (exit code 0) only unmistakable messages count.
 *
 * @returns at most five, each once, the latest first
 */
export const readViolations: Sandbox['readViolations'] = async ({ spec, cwd, output, exitCode }) => {
  if (spec.boundary !== 'bounded') return []
  const found: Violation[] = []
  for (const claim of readMessages(output)) {
    if (exitCode === 0 && !isUnmistakable(claim)) continue
    const violation = claim.kind === 'host' ? await checkHost(spec, claim) : await checkPath(spec, cwd, claim)
    if (violation) add(found, violation)
  }
  return found.slice(0, maxViolations)
}

const isUnmistakable = (claim: Claim): boolean =>
  claim.kind === 'host' ? claim.why === 'unresolved' && claim.host !== null : claim.weight === 'certain'

/** Leaves out what is there already, and what a folder or a known host covers. */
function add(found: Violation[], next: Violation): void {
  const covers = (a: Violation, b: Violation): boolean => {
    if (a.kind === 'connect' && b.kind === 'connect') {
      return (a.host === b.host || b.host === null) && (a.port === b.port || b.port === null)
    }
    if (a.kind === 'write' && b.kind === 'write') {
      return a.path === b.path || (a.wants === 'directory' && isWithin(b.path, a.path))
    }
    return a.kind === 'read' && b.kind === 'read' && a.path === b.path
  }
  if (found.some((earlier) => covers(earlier, next))) return
  const at = found.findIndex((earlier) => covers(next, earlier))
  if (at < 0) found.push(next)
  else found[at] = next
}

async function checkPath(spec: SandboxSpec, cwd: string, claim: PathClaim): Promise<Violation | null> {
  const { evidence } = claim
  if (claim.path.includes('\0')) return null
  const asked = await resolveAbsent(resolve(cwd, claim.path))

  if (spec.deniedReads.some((path) => isWithin(asked, path))) {
    return claim.weight === 'possible' ? { kind: 'read', path: asked, evidence } : null
  }
  const gitDir = await gitDirOf(spec, asked)
  if (gitDir && !spec.grantedPaths.includes(gitDir)) {
    if (!(await wouldBeWritable(gitDir)) || !isClosed(spec, asked)) return null
    const metadata = await Promise.all([...spec.writableRoots, cwd].map(gitMetadataOf))
    const opens = metadata.some((dirs) => dirs.includes(gitDir)) ? { gitMetadata: true as const } : {}
    return { kind: 'write', path: gitDir, wants: 'directory', protected: true, ...opens, evidence }
  }

  const path = claim.inFolder ? dirname(asked) : asked
  if (!isClosed(spec, path) || path === '/' || !(await wouldBeWritable(path))) return null
  const stats = await stat(path).catch(() => null)
  const wants = stats
    ? stats.isDirectory()
      ? 'directory'
      : 'file'
    : claim.wants === 'directory'
      ? 'directory'
      : 'file'
  return { kind: 'write', path, wants, protected: isProtected(spec, path), evidence }
}

/** Whether the mounts of this spec refuse to write here, in the order in which they are made. */
function isClosed(spec: SandboxSpec, path: string): boolean {
  if (['/proc', '/sys', '/dev'].some((folder) => isWithin(path, folder))) return false
  if (spec.closedInGrants.some((closed) => isWithin(path, closed.path))) return true
  if (spec.grantedPaths.some((granted) => isWithin(path, granted))) return false
  if (spec.protectedPaths.some((closed) => isWithin(path, closed.path))) return true
  if (spec.writableRoots.some((root) => isWithin(path, root))) return false
  // A private /tmp can be written; and what is missing there was never the user's file.
  return !(spec.tmp === 'private' && isWithin(path, '/tmp'))
}

const isProtected = (spec: SandboxSpec, path: string): boolean =>
  protectedNames.some((name) => `${path}/`.includes(`/${name}/`)) ||
  [...spec.protectedPaths, ...spec.closedInGrants].some(
    (closed) =>
      isWithin(path, closed.path) &&
      !isWithin('/tmp', closed.path) &&
      spec.writableRoots.some((root) => isWithin(closed.path, root)),
  )

/**
 * The git directory around a path: git writes many files in it for one commit, so a grant of less would only
 * lead to the next question. For a linked worktree it is the one that holds the objects.
 */
async function gitDirOf(spec: SandboxSpec, path: string): Promise<string | null> {
  const named = /^(.*?\/\.git)(?:\/|$)/.exec(path)?.[1]
  const pointed = spec.protectedPaths.find((closed) => isWithin(path, closed.path))?.path
  const candidate = named ?? pointed
  if (!candidate) return null
  const stats = await lstat(candidate).catch(() => null)
  // Absent, as before `git init`: the folder that would become one.
  if (!stats) return named ?? null
  if (!stats.isDirectory() || !(await looksLikeGitDir(candidate))) return null
  return commonGitDir(candidate)
}

/** Without the boundary the user could write, or make, this path. */
async function wouldBeWritable(path: string): Promise<boolean> {
  const can = (at: string, mode: number) =>
    access(at, mode).then(
      () => true,
      () => false,
    )
  if (await can(path, constants.F_OK)) return can(path, constants.W_OK)
  const parent = dirname(path)
  if (await can(parent, constants.F_OK)) return can(parent, constants.W_OK | constants.X_OK)
  // Below an absent protected folder the missing parent is part of what was stopped; elsewhere it is the reason.
  return protectedNames.some((name) => parent.endsWith(`/${name}`)) && wouldBeWritable(parent)
}

async function checkHost(spec: SandboxSpec, claim: HostClaim): Promise<Violation | null> {
  if (spec.network === 'host') return null
  const { host, port, evidence } = claim
  if (claim.why === 'refused' || (host !== null && isLoopback(host))) {
    if (port === null || !(await listeningPorts()).has(port)) return null
  }
  return { kind: 'connect', host, port, evidence }
}

/** Whether a destination on this machine has somebody listening; what is elsewhere counts as if it had. */
export const isReachableHere = async (host: string, port: number): Promise<boolean> =>
  !isLoopback(host) || (await listeningPorts()).has(port)

const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '::1' ||
  /^127(?:\.\d{1,3}){1,3}$/.test(host)

async function listeningPorts(): Promise<ReadonlySet<number>> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  )
  return new Set(tables.flatMap(listeningIn))
}

/** Ports in state 0A (listen) of a `/proc/net/tcp` table. */
export function listeningIn(table: string): number[] {
  return table.split('\n').flatMap((line) => {
    const port = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /.exec(line)?.[1]
    return port ? [Number.parseInt(port, 16)] : []
  })
}
