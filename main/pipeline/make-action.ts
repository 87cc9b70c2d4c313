import { lstat, realpath } from 'node:fs/promises'
import path from 'node:path'
import {
  type Action,
  type CommandAction,
  type FileChangeAction,
  type Grant,
  noGrant,
} from '../../protocol/action.ts'
import type { Proposal } from '../agent/agent.ts'
import { protectedEntryOf } from '../sandbox/protected-set.ts'
import { diffLines } from './diff-lines.ts'

export type PathPlace = { readonly real: string; readonly place: 'inside' | 'protected' | 'outside' }

/** Where a path really leads: links resolved as far as it exists. */
export async function resolveTarget(target: string): Promise<string> {
  const parts: string[] = []
  for (let at = target; ; at = path.dirname(at)) {
    const real = await realpath(at).catch(() => null)
    if (real !== null) return path.join(real, ...parts)
    if (path.dirname(at) === at) return target
    parts.unshift(path.basename(at))
  }
}

/** Tells inside, protected and outside apart. The sandbox decides in the end; this only words the question. */
export async function locatePath(target: string, roots: readonly string[]): Promise<PathPlace> {
  const real = await resolveTarget(target)
  for (const root of roots) {
    if (real !== root && !real.startsWith(`${root}/`)) continue
    return { real, place: (await isClosed(root, path.relative(root, real))) ? 'protected' : 'inside' }
  }
  return { real, place: 'outside' }
}

/** As the boundary will close it: what is only watched may be made where it is absent. */
async function isClosed(root: string, below: string): Promise<boolean> {
  const entry = protectedEntryOf(below)
  if (entry === null) return false
  return entry.absent === 'standIn' || (await lstat(path.join(root, entry.name)).catch(() => null)) !== null
}

const absolute = (folder: string, target: string): string => path.resolve(folder, target)

export const bad = (why: string): { readonly why: string } => ({ why })

/** Checks text that becomes an argument or a path. */
function checkText(what: string, text: string, max: number): string | null {
  if (text.includes('\0')) return `${what} contains a NUL character, which no program can be given.`
  if (text.length > max) return `${what} is ${text.length} characters long; at most ${max} are accepted.`
  return null
}

/**
 * Makes an action of what an agent proposes. Bad input gives one sentence for the agent and no action.
 *
 * @param read reads a file as a command of this session would; null when it is absent
 */
export async function makeAction(
  proposal: Extract<Proposal, { kind: 'command' | 'edit' | 'permissions' }>,
  folder: string,
  roots: readonly string[],
  read: (path: string) => Promise<string | null>,
): Promise<Action | { readonly why: string }> {
  switch (proposal.kind) {
    case 'command':
      return makeCommand(proposal, folder)
    case 'edit':
      return makeEdit(proposal, folder, roots, read)
    case 'permissions':
      return {
        kind: 'permissions',
        cwd: folder,
        grant: await resolveGrant(proposal.grant, folder),
        escalation: {
          source: 'declared',
          ladder: [await resolveGrant(proposal.grant, folder)],
          reason: proposal.reason,
          violations: [],
        },
      }
  }
}

async function makeCommand(
  p: Extract<Proposal, { kind: 'command' }>,
  folder: string,
): Promise<CommandAction | { why: string }> {
  const script = p.script
  const argv = script === null ? p.argv : ['bash', '-c', script]
  if (!argv || argv.length === 0 || argv[0] === '') return bad('There is no command to run.')
  for (const word of argv) {
    const problem = checkText('The command', word, 100_000)
    if (problem) return bad(problem)
  }
  if (argv.length > 5000) return bad(`The command has ${argv.length} arguments; at most 5000 are accepted.`)
  const cwd = await resolveTarget(absolute(folder, p.cwd ?? '.'))
  const grant = p.escalation ? await resolveGrant(p.escalation.grant, folder) : null
  const asks = grant && (grant.unsandboxed || grant.network || grant.writePaths.length > 0)
  return {
    kind: 'command',
    argv,
    script,
    cwd,
    escalation: asks
      ? {
          source: 'declared',
          ladder: [grant],
          reason: p.escalation?.reason?.slice(0, 2000) ?? null,
          violations: [],
        }
      : null,
  }
}

async function resolveGrant(grant: Grant, folder: string): Promise<Grant> {
  const writePaths = await Promise.all(
    grant.writePaths
      .filter((p) => p !== '' && !p.includes('\0') && p.length < 4096)
      .slice(0, 20)
      .map((p) => resolveTarget(absolute(folder, p))),
  )
  return { writePaths: [...new Set(writePaths)], network: grant.network, unsandboxed: grant.unsandboxed }
}

async function makeEdit(
  p: Extract<Proposal, { kind: 'edit' }>,
  folder: string,
  roots: readonly string[],
  read: (path: string) => Promise<string | null>,
): Promise<FileChangeAction | { why: string }> {
  if (p.edits.length === 0) return bad('There is nothing to edit.')
  if (p.edits.length > 200) return bad(`${p.edits.length} files in one edit; at most 200 are accepted.`)
  const edits: FileChangeAction['edits'][number][] = []
  const outside: string[] = []
  for (const { path: given, content } of p.edits) {
    const problem =
      checkText('The path', given, 4095) ??
      (content === null ? null : checkText('The content', content, 5_000_000))
    if (problem) return bad(problem)
    if (given === '') return bad('An edit has no path.')
    const { real, place } = await locatePath(absolute(folder, given), roots)
    const before = await read(real)
    if (content === null && before === null) return bad(`${given} is not there, so it cannot be deleted.`)
    if (content !== null && before === content) continue
    const { diff, added, removed } = diffLines(before ?? '', content ?? '')
    const change = content === null ? 'delete' : before === null ? 'add' : 'update'
    if (place !== 'inside') outside.push(real)
    edits.push({ path: real, change, added, removed, diff: diff.slice(0, 200_000), content })
  }
  if (edits.length === 0) return bad('The files already have this content; nothing was changed.')
  const grant: Grant = { ...noGrant, writePaths: outside }
  return {
    kind: 'fileChange',
    edits,
    cwd: folder,
    escalation:
      outside.length > 0 ? { source: 'declared', ladder: [grant], reason: null, violations: [] } : null,
  }
}
