import type { TokenPattern } from './rule.ts'

/**
 * Whether a word fits a token of a Gatehouse rule.
 *
 * `granting` is the careful reading that allow rules get: "anything" is then no option (`--force`), nothing empty
 * and no `+branch` or `:branch` (git's spelling of force and delete), and an exclusion also holds for the parts of
 * `HEAD:main` and `--to=main` and without regard to case. A restricting rule reads its exclusions literally.
 */
export function fitsToken(pattern: TokenPattern, word: string, granting: boolean): boolean {
  switch (pattern.kind) {
    case 'fixed':
      return pattern.text === word
    case 'oneOf':
      return pattern.texts.includes(word)
    case 'any':
      if (!granting) return !pattern.except.some((glob) => matchesGlob(glob, word))
      return !/^(?:$|[-+:])/.test(word) && !isExcluded(pattern.except, word)
  }
}

function isExcluded(except: readonly string[], word: string): boolean {
  if (except.length === 0) return false
  const parts = new Set([word, ...word.split(/[:=,]/, 50)])
  for (const part of parts) parts.add(part.replace(/^\+/, '').replace(/^refs\/(?:heads|tags)\//, ''))
  return except.some((glob) => [...parts].some((part) => matchesGlob(glob.toLowerCase(), part.toLowerCase())))
}

/** `*` is any text, slashes included, `?` one character; the rest is literal. Linear in the word for each `*`. */
export function matchesGlob(glob: string, word: string): boolean {
  let at = 0
  let inGlob = 0
  let star = -1
  let from = 0
  while (at < word.length) {
    const wanted = glob.charAt(inGlob)
    if (wanted === '*') {
      star = inGlob
      from = at
      inGlob += 1
    } else if (inGlob < glob.length && (wanted === '?' || wanted === word.charAt(at))) {
      inGlob += 1
      at += 1
    } else if (star !== -1) {
      inGlob = star + 1
      from += 1
      at = from
    } else {
      return false
    }
  }
  while (glob.charAt(inGlob) === '*') inGlob += 1
  return inGlob === glob.length
}
