import type { RuleDraft, TokenPattern } from '../../../protocol/rule-draft.ts'
import type { BackTest, PastCase, RulePreview } from '../../../protocol/rules.ts'
import type { PastQuestion } from '../../approvals/past-questions.ts'
import type { JudgeContext } from '../../policy/judge-action.ts'
import { printWords } from '../../policy/rule-words.ts'
import { byWeight, caseOf, judgeAgain } from './replay.ts'

/** A question the draft would have answered, with the words of the part it spoke about. */
type Hit = { readonly question: PastCase; readonly words: readonly string[] }

export type PreviewFacts = {
  readonly draft: RuleDraft
  readonly days: number
  readonly past: readonly PastQuestion[]
  /** Judged with the draft beside the rules in force. */
  readonly context: JudgeContext
  readonly sentence: string
  readonly problems: readonly string[]
  /** Whether the draft alone matches an argument list. */
  matches(words: readonly string[], draft: RuleDraft): boolean
  sentenceOf(draft: RuleDraft): string
}

/** What an unsaved rule would have answered, and what it still leaves to the person. */
export function previewRule(f: PreviewFacts): RulePreview {
  const { draft } = f
  const hits = f.past.flatMap((q) => hitOf(q, f))
  const cases = hits.map((h) => h.question).toSorted(byWeight)
  const narrower = narrowed(draft, hits)
  return {
    sentence: f.sentence,
    problems: [...f.problems],
    examples: [
      ...draft.match.map((words) => ({ expects: 'match' as const, words, ok: f.matches(words, draft) })),
      ...draft.notMatch.map((words) => ({
        expects: 'notMatch' as const,
        words,
        ok: !f.matches(words, draft),
      })),
    ],
    backTest: backTest(cases, f.days),
    stillAsks: stillAsks(f),
    excludingDenied: excluding(
      draft,
      hits.filter((h) => h.question.outcome === 'denied'),
      f,
    ),
    narrower: narrower ? { sentence: f.sentenceOf(narrower), draft: narrower } : null,
  }
}

function hitOf(q: PastQuestion, { context, draft, matches }: PreviewFacts): Hit[] {
  const { verdict, parts } = judgeAgain(q, context)
  if (draft.subject.kind === 'write')
    return verdict.origin.kind === 'rule' && verdict.origin.ruleId === draftId
      ? [{ question: caseOf(q), words: [] }]
      : []
  if (q.action.kind !== 'command') return []
  const part = context.decode(q.action.argv).parts.find((p) => p.argv !== null && matches(p.argv, draft))
  if (!part?.argv) return []
  // An allow rule answers a question only when nothing else of the command is left to ask.
  const answers = draft.decision !== 'allow' || (verdict.kind === 'run' && parts.length > 0)
  return answers ? [{ question: caseOf(q), words: part.argv }] : []
}

/** The id of an unsaved rule. */
export const draftId = 'draft'

const backTest = (cases: readonly PastCase[], days: number): BackTest => ({
  days,
  asks: cases.length,
  allowed: cases.filter((c) => c.outcome === 'allowed').length,
  denied: cases.filter((c) => c.outcome === 'denied').length,
  unanswered: cases.filter((c) => c.outcome === 'unanswered').length,
  cases: cases.slice(0, 200),
})

/**
 * The same rule without the denied cases; null when its tokens cannot tell them apart. Exceptions are globs, in which
 * nothing can be escaped: a word with a star in it excludes itself, and a little more.
 */
function excluding(draft: RuleDraft, denied: readonly Hit[], f: PreviewFacts): RuleDraft | null {
  if (denied.length === 0 || draft.subject.kind !== 'command') return null
  const { tokens } = draft.subject
  const next = tokens.map((token, i): TokenPattern => {
    const words = [...new Set(denied.flatMap((h) => h.words[i] ?? []))]
    if (token.kind === 'any') return { ...token, except: [...new Set([...token.except, ...words])] }
    if (token.kind === 'oneOf') {
      const texts = token.texts.filter((t) => !words.includes(t))
      return texts.length > 0 ? { kind: 'oneOf', texts } : token
    }
    return token
  })
  const changed: RuleDraft = {
    ...draft,
    subject: { ...draft.subject, tokens: next },
    notMatch: [...draft.notMatch, ...denied.map((h) => [...h.words])].slice(0, 50),
  }
  return denied.every((h) => !f.matches(h.words, changed)) ? changed : null
}

/** A rule that would have done for everything that was allowed; null when there is none, or too little is known. */
function narrowed(draft: RuleDraft, hits: readonly Hit[]): RuleDraft | null {
  const allowed = hits.filter((h) => h.question.outcome === 'allowed')
  if (draft.subject.kind !== 'command' || draft.decision !== 'allow' || allowed.length < 2) return null
  const { tokens, openEnd } = draft.subject
  let changed = false
  const next = tokens.map((token, i): TokenPattern => {
    const words = [...new Set(allowed.flatMap((h) => h.words[i] ?? []))]
    if (token.kind === 'fixed' || words.length === 0 || words.length > 5) return token
    if (token.kind === 'oneOf' && words.length === token.texts.length) return token
    changed = true
    return words.length === 1 ? { kind: 'fixed', text: words[0] as string } : { kind: 'oneOf', texts: words }
  })
  const tail = openEnd && allowed.every((h) => h.words.length <= tokens.length)
  if (!changed && !tail) return null
  return { ...draft, subject: { ...draft.subject, tokens: next, openEnd: openEnd && !tail } }
}

/** Commands near the rule that it does not answer, so that nobody believes it does. */
function stillAsks({ draft, matches }: PreviewFacts): RulePreview['stillAsks'] {
  if (draft.subject.kind !== 'command') return []
  const { tokens } = draft.subject
  const base = tokens.map((t) =>
    t.kind === 'fixed' ? t.text : t.kind === 'oneOf' ? (t.texts[0] ?? '') : 'x',
  )
  const near: { words: string[]; why: string }[] = [
    { words: [...base, '--force'], why: 'the rule ends before it' },
    { words: [...base, 'another'], why: 'the rule ends before it' },
  ]
  tokens.forEach((token, i) => {
    if (token.kind === 'any')
      for (const word of token.except.slice(0, 3))
        near.push({ words: base.with(i, word.replaceAll('*', 'x')), why: 'excluded' })
    else if (i === base.length - 1 && i > 0)
      near.push({ words: base.with(i, 'something-else'), why: 'another word stands there' })
  })
  return near
    .filter(({ words }) => !matches(words, draft))
    .slice(0, 6)
    .map(({ words, why }) => ({ text: printWords(words), why }))
}
