import type { Json } from '../../../protocol/config.ts'
import { isTable, own } from './layer.ts'
import { joinPlain, resolvePlain } from './plain-path.ts'
import type { Access, AccessEntry, DeniedGlob } from './resolved-profile.ts'

/** Where a profile is applied. All paths absolute and plain. */
export type ProfilePlace = {
  /** The folder of the session, first; it is the workspace. */
  readonly workspaceRoots: readonly string[]
  readonly home: string | null
  /** What TMPDIR names; null when it is not set. */
  readonly tmpdir: string | null
}

/** `filesystem` of a profile with its parents laid below it: spelled path, then path below it, then access. */
export type SpelledEntry = { readonly base: string; readonly below: string; readonly access: Access }

export type EntryReading = {
  readonly entries: AccessEntry[]
  readonly globs: DeniedGlob[]
  readonly lifted: string[]
  /** Writable paths that were named themselves, not through a special name. */
  readonly named: string[]
  readonly problems: string[]
  readonly warnings: string[]
}

/** What `:minimal` stands for: enough to start programs. Source: observed on Linux. */
const minimalRoots = ['/bin', '/etc', '/lib', '/lib32', '/lib64', '/libx32', '/sbin', '/usr']
const protectedNames = ['.git', '.agents', '.codex', '.aws']
const ownName = '.gatehouse'
const globLetters = /[*?[\]{}]/
/** Beyond this a profile counts as broken: nobody wrote it by hand and no sandbox takes that many mounts. */
const maxEntries = 1000

/** Spreads `{ path = access }` and `{ path = { below = access } }`; `:project_roots` is the old word. */
export function spelledEntries(filesystem: Json | undefined): SpelledEntry[] {
  if (!isTable(filesystem)) return []
  return Object.keys(filesystem).flatMap((name) => {
    if (name === 'glob_scan_max_depth') return []
    const value = own(filesystem, name)
    const base = name === ':project_roots' ? ':workspace_roots' : name
    if (isTable(value)) return Object.keys(value).map((below) => entry(base, below, own(value, below)))
    return [entry(base, '.', value)]
  })
}

/** Anything but the three words counts as `deny`. */
const entry = (base: string, below: string, access: unknown): SpelledEntry => ({
  base,
  below: below === '' || below === './' ? '.' : below,
  access: access === 'read' || access === 'write' ? access : 'deny',
})

/** Turns spelled entries into absolute ones. A wrong entry is a problem; a wrong `deny` still denies. */
export function resolveEntries(
  spelled: readonly SpelledEntry[],
  maxDepth: number | null,
  place: ProfilePlace,
): EntryReading {
  const reading: EntryReading = { entries: [], globs: [], lifted: [], named: [], problems: [], warnings: [] }
  for (const one of spelled.slice(0, maxEntries)) resolveEntry(one, maxDepth, place, reading)
  if (spelled.length > maxEntries) reading.problems.push(`has more than ${maxEntries} paths`)
  return reading
}

function resolveEntry(
  { base, below, access }: SpelledEntry,
  maxDepth: number | null,
  place: ProfilePlace,
  reading: EntryReading,
): void {
  const shown = JSON.stringify(below === '.' ? base : `${base}/${below}`).slice(0, 200)
  const folders = foldersOf(base, place, reading)
  const climbs = [base, below].some((text) => text.split('/').includes('..'))
  const odd = below.startsWith('/') || below.includes('\0') || below.length > 4096
  if (climbs) reading.problems.push(`has ${shown}: ".." is not possible in it`)
  if (odd) reading.problems.push(`has ${shown}: what stands below a path must be relative`)
  if (folders.wrong) reading.problems.push(`has ${shown}: ${folders.wrong}`)
  if ((climbs || odd || folders.wrong) && access !== 'deny') return
  for (const folder of folders.all) {
    const spelledPath = below === '.' ? folder : `${folder === '/' ? '' : folder}/${below}`
    addPath(spelledPath, base.startsWith(':') ? folder : '/', access, maxDepth, shown, base, reading)
  }
}

/** @param literal the part of the path that is a folder of this machine and never a pattern */
function addPath(
  path: string,
  literal: string,
  access: Access,
  maxDepth: number | null,
  shown: string,
  base: string,
  reading: EntryReading,
): void {
  const below = literal === '/' ? path.slice(1) : path.slice(literal.length + 1)
  // `folder/**` is the folder itself.
  const trimmed = below === '**' ? '' : below.replace(/(?:\/\*\*)+$/, '')
  if (globLetters.test(trimmed)) {
    if (access !== 'deny') {
      reading.problems.push(`has ${shown} = "${access}": a pattern can only be denied`)
      return
    }
    const names = trimmed.split('/')
    const first = names.findIndex((name) => globLetters.test(name))
    const folder = joinPlain(literal, names.slice(0, first).join('/'))
    const pattern = below.split('/').slice(first).join('/')
    reading.globs.push({ folder, pattern, maxDepth })
    if (maxDepth === null && trimmed.includes('**')) {
      reading.warnings.push(`searches ${shown} to any depth; glob_scan_max_depth would limit that`)
    }
    return
  }
  const plain = joinPlain(literal, trimmed)
  const names = plain.split('/')
  if (access === 'write' && names.includes(ownName)) {
    reading.warnings.push(
      `makes ${shown} writable, which is not possible: what Gatehouse reads stays read-only`,
    )
    reading.entries.push({ path: plain, access: 'read' })
    return
  }
  reading.entries.push({ path: plain, access })
  if (access !== 'write') return
  if (names.some((name) => protectedNames.includes(name))) reading.lifted.push(plain)
  if (!base.startsWith(':')) reading.named.push(plain)
}

type Folders = { readonly all: readonly string[]; readonly wrong: string | null }

function foldersOf(base: string, place: ProfilePlace, reading: EntryReading): Folders {
  const fine = (all: readonly string[]): Folders => ({ all, wrong: null })
  switch (base) {
    case ':root':
      return fine(['/'])
    case ':minimal':
      return fine(minimalRoots)
    case ':tmpdir':
      return fine(place.tmpdir === null ? [] : [place.tmpdir])
    case ':slash_tmp':
      return fine(['/tmp'])
    case ':workspace_roots':
      return fine(place.workspaceRoots)
    default:
      break
  }
  if (base.startsWith(':')) {
    reading.warnings.push(
      `has ${JSON.stringify(base).slice(0, 80)}, which is no special name; it has no effect`,
    )
    return fine([])
  }
  if (base.startsWith('/') || base === '~' || base.startsWith('~/')) {
    const path = resolvePlain(base, { base: '/', home: place.home })
    return path === null ? { all: [], wrong: 'that is no usable path' } : fine([path])
  }
  const wrong = 'a path must be absolute, start with "~/" or be a special name'
  const all = place.workspaceRoots.flatMap(
    (root) => resolvePlain(base, { base: root, home: place.home }) ?? [],
  )
  return { all, wrong }
}
