import { createHash } from 'node:crypto'
import type { DiffLine, Hunk } from '../../protocol/workspace.ts'
import type { BytePath } from './byte-path.ts'

/** One line of `git diff-tree --raw -z`. */
export type RawEntry = {
  readonly status: string
  readonly oldMode: string
  readonly newMode: string
  readonly oldOid: string
  readonly newOid: string
  readonly path: BytePath
  /** Only for renames. */
  readonly from: BytePath | null
}

export type PlacedHunk = Omit<Hunk, 'kept'> & {
  readonly oldStart: number
  readonly oldCount: number
  readonly newStart: number
  readonly newCount: number
  /** Every line of the hunk is in `lines`. */
  readonly whole: boolean
}

export type FilePatch = {
  readonly binary: boolean
  readonly added: number
  readonly removed: number
  readonly hunks: readonly PlacedHunk[]
  readonly leftOut: number
}

/** How git is asked for what is parsed here. */
export const patchArgs = [
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--no-renames',
  '--src-prefix=a/',
].concat(['--dst-prefix=b/', '--numstat', '-p', '-z', '-U3', '--inter-hunk-context=0', '--full-index'])

/** Lines of one file's diff that are kept; the rest is counted. */
export const maxFileLines = 5000
/** Characters of one line that are kept. */
export const maxLineChars = 4000

export const parseRaw = (output: Buffer): RawEntry[] => parseRawPart(output).entries

/** Reads the raw entries an output begins with, and tells where they end. */
export function parseRawPart(output: Buffer): { entries: RawEntry[]; end: number } {
  const entries: RawEntry[] = []
  let at = 0
  const next = (): string | null => {
    const end = output.indexOf(0, at)
    if (end === -1) return null
    const field = output.toString('latin1', at, end)
    at = end + 1
    return field
  }
  for (;;) {
    const before = at
    const head = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*$/.exec(next() ?? '')
    const [, oldMode = '', newMode = '', oldOid = '', newOid = '', status = ''] = head ?? []
    const from = head && (status === 'R' || status === 'C') ? (next() as BytePath | null) : null
    const path = head ? (next() as BytePath | null) : null
    if (path === null) return { entries, end: before }
    entries.push({ status, oldMode, newMode, oldOid, newOid, path, from })
  }
}

/**
 * Reads `git diff --numstat -p -z --no-renames`: first the counts, then the patch.
 *
 * @param cut  the output ended early; what is incomplete is left out and counted
 */
export function parsePatches(output: Buffer, cut: boolean): Map<BytePath, FilePatch> {
  const { counts, patchAt } = parseCounts(output)
  const found = new Map<BytePath, FilePatch>()
  const sections = parseSections(output.subarray(patchAt).toString('latin1'), cut)
  for (const [path, count] of counts) {
    const section = sections.get(path) ?? { hunks: [], total: 0 }
    const shown = section.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0)
    const changedShown = section.hunks.flatMap((h) => h.lines).filter((l) => l.kind !== 'context').length
    const missing = cut ? count.added + count.removed - changedShown : section.total - shown
    found.set(path, { ...count, hunks: section.hunks, leftOut: Math.max(0, missing) })
  }
  return found
}

type Count = { readonly binary: boolean; readonly added: number; readonly removed: number }

function parseCounts(output: Buffer): { counts: Map<BytePath, Count>; patchAt: number } {
  const counts = new Map<BytePath, Count>()
  let at = 0
  while (at < output.length) {
    const end = output.indexOf(0, at)
    if (end === -1) break
    const record = output.subarray(at, end).toString('latin1')
    at = end + 1
    // An empty record stands between counts and patch.
    if (record === '') break
    const fields = /^(\d+|-)\t(\d+|-)\t([^]+)$/.exec(record)
    if (!fields) break
    const [, added = '-', removed = '-', path = ''] = fields
    const binary = added === '-'
    counts.set(path as BytePath, {
      binary,
      added: binary ? 0 : Number(added),
      removed: binary ? 0 : Number(removed),
    })
  }
  return { counts, patchAt: at }
}

type Section = { readonly hunks: PlacedHunk[]; total: number }

