import { readHeredocBody } from './read-word.ts'
import type { Scan } from './scan.ts'

/** Passes blanks, continued lines and comments, not line breaks. */
export function skipBlanks(s: Scan): void {
  for (;;) {
    const c = s.char()
    if (c === ' ' || c === '\t') s.at += 1
    else if (c === '\\' && s.text[s.at + 1] === '\n') {
      s.joins.push(s.at)
      s.at += 2
    } else if (c === '#') {
      // only called between words, where # starts a comment
      s.lower('other')
      const end = s.text.indexOf('\n', s.at)
      s.at = end < 0 ? s.text.length : end
    } else return
  }
}

/** Passes blanks and line breaks; the bodies of here-documents start behind a line break. */
export function skipLines(s: Scan): void {
  for (;;) {
    skipBlanks(s)
    if (s.char() !== '\n') return
    s.at += 1
    readHeredocs(s)
  }
}

function readHeredocs(s: Scan): void {
  for (const { redirect, end, literal, stripTabs } of s.heredocs.splice(0)) {
    const lines: string[] = []
    // Backslash and line break join two lines, so the second one cannot be the end.
    for (let continued = false; ; ) {
      if (s.done) s.stop('a here-document has no end')
      const breakAt = s.text.indexOf('\n', s.at)
      const stop = breakAt < 0 ? s.text.length : breakAt
      const raw = s.text.slice(s.at, stop)
      const line = stripTabs ? raw.replace(/^\t+/, '') : raw
      s.at = Math.min(stop + 1, s.text.length)
      if (line === end && !continued) break
      lines.push(line)
      continued = !literal && /(?:^|[^\\])(?:\\\\)*\\$/.test(line)
    }
    redirect.body = lines.join('\n')
    if (!literal) readHeredocBody(redirect.body, s)
  }
}

/** The bare word at the scan's place, if it is one that could be a reserved word; not passed. */
export function peekWord(s: Scan): string | null {
  const word = /(?:[a-z]+|[!{}]|\[\[)(?=[\s;|&<>()]|$)/y
  word.lastIndex = s.at
  return word.exec(s.text)?.[0] ?? null
}

const closing = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'])
export const isClosingWord = (s: Scan): boolean => closing.has(peekWord(s) ?? '')

/** Whether no command can start here. */
export const endsCommand = (s: Scan): boolean =>
  s.done || /[\n;|)]/.test(s.char()) || (s.char() === '&' && s.text[s.at + 1] !== '>') || isClosingWord(s)
