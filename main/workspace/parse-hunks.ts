import { createHash } from 'node:crypto'
import type { DiffLine, Hunk } from '../../protocol/workspace.ts'
import type { BytePath } from './byte-path.ts'

export type PlacedHunk = Omit<Hunk, 'kept'> & {
  readonly oldStart: number
  readonly oldCount: number
  readonly newStart: number
  readonly newCount: number
  /** Every line of the hunk is in `lines`. */
  readonly whole: boolean
}

/** Lines of one file's diff that are kept; the rest is counted. */
export const maxFileLines = 5000
/** Characters of one file's diff that are kept. */
const maxFileChars = 1_000_000
/** Characters of one line that are kept. */
export const maxLineChars = 4000

export type FileHunks = {
  readonly hunks: PlacedHunk[]
  /** Lines of all hunks, also of those that are not kept. */
  total: number
  chars: number
  /** Names the content that was compared. */
  oids: string
}

/**
 * Reads the text of a patch without renames. Text and names are byte strings.
 * @param cut   the text ended early; what may be incomplete is not taken for a whole hunk
 * @param name  stands in the ids of hunks, when the patch does not name the file
 */
export function parseHunks(
  patch: string,
  cut: boolean,
  name: BytePath | null = null,
): Map<BytePath, FileHunks> {
  const files = new Map<BytePath, FileHunks>()
  const lines = patch.split('\n')
  if (cut) lines.pop()
  let path = '' as BytePath
  let file: FileHunks | null = null
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line.startsWith('diff --git ')) {
      path = headerPath(line.slice('diff --git '.length))
      // A file that became a link has two sections; they are joined.
      file = files.get(path) ?? { hunks: [], total: 0, chars: 0, oids: '' }
      files.set(path, file)
      continue
    }
    if (!file) continue
    if (line.startsWith('index ')) file.oids = line
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line)
    if (head) at = readHunk(lines, at, head, name ?? path, file, cut) - 1
  }
  return files
}

const kinds = { ' ': 'context', '+': 'add', '-': 'del' } as const

/** @returns the number of the line after the hunk */
function readHunk(
  lines: readonly string[],
  headAt: number,
  head: RegExpExecArray,
  path: BytePath,
  file: FileHunks,
  cut: boolean,
): number {
  const [oldStart, oldCount, newStart, newCount] = [head[1], head[2] ?? '1', head[3], head[4] ?? '1'].map(
    Number,
  ) as [number, number, number, number]
  const shown: DiffLine[] = []
  let [oldNo, newNo, total, at] = [oldStart, newStart, 0, headAt + 1]
  let complete = true
  while (oldNo < oldStart + oldCount || newNo < newStart + newCount) {
    const line = lines[at]
    const kind = kinds[line?.[0] as keyof typeof kinds]
    if (line === undefined || kind === undefined) {
      complete = false
      break
    }
    const noNewline = lines[at + 1]?.startsWith('\\') ?? false
    if (file.total + total < maxFileLines && file.chars < maxFileChars) {
      const text = shownText(line.slice(1))
      file.chars += text.length
      shown.push({
        kind,
        text,
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
  if (cut && at >= lines.length) complete = false
  file.total += total
  if (shown.length > 0) {
    // What is not there to be read still has to count, so an incomplete hunk is named by the whole content.
    const content = complete ? lines.slice(headAt + 1, at).join('\n') : `${headAt} ${file.oids}`
    const id = createHash('sha256').update(`${path}\0${content}`, 'latin1').digest('hex').slice(0, 24)
    const twins = file.hunks.filter((hunk) => hunk.id.startsWith(id)).length
    file.hunks.push({
      id: twins === 0 ? id : `${id}-${twins + 1}`,
      header: shownText(head.input).slice(0, 300),
      lines: shown,
      oldStart,
      oldCount,
      newStart,
      newCount,
      whole: complete && shown.length === total,
    })
  }
  return at
}

/** Bytes that are not UTF-8 become U+FFFD, so that they are seen. */
function shownText(bytes: string): string {
  // Four bytes make one character at most; cutting first keeps a line of a megabyte cheap.
  const text = Buffer.from(bytes.slice(0, maxLineChars * 4 + 4), 'latin1').toString('utf8')
  if (text.length <= maxLineChars && bytes.length <= maxLineChars * 4) return text
  return `${text.slice(0, maxLineChars)} … (line cut, ${bytes.length} bytes)`
}

/** Both names of a section have the same length here, so the line falls into two halves. */
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
