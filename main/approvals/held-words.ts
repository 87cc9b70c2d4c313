import path from 'node:path'
import type { FileAccessAction, Grant } from '../../protocol/action.ts'
import type { ApprovalRequest, Piece, Tier } from '../../protocol/approvals.ts'
import type { HeldCall } from '../../protocol/sandbox.ts'
import { pathsOf } from '../policy/judge-file-access.ts'

const host = (text: string): Piece => ({ voice: 'host', text })
const machine = (text: string): Piece => ({ voice: 'machine', text })
const boundary = (text: string): Piece => ({ voice: 'boundary', text })
const foreign = (text: string): Piece => ({ voice: 'foreign', text })

const verbs: Readonly<Record<string, string>> = {
  mkdir: 'make the folder',
  mkdirat: 'make the folder',
  mknod: 'make a special file at',
  mknodat: 'make a special file at',
  unlink: 'delete',
  unlinkat: 'delete',
  rmdir: 'remove the folder',
  rename: 'move',
  renameat: 'move',
  renameat2: 'move',
  link: 'add a second name for a file:',
  linkat: 'add a second name for a file:',
  symlink: 'make a link at',
  symlinkat: 'make a link at',
  truncate: 'cut to a length',
  chmod: 'change the mode of',
  fchmodat: 'change the mode of',
  fchmodat2: 'change the mode of',
  chown: 'change the owner of',
  lchown: 'change the owner of',
  fchownat: 'change the owner of',
  utime: 'change the times of',
  utimes: 'change the times of',
  futimesat: 'change the times of',
  utimensat: 'change the times of',
}

/** What a call would do, as the start of "delete /a/b". */
export function verbOf({ kind, call, exists, flags }: HeldCall): string {
  if (kind === 'read') return 'read'
  const known = verbs[call]
  if (known !== undefined) return known
  if (/xattr/.test(call)) return 'change an attribute of'
  if (!exists) return 'create'
  if (flags.includes('O_TRUNC')) return 'overwrite'
  return flags.includes('O_APPEND') ? 'append to' : 'write to'
}

const flagWords: Readonly<Record<string, string>> = {
  O_RDONLY: 'reading',
  O_WRONLY: 'writing',
  O_RDWR: 'reading and writing',
  O_CREAT: 'created when absent',
  O_EXCL: 'only when absent',
  O_TRUNC: 'emptied first',
  O_APPEND: 'at its end',
  O_DIRECTORY: 'only a folder',
  O_NOFOLLOW: 'no link followed',
  O_TMPFILE: 'a file without a name',
  O_CLOEXEC: '',
  O_LARGEFILE: '',
}
const flagsIn = (flags: readonly string[]): string =>
  flags
    .map((f) => flagWords[f] ?? f)
    .filter((w) => w !== '')
    .join(', ')

/** A path in two parts: what leads to it, and what to look at. */
const split = (target: string): Piece[] => {
  const at = target.lastIndexOf('/') + 1
  return [machine(target.slice(0, at)), boundary(target.slice(at))].filter((p) => p.text !== '')
}

/** One line for lists. */
export const heldSubject = (held: HeldCall, folder: string, home: string): string =>
  `${verbOf(held)} ${pathsOf(held)
    .map((p) =>
      p.startsWith(`${folder}/`)
        ? p.slice(folder.length + 1)
        : p.startsWith(`${home}/`)
          ? `~${p.slice(home.length)}`
          : p,
    )
    .join(' to ')}`

export function heldWants({ held }: FileAccessAction): Piece[] {
  const end = held.path2 === null ? [] : [host(' to '), ...split(held.path2)]
  const written =
    path.normalize(path.resolve(held.cwd ?? '/', held.requested)) === held.path
      ? []
      : [host(', as written '), foreign(held.requested)]
  return [host(`${verbOf(held)} `), ...split(held.path), ...end, ...written]
}

export function heldChanges({ held }: FileAccessAction): Piece[] {
  if (held.kind === 'read')
    return [host('nothing on the disk; what it reads can be printed, kept or sent where the session reaches')]
  const what = held.isDirectory ? 'folder' : 'file'
  const state = held.exists ? `the ${what} exists` : `the ${what} is new`
  const flags = flagsIn(held.flags)
  return [host(flags === '' ? state : `${state}; opened for: ${flags}`)]
}

/** Who calls: the program as the kernel names it, what started it, and the command it belongs to. */
export function heldOrigin({ held }: FileAccessAction, command: string | null): Piece[] {
  const [parent] = held.chain
  return [
    machine(held.exe ?? 'a program that is gone'),
    host(` (process ${held.pid})`),
    ...(parent ? [host(', started by '), machine(path.basename(parent.exe))] : []),
    ...(command === null ? [] : [host(', in the command '), machine(command)]),
  ]
}

export function heldReach({ held }: FileAccessAction, tier: Tier, grant: Grant): Piece[] {
  if (held.kind === 'read') return [host('What was read cannot be taken back.')]
  if (grant.gitMetadata)
    return [host('Commits, branches and the index of this repository. Hooks and config stay closed.')]
  if (tier === 'serious')
    return [host('This one call goes through. No checkpoint of the workspace covers it.')]
  if (tier === 'critical') return [host('Runs later as you, outside any sandbox, until somebody removes it.')]
  return [host('This place becomes writable; no checkpoint covers it. The rest stays closed.')]
}

/** Facts below the bar. Everything is from the kernel but for the last row, which the process says itself. */
export function heldEvidence({ held }: FileAccessAction, origin: string): ApprovalRequest['evidence'] {
  const chain = held.chain.map(({ pid, exe }) => `${pid} ${exe}`).join('\n')
  return [
    { label: 'Call', pieces: [machine([held.call, ...held.flags].join(' '))] },
    { label: 'Folder', pieces: [machine(held.directory)] },
    { label: 'As written', pieces: [foreign(held.requested)] },
    ...(held.cwd === null ? [] : [{ label: 'Works in', pieces: [machine(held.cwd)] }]),
    ...(chain === '' ? [] : [{ label: 'Started by', pieces: [machine(chain)] }]),
    { label: 'Where the path was named', pieces: [host(origin)] },
    { label: 'Says of itself', pieces: [foreign(held.argv.join(' ').slice(0, 4000))] },
  ]
}