function parseSections(patch: string, cut: boolean): Map<BytePath, Section> {
  const sections = new Map<BytePath, Section>()
  const lines = patch.split('\n')
  let path = '' as BytePath
  let section: Section | null = null
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line.startsWith('diff --git ')) {
      path = headerPath(line.slice('diff --git '.length))
      // A file that became a link has two sections. Its hunks cannot be reverted one by one, so they are joined.
      section = sections.get(path) ?? { hunks: [], total: 0 }
      sections.set(path, section)
      continue
    }
    const head = section && /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line)
    if (!head || !section) continue
    const read = readHunk(lines, at + 1, line, head, path, section)
    if ((read.complete || !cut) && read.hunk.lines.length > 0) section.hunks.push(read.hunk)
    section.total += read.total
    at = read.next - 1
  }
  return sections
}

function readHunk(
  lines: readonly string[],
  start: number,
  header: string,
  head: RegExpExecArray,
  path: BytePath,
  section: Section,
): { hunk: PlacedHunk; next: number; total: number; complete: boolean } {
  const [oldStart, oldCount, newStart, newCount] = [head[1], head[2] ?? '1', head[3], head[4] ?? '1'].map(
    Number,
  ) as [number, number, number, number]
  const room = maxFileLines - section.total
  const hash = createHash('sha256').update(path, 'latin1')
  const shown: DiffLine[] = []
  let [oldNo, newNo, total, at] = [oldStart, newStart, 0, start]
  let complete = true
  while (oldNo < oldStart + oldCount || newNo < newStart + newCount) {
    const line = lines[at]
    const kind = line === undefined ? undefined : kinds[line[0] as keyof typeof kinds]
    if (line === undefined || kind === undefined) {
      complete = false
      break
    }
    const noNewline = lines[at + 1]?.startsWith('\\') ?? false
    hash.update(`\0${line}${noNewline ? '\\' : ''}`, 'latin1')
    if (total < room) {
      shown.push({
        kind,
        text: shownText(line.slice(1)),
        oldNo: kind === 'add' ? null : oldNo,
        newNo: kind === 'del' ? null : newNo,
        ...(noNewline ? { noNewline } : {}),
      })
    }
    if (kind !== 'add') oldNo++
    if (kind !== 'del') newNo++
    total++
    at += noNewline ? 2 : 1
  }
  const id = hash.digest('hex').slice(0, 24)
  const twins = section.hunks.filter((hunk) => hunk.id.startsWith(id)).length
  const hunk = {
    id: twins === 0 ? id : `${id}-${twins + 1}`,
    header: shownText(header).slice(0, 300),
    lines: shown,
    ...{ oldStart, oldCount, newStart, newCount },
    whole: complete && shown.length === total,
  }
  return { hunk, next: at, total, complete }
}

const kinds = { ' ': 'context', '+': 'add', '-': 'del' } as const

/** Bytes that are not UTF-8 become U+FFFD, so that they are seen. */
function shownText(bytes: string): string {
  // Four bytes make one character at most; cutting first keeps a line of a megabyte cheap.
  const text = Buffer.from(bytes.slice(0, maxLineChars * 4 + 4), 'latin1').toString('utf8')
  if (text.length <= maxLineChars && bytes.length <= maxLineChars * 4) return text
  return `${text.slice(0, maxLineChars)} … (line cut, ${bytes.length} bytes)`
}

/** Both names of a section are equal here, so the line falls into two halves. */
function headerPath(names: string): BytePath {
  if (!names.startsWith('"')) return names.slice(2, (names.length - 5) / 2 + 2) as BytePath
  return unquote(names).slice(2) as BytePath
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
}

/** The first C-style string of a text. */
function unquote(text: string): string {
  let result = ''
  for (let at = 1; at < text.length && text[at] !== '"'; at++) {
    if (text[at] !== '\\') {
      result += text[at]
      continue
    }
    const octal = /^[0-7]{3}/.exec(text.slice(at + 1, at + 4))?.[0]
    const next = text[at + 1] ?? ''
    result += octal ? String.fromCharCode(Number.parseInt(octal, 8)) : (escapes[next] ?? next)
    at += octal ? 3 : 1
  }
  return result
}
