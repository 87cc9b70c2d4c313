import { posix } from 'node:path'

/**
 * The patch language that coding models are trained on:
 *
 *   *** Begin Patch
 *   *** Add File: new.txt
 *   +its whole content
 *   *** Update File: a.ts
 *   *** Move to: b.ts
 *   @@ function near()
 *    a line that stays
 *   -a line that goes
 *   +a line that comes
 *   *** End of File
 *   *** Delete File: old.txt
 *   *** End Patch
 *
 * Parsing and applying are pure. Paths are passed on as written: the pipeline judges where they lead.
 */
export type PatchFile =
  | { readonly kind: 'add'; readonly path: string; readonly content: string }
  | { readonly kind: 'delete'; readonly path: string }
  | {
      readonly kind: 'update'
      readonly path: string
      readonly moveTo: string | null
      readonly hunks: readonly Hunk[]
    }

export type Hunk = {
  /** Line of the patch where it starts, from 1: for messages. */
  readonly line: number
  /** Lines that stand, in this order, above the change. */
  readonly anchors: readonly string[]
  readonly lines: readonly { readonly op: ' ' | '-' | '+'; readonly text: string }[]
  /** The last old line is the last line of the file. */
  readonly atEnd: boolean
}

export type ParsedPatch =
  | { readonly status: 'parsed'; readonly files: readonly PatchFile[] }
  /** `why` names the line of the patch and what to do; it is for the model to read. */
  | { readonly status: 'malformed'; readonly why: string }

const maxChars = 1024 * 1024
const maxFiles = 200

class Malformed extends Error {}

/** Reads a patch. Never throws; a patch with anything unclear in it is malformed as a whole. */
export function parsePatch(text: string): ParsedPatch {
  try {
    return { status: 'parsed', files: parse(text) }
  } catch (error) {
    if (error instanceof Malformed) return { status: 'malformed', why: error.message }
    throw error
  }
}

function parse(text: string): PatchFile[] {
  if (text.length > maxChars) throw new Malformed('The patch is larger than 1 MiB. Split it.')
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  const first = lines.findIndex((line) => line.trim() !== '')
  const last = lines.findLastIndex((line) => line.trim() !== '')
  if (lines[first]?.trim() !== '*** Begin Patch') {
    throw new Malformed('The first line must be "*** Begin Patch".')
  }
  if (lines[last]?.trim() !== '*** End Patch') throw new Malformed('The last line must be "*** End Patch".')

  const files: PatchFile[] = []
  const taken = new Set<string>()
  const claim = (path: string, at: number) => {
    const key = posix.normalize(path)
    if (taken.has(key)) {
      throw new Malformed(
        `Line ${at}: ${path} stands twice in the patch. Put all its changes in one section.`,
      )
    }
    taken.add(key)
  }

  let at = first + 1
  while (at < last) {
    const line = lines[at] ?? ''
    if (line.trim() === '') {
      at += 1
      continue
    }
    if (files.length === maxFiles)
      throw new Malformed(`The patch changes more than ${maxFiles} files. Split it.`)
    const header = /^\*\*\* (Add|Update|Delete) File:(.*)$/.exec(line)
    if (!header) {
      throw new Malformed(
        `Line ${at + 1}: expected "*** Add File: ", "*** Update File: " or "*** Delete File: ", found ${quote(line)}.`,
      )
    }
    const path = pathOf(header[2] ?? '', at + 1)
    claim(path, at + 1)
    const end = sectionEnd(lines, at + 1, last)
    if (header[1] === 'Add') files.push({ kind: 'add', path, content: addedContent(lines, at + 1, end) })
    else if (header[1] === 'Delete') {
      for (let i = at + 1; i < end; i++) {
        if (lines[i]?.trim() !== '')
          throw new Malformed(`Line ${i + 1}: nothing may follow "*** Delete File".`)
      }
      files.push({ kind: 'delete', path })
    } else {
      let from = at + 1
      const move = /^\*\*\* Move to:(.*)$/.exec(lines[from] ?? '')
      const moveTo = move && from < end ? pathOf(move[1] ?? '', from + 1) : null
      if (moveTo !== null) {
        from += 1
        if (posix.normalize(moveTo) !== posix.normalize(path)) claim(moveTo, from)
      }
      const hunks = hunksOf(lines, from, end)
      if (hunks.length === 0 && moveTo === null) {
        throw new Malformed(`Line ${at + 1}: the update of ${path} changes nothing.`)
      }
      files.push({ kind: 'update', path, moveTo, hunks })
    }
    at = end
  }
  if (files.length === 0) throw new Malformed('The patch changes no file.')
  return files
}

function pathOf(raw: string, at: number): string {
  const path = raw.trim()
  if (path === '') throw new Malformed(`Line ${at}: a path is missing.`)
  if (path.includes('\0')) throw new Malformed(`Line ${at}: a path holds a NUL character.`)
  if (path.length > 4096) throw new Malformed(`Line ${at}: a path is longer than 4096 characters.`)
  return path
}

function sectionEnd(lines: readonly string[], from: number, last: number): number {
  for (let i = from; i < last; i++) if (/^\*\*\* (Add|Update|Delete) File:/.test(lines[i] ?? '')) return i
  return last
}

function addedContent(lines: readonly string[], from: number, end: number): string {
  let content = ''
  for (let i = from; i < end; i++) {
    const line = lines[i] ?? ''
    if (line.startsWith('+')) content += `${line.slice(1)}\n`
    else if (line.trim() !== '') {
      throw new Malformed(`Line ${i + 1}: each line of an added file starts with "+", found ${quote(line)}.`)
    }
  }
  return content
}

function hunksOf(lines: readonly string[], from: number, end: number): Hunk[] {
  const hunks: Hunk[] = []
  let start = from
  let anchors: string[] = []
  let body: { op: ' ' | '-' | '+'; text: string }[] = []
  /** Blank lines at the end of the body, written without a leading blank: layout, if nothing follows. */
  let bare = 0
  const close = (atEnd: boolean) => {
    if (!atEnd) body = body.slice(0, body.length - bare)
    if (body.some((line) => line.op !== ' ')) hunks.push({ line: start + 1, anchors, lines: body, atEnd })
    else if (body.length > 0 || anchors.length > 0) {
      throw new Malformed(`Line ${start + 1}: this hunk has no line that starts with "+" or "-".`)
    }
    anchors = []
    body = []
    bare = 0
  }

  for (let i = from; i < end; i++) {
    const line = lines[i] ?? ''
    if (line.startsWith('@@')) {
      if (body.length > 0) close(false)
      if (anchors.length === 0) start = i
      const anchor = line.slice(2).trim()
      if (anchor !== '') anchors.push(anchor)
      continue
    }
    if (line.trimEnd() === '*** End of File') {
      if (body.length === 0) throw new Malformed(`Line ${i + 1}: "*** End of File" stands after no line.`)
      close(true)
      continue
    }
    if (body.length === 0 && anchors.length === 0) start = i
    const op = line[0]
    if (line === '') {
      if (body.length === 0 && anchors.length === 0) continue
      body.push({ op: ' ', text: '' })
      bare += 1
    } else if (op === ' ' || op === '-' || op === '+') {
      body.push({ op, text: line.slice(1) })
      bare = 0
    } else {
      throw new Malformed(
        `Line ${i + 1}: each line of a hunk starts with " ", "-" or "+", found ${quote(line)}.`,
      )
    }
  }
  close(false)
  return hunks
}

/** A line of a file or patch inside a message: spelled out, and never long. */
export const quote = (text: string) => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)
