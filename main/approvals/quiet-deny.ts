import type { HeldCall } from '../../protocol/sandbox.ts'
import { pathsOf } from '../policy/judge-file-access.ts'

/** One line of the list, ready to match. */
export type QuietPattern = {
  readonly line: number
  readonly segments: readonly string[]
  readonly reason: string
}
export type QuietProblem = { readonly line: number; readonly why: string }
export type QuietList = {
  readonly patterns: readonly QuietPattern[]
  readonly problems: readonly QuietProblem[]
}

const maxBytes = 64 * 1024
const maxLines = 1000
const maxPattern = 300
const maxDepth = 2

/**
 * Reads the text of a quiet-deny list. A line that cannot be used is left out and said: then the write is
 * asked, which is the safe side.
 *
 * @param home stands for `~`; absolute
 */
export function readQuietDeny(text: string, home: string): QuietList {
  if (text.length > maxBytes)
    return { patterns: [], problems: [{ line: 1, why: `the file is longer than ${maxBytes} characters` }] }
  const patterns: QuietPattern[] = []
  const problems: QuietProblem[] = []
  const lines = text.split('\n')
  for (const [at, raw] of lines.slice(0, maxLines).entries()) {
    const hash = raw.search(/(?:^|\s)#/)
    const pattern = (hash === -1 ? raw : raw.slice(0, hash)).trim()
    if (pattern === '') continue
    const why = problemOf(pattern)
    if (why !== null) problems.push({ line: at + 1, why })
    else {
      const whole = pattern.startsWith('~/') ? `${home}${pattern.slice(1)}` : pattern
      const reason = hash === -1 ? '' : raw.slice(hash).trim().replace(/^#\s*/, '').slice(0, 200)
      patterns.push({ line: at + 1, segments: whole.split('/').filter((s) => s !== ''), reason })
    }
  }
  if (lines.length > maxLines)
    problems.push({ line: maxLines + 1, why: `only the first ${maxLines} lines are read` })
  return { patterns, problems }
}

function problemOf(pattern: string): string | null {
  if (pattern.length > maxPattern) return `the pattern is longer than ${maxPattern} characters`
  // oxlint-disable-next-line no-control-regex -- that no such character is in it is what is asked
  if (/[\u0000-\u001f\u007f\ufffd]/.test(pattern)) return 'the pattern holds a control character'
  if (!/^(?:~\/|\/|\*\*\/)/.test(pattern)) return 'a pattern begins with "~/", "/" or "**/"'
  const segments = pattern.split('/').slice(pattern.startsWith('**/') ? 0 : 1)
  if (segments.some((s) => s === '..' || s === '.')) return 'a pattern holds no "." or ".." as a name'
  if (segments.slice(0, -1).includes('') || segments.at(-1) === '') return 'a pattern holds no empty name'
  if (segments.some((s) => s.includes('**') && s !== '**')) return '"**" stands alone between slashes'
  if (segments.filter((s) => s === '**').length > maxDepth)
    return `"**" stands at most ${maxDepth} times in a pattern`
  if (!segments.some((s) => s !== '**' && /[^*]/.test(s)))
    return 'a pattern names at least one file or folder'
  return null
}

/** The line that refuses this call quietly: all its ends match one. null for reads, and when none does. */
export function quietMatch(held: HeldCall, list: QuietList): QuietPattern | null {
  if (held.kind !== 'write') return null
  const found = pathsOf(held).map((p) => {
    const names = p.split('/').filter((s) => s !== '')
    return list.patterns.find(({ segments }) => matches(segments, names)) ?? null
  })
  return found.every((f) => f !== null) ? (found[0] ?? null) : null
}

/** Whether the names of a path fit the segments of a pattern; `**` stands for any number of names. */
function matches(segments: readonly string[], names: readonly string[]): boolean {
  // One row of the table segments x names at a time, so that no pattern is slow.
  let row = [true, ...names.map(() => false)]
  for (const segment of segments) {
    const next: boolean[] = []
    for (let at = 0; at <= names.length; at += 1) {
      const name = at === 0 ? undefined : names[at - 1]
      next.push(
        segment === '**'
          ? row[at] === true || next[at - 1] === true
          : name !== undefined && row[at - 1] === true && fits(segment, name),
      )
    }
    row = next
  }
  return row[names.length] === true
}

/** One name against one segment, where `*` stands for any characters. */
function fits(segment: string, name: string): boolean {
  if (!segment.includes('*')) return segment === name
  const parts = segment.split('*')
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last))
    return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return at <= name.length - last.length
}
