import { appliesHere, type RuleContext } from './applies-here.ts'
import type { CommandRule, CompiledRules, Ordered } from './compile-rules.ts'
import { brokenFor } from './match-rules.ts'
import { absolutePath, baseName } from './program-name.ts'
import type { PrefixRule, RuleMatch } from './rule.ts'
import { fitsToken } from './token-pattern.ts'

/** A word of a command; null when it is decided at run time. */
type Words = readonly (string | null)[]

export type WordMatch = RuleMatch & {
  /** false: it matches for some value of a word that is decided at run time, so the command asks. */
  readonly certain: boolean
}

export type WordMatches = {
  readonly matches: readonly WordMatch[]
  readonly brokenBy: readonly string[]
}

/**
 * Prompt and forbidden rules that a partly unknown command may fall under; allow rules never match here.
 *
 * An unknown word may stand for any number of words (`$ARGS`, a glob), so from the first one on everything fits.
 * Programs are compared by name at any path.
 */
export function matchWords(compiled: CompiledRules, words: Words, context: RuleContext): WordMatches {
  const program = words[0]
  if (program === undefined) return { matches: [], brokenBy: [] }
  const matches: (WordMatch & { readonly order: number })[] = []
  for (const { rule, order } of candidates(compiled, program)) {
    if (rule.decision === 'allow') continue
    if (rule.kind === 'gatehouse' && !appliesHere(rule, context)) continue
    const fit = rule.kind === 'prefix' ? fitPrefix(rule, words) : fitTokens(rule, words)
    if (fit === 'no') continue
    const length = rule.kind === 'prefix' ? rule.pattern.length : rule.subject.tokens.length
    matches.push({
      rule,
      matchedPrefix: words.slice(0, length).filter((word) => word !== null),
      resolvedProgram: program?.includes('/') ? absolutePath(program, context.cwd) : null,
      certain: fit === 'yes',
      order,
    })
  }
  matches.sort((a, b) => a.order - b.order)
  return {
    matches: matches.map(({ rule, matchedPrefix, resolvedProgram, certain }) => ({
      rule,
      matchedPrefix,
      resolvedProgram,
      certain,
    })),
    brokenBy: brokenFor(compiled.broken, program),
  }
}

function candidates(
  compiled: CompiledRules,
  program: string | null,
): readonly Ordered<PrefixRule | CommandRule>[] {
  const { prefix, anyCase, gatehouse } = compiled
  if (program === null) return [...prefix.values(), ...anyCase.values(), ...gatehouse.values()].flat()
  const names = new Set([program, baseName(absolutePath(program, '/') ?? program)])
  return [...names].flatMap((name) => [
    ...(prefix.get(name) ?? []),
    ...(anyCase.get(name.toLowerCase()) ?? []),
    ...(gatehouse.get(name) ?? []),
  ])
}

type Fit = 'yes' | 'maybe' | 'no'

function fitPrefix(rule: PrefixRule, words: Words): Fit {
  return fitWords(rule.pattern.length, true, words, (at, word) => rule.pattern[at]?.includes(word) ?? false)
}

function fitTokens(rule: CommandRule, words: Words): Fit {
  const { tokens, openEnd } = rule.subject
  return fitWords(tokens.length, openEnd, words, (at, word) => {
    const token = tokens[at]
    return token !== undefined && fitsToken(token, word, false)
  })
}

function fitWords(
  length: number,
  open: boolean,
  words: Words,
  fits: (at: number, word: string) => boolean,
): Fit {
  if (words[0] === null) return 'maybe'
  for (let at = 1; at < length; at += 1) {
    const word = words[at]
    if (word === undefined) return 'no'
    if (word === null) return 'maybe'
    if (!fits(at, word)) return 'no'
  }
  if (open) return 'yes'
  const tail = words.slice(length)
  if (tail.length === 0) return 'yes'
  return tail.every((word) => word === null) ? 'maybe' : 'no'
}
