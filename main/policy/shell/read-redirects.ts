import { skipBlanks } from './read-spaces.ts'
import { readWord } from './read-word.ts'
import type { ReadRedirect, Scan } from './scan.ts'

const operator = /(?:\d+|\{\w+\})?(&>>|&>|<<<|<<-|<<|<>|<&|>&|>>|>\||<|>)/y

/** Reads the redirection at the scan's place; null when there is none. A process substitution is a word, not one. */
export function readRedirect(s: Scan): ReadRedirect | null {
  if (s.has('<(') || s.has('>(')) return null
  operator.lastIndex = s.at
  const found = operator.exec(s.text)
  if (!found) return null
  const sign = found[1] ?? ''
  s.at += found[0].length
  s.lower('other')
  skipBlanks(s)
  const from = s.at
  const words = readWord(s)
  const [word] = words
  if (word === undefined) s.stop(`nothing follows ${found[0]}`)
  if (sign === '<<' || sign === '<<-') {
    const redirect: ReadRedirect = { operator: found[0], target: null, body: null }
    const raw = s.text.slice(from, s.at)
    if (words.length > 1 || /[$`]|\\\n/.test(raw) || word.value === null)
      s.stop('the end of a here-document is not a plain word')
    s.heredocs.push({ redirect, end: word.value, literal: word.quoted, stripTabs: sign === '<<-' })
    return redirect
  }
  // more than one word: the shell refuses it, or takes the first
  const target = words.length > 1 ? null : word.value
  const copies = (sign === '>&' || sign === '<&') && target !== null && /^(?:\d+-?|-)$/.test(target)
  return { operator: copies ? found[0] + target : found[0], target, body: sign === '<<<' ? target : null }
}

/** All redirections behind a compound command. */
export function readRedirects(s: Scan): readonly ReadRedirect[] {
  const all: ReadRedirect[] = []
  for (;;) {
    skipBlanks(s)
    const redirect = readRedirect(s)
    if (redirect === null) return all
    all.push(redirect)
  }
}
