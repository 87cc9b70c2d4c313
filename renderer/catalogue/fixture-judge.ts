import type { BackTest, PastCase, RuleDraft, RulePreview, TokenPattern } from '../../protocol/rules.ts'
import { fixed } from './fixture-rules.ts'

/** `release/*` against one word; only the star means something. */
function globMatches(glob: string, word: string): boolean {
  const [head = '', ...rest] = glob.split('*')
  if (rest.length === 0) return glob === word
  return word.startsWith(head) && word.endsWith(rest.at(-1) ?? '')
}

function tokenMatches(token: TokenPattern, word: string): boolean {
  switch (token.kind) {
    case 'fixed':
      return token.text === word
    case 'oneOf':
      return token.texts.includes(word)
    case 'any':
      return !token.except.some((glob) => globMatches(glob, word))
  }
}

/** Whether a rule would answer a command. Good enough for fixtures; the host has the real one. */
export function draftMatches({ subject }: RuleDraft, words: readonly string[]): boolean {
  if (subject.kind !== 'command') return false
  const { tokens, openEnd } = subject
  if (openEnd ? words.length < tokens.length : words.length !== tokens.length) return false
  return tokens.every((token, at) => tokenMatches(token, words[at] ?? ''))
}

const tokenWords = (token: TokenPattern): string => {
  if (token.kind === 'fixed') return token.text
  if (token.kind === 'oneOf') return token.texts.join(' or ')
  return token.except.length > 0 ? `any one word except ${token.except.join(' and ')}` : 'any one word'
}

export function draftWhat({ subject }: RuleDraft): string {
  if (subject.kind === 'write') return `write ${subject.path}`
  const parts = subject.tokens.map((token) => {
    if (token.kind === 'fixed') return token.text
    if (token.kind === 'oneOf') return token.texts.join('|')
    return token.except.length > 0 ? `* (not ${token.except.join(', ')})` : '*'
  })
  return subject.openEnd ? `${parts.join(' ')} …` : parts.join(' ')
}

export function draftSentence(draft: RuleDraft): string {
  const verb = { allow: 'Allow', prompt: 'Ask before', forbidden: 'Never run' }[draft.decision]
  const where = draft.where === null ? 'everywhere' : `in ${draft.where.split('/').at(-1)}`
  if (draft.subject.kind === 'write') return `${verb} writing below ${draft.subject.path}, ${where}.`
  const tail = draft.subject.openEnd ? 'whatever follows' : 'with nothing after it'
  const runs =
    draft.decision !== 'allow'
      ? ''
      : draft.runs === 'sandbox'
        ? ', inside the sandbox'
        : ', outside the sandbox when it asks for that'
  return `${verb} ${draft.subject.tokens.map(tokenWords).join(' ')}, ${where}, ${tail}${runs}.`
}

function problemsOf({ subject }: RuleDraft): string[] {
  if (subject.kind !== 'command') return []
  const free = subject.tokens.findIndex(({ kind }) => kind === 'any')
  const later = subject.tokens.findLastIndex(({ kind }) => kind !== 'any')
  const problems: string[] = []
  if (free === 0) problems.push('The first token must be fixed: a rule for every program is no rule.')
  else if (free !== -1 && free < later)
    problems.push(
      `Token ${free + 1} is free in front of a fixed one: options could ride along there. Fix it, or free what follows.`,
    )
  if (subject.tokens.some((token) => token.kind === 'fixed' && token.text === ''))
    problems.push('A token is empty.')
  return problems
}

function backTest(draft: RuleDraft, past: readonly PastCase[], days: number, sinceMs: number): BackTest {
  const cases = past
    .filter(({ atMs, folder }) => atMs >= sinceMs && (draft.where === null || folder === draft.where))
    .filter(({ words }) => draftMatches(draft, words))
    .toSorted((a, b) => Number(b.outcome === 'denied') - Number(a.outcome === 'denied') || b.atMs - a.atMs)
  const count = (outcome: PastCase['outcome']): number =>
    cases.filter((each) => each.outcome === outcome).length
  return {
    days,
    asks: cases.length,
    allowed: count('allowed'),
    denied: count('denied'),
    unanswered: count('unanswered'),
    cases,
  }
}

