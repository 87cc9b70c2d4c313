import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { HostHandlers } from '../../protocol/contract.ts'
import type { ApprovalId } from '../../protocol/ids.ts'
import type { RuleDraft, RuleRow, RulesState, TestAnswer } from '../../protocol/rules.ts'
import type { Reason } from '../../protocol/verdict.ts'
import { draftMatches, draftOf, draftSentence, draftWhat, previewOf } from './fixture-judge.ts'
import {
  commandDraft,
  fixturePast,
  fixtureRules,
  managedFile,
  ownDrafts,
  ownRules,
  ownRulesText,
} from './fixture-rules.ts'

type RuleHandlers = Pick<HostHandlers, Extract<keyof HostHandlers, `rules/${string}`>>

type Bench = {
  readonly handlers: RuleHandlers
  /** @returns why it was not saved; null when it was */
  save(rule: RuleDraft, replaces: string | null, reviewed: boolean): { id: string } | { why: string }
}

const hour = 3_600_000

/** Rules that can be watched, tested, saved and removed, in memory. Judging is only as good as fixtures need. */
export function createFixtureRules(
  startMs: number,
  requestOf: (id: ApprovalId) => ApprovalRequest | undefined,
  state: RulesState = fixtureRules(startMs),
): Bench {
  let rules = state
  let text = ownRulesText
  let edits = 0
  const sinks = new Set<{ change(change: RulesState): void }>()
  const show = (rows: RuleRow[]): void => {
    rules = { ...rules, rows }
    for (const sink of sinks) sink.change(rules)
  }
  const digest = (): string => `digest-${edits}`
  const find = (id: string): RuleRow | undefined => rules.rows.find((each) => each.id === id)

  const save: Bench['save'] = (rule, replaces, reviewed) => {
    const preview = previewOf(rule, fixturePast(startMs), 30, Date.now())
    const wrong =
      preview.problems[0] ?? (preview.examples.some(({ ok }) => !ok) ? 'An example is red.' : null)
    if (wrong !== null) return { why: wrong }
    if (rule.where === null && rule.decision === 'allow' && rule.runs === 'asAsked')
      return { why: 'acme-baseline v7 permits rules for everywhere inside the sandbox only.' }
    const id = `saved-${++edits}`
    const before = replaces === null ? undefined : find(replaces)
    const row: RuleRow = {
      ...asRow(rule, id),
      createdAtMs: before?.createdAtMs ?? Date.now(),
      used: before?.used ?? 0,
      lastUsedAtMs: before?.lastUsedAtMs ?? null,
      source: { file: ownDrafts, line: before?.source.line ?? 60 + edits },
      reviewed,
    }
    show(before ? rules.rows.map((each) => (each.id === replaces ? row : each)) : [...rules.rows, row])
    return { id }
  }

  const handlers: RuleHandlers = {
    'rules/watch': (_, sink) => {
      sinks.add(sink)
      return { snapshot: rules, stop: () => void sinks.delete(sink) }
    },
    'rules/test': ({ subject, folder, sandboxMode, approvalPolicy, draft }) => {
      const settings = { sandboxMode, approvalPolicy }
      const answer = judge(subject, folder, settings, rules.rows)
      if (answer.status !== 'answered' || draft === null || subject.kind !== 'command') return answer
      const changed = rules.rows.filter(({ id }) => id !== draft.replaces).concat(asRow(draft.rule))
      const after = judge(subject, folder, settings, changed)
      if (after.status !== 'answered') return answer
      return { ...answer, withDraft: { verdict: after.verdict, reasoning: after.reasoning } }
    },
    'rules/preview': ({ rule, days }) => previewOf(rule, fixturePast(startMs), days, Date.now()),
    'rules/suggest': ({ approvalId }) => {
      const request = requestOf(approvalId)
      if (request?.action.kind !== 'command')
        return { status: 'refused', why: 'The agent no longer waits for this.' }
      const { argv, script, cwd } = request.action
      const draft = (words: readonly string[]): RuleDraft =>
        commandDraft(draftOf(words), {
          where: cwd,
          endsAtMs: Date.now() + 8 * hour,
          match: [[...words]],
          notMatch: [[...words, '--force']],
        })
      const lines = (script ?? argv.join(' ')).split(/ && | ; | \| /)
      const parts = lines.map((line) => {
        const words = line.split(' ')
        return {
          text: line,
          coveredBy: words[0] === 'npm' && words[1] === 'test' ? 'npm test … (team.rules, line 9)' : null,
          draft: draft(words),
        }
      })
      const open = parts.find(({ coveredBy }) => coveredBy === null) ?? parts[0]
      return { status: 'suggested', draft: open?.draft ?? draft(argv), parts: parts.length > 1 ? parts : [] }
    },
    'rules/save': ({ rule, replaces }) => {
      const result = save(rule, replaces, true)
      return 'id' in result ? { status: 'saved', id: result.id } : { status: 'refused', why: result.why }
    },
    'rules/remove': ({ id }) => {
      if (find(id)?.lockedBy != null) return { status: 'refused', why: 'acme-baseline v7 keeps this rule.' }
      show(rules.rows.filter((each) => each.id !== id))
      return { status: 'saved', id }
    },
    'rules/review': ({ id }) => {
      show(rules.rows.map((each) => (each.id === id ? { ...each, reviewed: true } : each)))
      return { status: 'saved', id }
    },
    'rules/text': ({ file }) =>
      file === ownRules
        ? { status: 'read', text, digest: digest(), editable: true }
        : { status: 'read', text: `# ${file}\n`, digest: digest(), editable: file !== managedFile },
    'rules/saveText': ({ file, text: next, digest: known }) => {
      if (known !== digest()) return { status: 'changedMeanwhile' }
      const lines = next.split('\n')
      const bad = lines.findIndex((line) => /decision = "(?!allow|prompt|forbidden)/.test(line))
      if (bad !== -1) {
        const message = 'decision must be one of allow, prompt, forbidden.'
        const column = (lines[bad]?.indexOf('"') ?? 0) + 1
        return { status: 'invalid', problems: [{ message, line: bad + 1, column }] }
      }
      text = next
      edits += 1
      rules = { ...rules, problems: rules.problems.filter(({ source }) => source.file !== file) }
      show([...rules.rows])
      return { status: 'saved', id: file }
    },
  }
  return { handlers, save }
}

const asRow = (rule: RuleDraft, id = 'unsaved'): RuleRow => ({
  id,
  group: rule.endsAtMs === null ? 'you' : 'leases',
  decision: rule.decision,
  what: draftWhat(rule),
  sentence: draftSentence(rule),
  where: rule.where,
  runs: rule.runs,
  endsAtMs: rule.endsAtMs,
  createdAtMs: null,
  used: 0,
  lastUsedAtMs: null,
  source: { file: ownDrafts, line: 60 },
  note: rule.note,
  reviewed: true,
  coveredBy: null,
  lockedBy: null,
  draft: rule,
})

type Verdict = 'run' | 'review' | 'forbid'
const strict: Readonly<Record<Verdict, number>> = { run: 0, review: 1, forbid: 2 }
const verdictOf = { allow: 'run', prompt: 'review', forbidden: 'forbid' } as const

function judge(
  subject: Parameters<RuleHandlers['rules/test']>[0]['subject'],
  folder: string,
  settings: Pick<Parameters<RuleHandlers['rules/test']>[0], 'sandboxMode' | 'approvalPolicy'>,
  rows: readonly RuleRow[],
): TestAnswer {
  const line =
    subject.kind === 'command'
      ? subject.text
      : subject.kind === 'host'
        ? `host ${subject.host}`
        : subject.kind === 'path'
          ? `${subject.access} ${subject.path}`
          : `tool ${subject.server}.${subject.tool}`
  if (line.includes('$('))
    return {
      status: 'notUnderstood',
      why: 'Word 2 is made while it runs: $(…). Commands like this are always asked.',
    }
  const parts = line.split(/ && | ; | \| /).map((text) => {
    const words = text.trim().split(' ')
    const hits = rows.filter((row) => (row.where === null || row.where === folder) && rowMatches(row, words))
    const first = hits.toSorted((a, b) => strict[verdictOf[b.decision]] - strict[verdictOf[a.decision]])[0]
    const own = settings.approvalPolicy === 'never' ? 'forbid' : 'review'
    return { text, first, verdict: first ? verdictOf[first.decision] : own } as const
  })
  const worst = parts.toSorted((a, b) => strict[b.verdict] - strict[a.verdict])[0]
  const verdict = worst?.verdict ?? 'review'
  const ruled = worst?.first
  const managed = ruled?.group === 'managed'
  const step = (reason: Omit<Reason, 'source'> & { source?: Reason['source'] }): Reason => ({
    source: null,
    ...reason,
  })
  const near = rows.find(
    ({ draft, id }) => id === 'l-push' && draft && !ruled && line.startsWith('git push origin'),
  )
  return {
    status: 'answered',
    verdict,
    tier: verdict === 'run' ? 'routine' : line.includes('--force') ? 'serious' : 'notable',
    tierReasons: [verdict === 'run' ? 'stays in known scope' : 'others see it, and it can be undone'],
    reasoning: [
      step({
        layer: 'decoding',
        text: `${parts.length === 1 ? 'One simple command' : `${parts.length} simple commands`}, every word can be told by reading.`,
        says: null,
        decides: false,
      }),
      step({
        layer: 'requirements',
        text: managed ? `acme-baseline v7: ${ruled.what}.` : 'acme-baseline v7: no rule matches.',
        says: managed ? verdict : null,
        decides: managed,
        source: { file: managedFile, line: managed ? ruled.source.line : 21 },
      }),
      ...(ruled && !managed
        ? [
            step({
              layer: 'rules' as const,
              text: `Rule ${ruled.what} matches every word.`,
              says: verdict,
              decides: true,
              source: ruled.source,
            }),
          ]
        : [
            step({
              layer: 'rules' as const,
              text: near ? `Rule ${near.what} matches, but this word is excluded.` : 'No other rule matches.',
              says: null,
              decides: false,
              source: near?.source ?? null,
            }),
          ]),
      step({
        layer: 'settings',
        text: `${settings.sandboxMode}, ${settings.approvalPolicy}: outside the sandbox it ${settings.approvalPolicy === 'never' ? 'is refused' : 'asks'}.`,
        says: settings.approvalPolicy === 'never' ? 'forbid' : 'review',
        decides: !ruled,
      }),
    ],
    parts: parts.map(({ text, first, verdict: each }) => ({
      text,
      verdict: each,
      by: first
        ? `${first.what}, ${first.source.file.split('/').at(-1)} line ${first.source.line}`
        : 'the settings',
    })),
    fingerprint: `command ${line.split(' ').slice(0, 3).join(' ')}`,
    withDraft: null,
  }
}

function rowMatches(row: RuleRow, words: readonly string[]): boolean {
  if (row.draft) return draftMatches(row.draft, words)
  const open = row.what.endsWith(' …')
  const pattern = row.what.replace(/ …$/, '').split(' ')
  if (!open && words.length !== pattern.length) return false
  return pattern.every((each, at) =>
    each.startsWith('*') ? (words[at] ?? '').endsWith(each.slice(1)) : each === words[at],
  )
}
