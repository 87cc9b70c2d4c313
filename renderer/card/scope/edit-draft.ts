import type { RuleDraft, TokenPattern } from '../../../protocol/rule-draft.ts'

/**
 * Changes of a rule that is being edited. Each answers a new draft; what does not fit changes nothing. None of
 * them judges: whether the rule may be saved is the host's word.
 */
export type TokenKind = TokenPattern['kind']

const mostTexts = 100
const mostExamples = 50

type CommandSubject = Extract<RuleDraft['subject'], { kind: 'command' }>

export const tokensOf = ({ subject }: RuleDraft): readonly TokenPattern[] =>
  subject.kind === 'command' ? subject.tokens : []

const withCommand = (draft: RuleDraft, change: Partial<CommandSubject>): RuleDraft =>
  draft.subject.kind === 'command' ? { ...draft, subject: { ...draft.subject, ...change } } : draft

function withToken(draft: RuleDraft, at: number, change: (token: TokenPattern) => TokenPattern): RuleDraft {
  const tokens = tokensOf(draft).map((token, place) => (place === at ? change(token) : token))
  return withCommand(draft, { tokens })
}

/** The words a rule was made from, or a command it is meant to match: what a freed token falls back to. */
export const sampleOf = (draft: RuleDraft, words: readonly string[]): readonly string[] => {
  const { length } = tokensOf(draft)
  return words.length >= length ? words : (draft.match.find((each) => each.length >= length) ?? words)
}

const add = (list: readonly string[], text: string): string[] =>
  text === '' || list.includes(text) || list.length >= mostTexts ? [...list] : [...list, text]

/** @param word what a fixed token says when nothing of the old one can be kept */
export function setTokenKind(draft: RuleDraft, at: number, kind: TokenKind, word: string): RuleDraft {
  return withToken(draft, at, (token) => {
    if (token.kind === kind) return token
    const first = token.kind === 'fixed' ? token.text : token.kind === 'oneOf' ? token.texts[0] : undefined
    switch (kind) {
      case 'fixed':
        return { kind, text: first ?? word }
      case 'oneOf':
        return { kind, texts: [first ?? word] }
      case 'any':
        return { kind, except: [] }
    }
  })
}

export const setFixed = (draft: RuleDraft, at: number, text: string): RuleDraft =>
  withToken(draft, at, (token) => (token.kind === 'fixed' ? { ...token, text } : token))

/** A word of a one-of token, or an exception of a free one. */
export const addText = (draft: RuleDraft, at: number, text: string): RuleDraft =>
  withToken(draft, at, (token) => {
    if (token.kind === 'oneOf') return { ...token, texts: add(token.texts, text) }
    if (token.kind === 'any') return { ...token, except: add(token.except, text) }
    return token
  })

/** The last word of a one-of token stays: a token that nothing fits would match nothing. */
export const removeText = (draft: RuleDraft, at: number, text: string): RuleDraft =>
  withToken(draft, at, (token) => {
    const without = (list: readonly string[]): string[] => list.filter((each) => each !== text)
    if (token.kind === 'oneOf' && token.texts.length > 1) return { ...token, texts: without(token.texts) }
    if (token.kind === 'any') return { ...token, except: without(token.except) }
    return token
  })

export const addToken = (draft: RuleDraft, text: string): RuleDraft =>
  withCommand(draft, { tokens: [...tokensOf(draft), { kind: 'fixed', text }] })

export function removeToken(draft: RuleDraft, at: number): RuleDraft {
  const tokens = tokensOf(draft)
  return tokens.length > 1 ? withCommand(draft, { tokens: tokens.filter((_, place) => place !== at) }) : draft
}

export const setOpenEnd = (draft: RuleDraft, openEnd: boolean): RuleDraft => withCommand(draft, { openEnd })

/** Begins again from a command: every token fixed, closed at its end, and the command its first example. */
export function fromWords(draft: RuleDraft, words: readonly string[]): RuleDraft {
  const [first, ...rest] = words
  if (first === undefined) return draft
  const tokens = [first, ...rest].map((text): TokenPattern => ({ kind: 'fixed', text }))
  return {
    ...draft,
    subject: { kind: 'command', tokens, openEnd: false },
    match: [[first, ...rest]],
    notMatch: [],
  }
}

export const setPath = (draft: RuleDraft, path: string): RuleDraft => ({
  ...draft,
  subject: { kind: 'write', path },
})

/** The folder above, down to the first one below the root; null where there is none. */
export function folderAbove(path: string): string | null {
  const trimmed = path.replace(/[\\/]+$/, '')
  const end = Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\'))
  return end > 0 && !/^[A-Za-z]:$/.test(trimmed.slice(0, end)) ? trimmed.slice(0, end) : null
}

export type Expects = 'match' | 'notMatch'

const sameWords = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((word, at) => word === b[at])

/** An example says one thing: adding it to one side takes it from the other. */
export function addExample(draft: RuleDraft, expects: Expects, words: readonly string[]): RuleDraft {
  if (words.length === 0) return draft
  const other = expects === 'match' ? 'notMatch' : 'match'
  const known = draft[expects].some((each) => sameWords(each, words))
  if (!known && draft[expects].length >= mostExamples) return draft
  return {
    ...draft,
    [expects]: known ? draft[expects] : [...draft[expects], [...words]],
    [other]: draft[other].filter((each) => !sameWords(each, words)),
  }
}

export const removeExample = (draft: RuleDraft, expects: Expects, words: readonly string[]): RuleDraft => ({
  ...draft,
  [expects]: draft[expects].filter((each) => !sameWords(each, words)),
})

/** What excluding past denials adds to a rule, for the line beside the button. */
export function exceptionsAdded(before: RuleDraft, after: RuleDraft): readonly string[] {
  const known = tokensOf(before)
  return tokensOf(after).flatMap((token, at) => {
    const old = known[at]
    if (token.kind === 'any') {
      const had = old?.kind === 'any' ? old.except : []
      return token.except.filter((glob) => !had.includes(glob))
    }
    return []
  })
}

/** Nothing was said yet: a new rule before its command is typed. */
export const isBlank = (draft: RuleDraft): boolean =>
  draft.subject.kind === 'command' &&
  draft.subject.tokens.every((token) => token.kind === 'fixed' && token.text === '')

export const sameDraft = (a: RuleDraft, b: RuleDraft): boolean => JSON.stringify(a) === JSON.stringify(b)