/** The same rule without the denied ones: their words become exceptions of the free token they stand at. */
function excluding(draft: RuleDraft, denied: readonly PastCase[]): RuleDraft | null {
  if (denied.length === 0 || draft.subject.kind !== 'command') return null
  const at = draft.subject.tokens.findLastIndex(({ kind }) => kind === 'any')
  if (at === -1) return null
  const words = denied.flatMap((each) => each.words[at] ?? [])
  const tokens = draft.subject.tokens.map((token, place) =>
    place === at && token.kind === 'any'
      ? { ...token, except: [...new Set([...token.except, ...words])] }
      : token,
  )
  return {
    ...draft,
    subject: { ...draft.subject, tokens },
    notMatch: [...draft.notMatch, ...denied.map((each) => each.words)],
  }
}

function stillAsks(draft: RuleDraft): RulePreview['stillAsks'] {
  if (draft.subject.kind !== 'command') return []
  const { tokens, openEnd } = draft.subject
  const shown = tokens.map((token) =>
    token.kind === 'fixed' ? token.text : token.kind === 'oneOf' ? (token.texts[0] ?? '') : 'fix/retry',
  )
  const last = tokens.at(-1)
  return [
    ...(last?.kind === 'any'
      ? last.except.map((glob) => ({
          text: [...shown.slice(0, -1), glob.replace('*', '1.4')].join(' '),
          why: 'excluded',
        }))
      : []),
    ...(openEnd ? [] : [{ text: `${shown.join(' ')} --force`, why: 'the rule ends before this word' }]),
    ...(shown.length > 2
      ? [
          {
            text: [...shown.slice(0, 2), 'fork', ...shown.slice(3)].join(' '),
            why: 'another word at place 3',
          },
        ]
      : []),
  ]
}

/** What the scope editor shows of an unsaved rule. */
export function previewOf(
  draft: RuleDraft,
  past: readonly PastCase[],
  days: number,
  nowMs: number,
): RulePreview {
  const test = backTest(draft, past, days, nowMs - days * 86_400_000)
  const examples = [
    ...draft.match.map((words) => ({ expects: 'match' as const, words, ok: draftMatches(draft, words) })),
    ...draft.notMatch.map((words) => ({
      expects: 'notMatch' as const,
      words,
      ok: !draftMatches(draft, words),
    })),
  ]
  const allowed = [
    ...new Set(test.cases.filter((each) => each.outcome === 'allowed').map(({ text }) => text)),
  ]
  const free = draft.subject.kind === 'command' && draft.subject.tokens.at(-1)?.kind === 'any'
  const narrow =
    free && allowed.length > 0 && allowed.length <= 8 && draft.subject.kind === 'command'
      ? {
          ...draft,
          subject: {
            ...draft.subject,
            tokens: [
              ...draft.subject.tokens.slice(0, -1),
              {
                kind: 'oneOf' as const,
                texts: allowed.map((text) => text.split(' ').at(-1) ?? '').toSorted(),
              },
            ],
          },
        }
      : null
  return {
    sentence: draftSentence(draft),
    problems: problemsOf(draft),
    examples,
    backTest: test,
    stillAsks: stillAsks(draft),
    excludingDenied: excluding(
      draft,
      test.cases.filter(({ outcome }) => outcome === 'denied'),
    ),
    narrower: narrow && { sentence: draftSentence(narrow), draft: narrow },
  }
}

/** Closed at its end and as narrow as the command itself. */
export const draftOf = (words: readonly string[]): readonly TokenPattern[] => words.map(fixed)
