import path from 'node:path'
import type { ApprovalRequest } from '../../../protocol/approvals.ts'
import type { ApprovalId } from '../../../protocol/ids.ts'
import type { RuleDraft, TokenPattern } from '../../../protocol/rule-draft.ts'
import type { RulePreview, UnsavedRule } from '../../../protocol/rules.ts'
import { settingsOf } from '../../../protocol/settings.ts'
import { type FolderRules, readGatehouse } from '../../config/rules-store.ts'
import { pathsOf } from '../../policy/judge-file-access.ts'
import {
  appendGatehouseRule,
  removeGatehouseRule,
  replaceGatehouseRule,
} from '../../policy/rules/amend-gatehouse-rules.ts'
import type { Amendment } from '../../policy/rules/amend-rules.ts'
import { compileRules } from '../../policy/rules/compile-rules.ts'
import { describeRule } from '../../policy/rules/describe-rule.ts'
import { matchRules } from '../../policy/rules/match-rules.ts'
import { printGatehouseRule } from '../../policy/rules/print-gatehouse-rule.ts'
import { isWithin } from '../../policy/rules/program-name.ts'
import { type GatehouseRule, noRules, type RuleProblem } from '../../policy/rules/rule.ts'
import type { RuleLookup } from '../../policy/rules/rule-lookup.ts'
import { suggestRule } from '../../policy/rules/suggest-rule.ts'
import type { HostContext } from '../host-context.ts'
import { draftId, previewRule } from './preview-rule.ts'
import { ruleLookupOf } from './rule-lookup-of.ts'
import { ruleOf } from './rule-rows.ts'

type Saved = { readonly status: 'saved'; readonly id: string }
type Refused = { readonly status: 'refused'; readonly why: string }

const refused = (why: string): Refused => ({ status: 'refused', why })

/** Everything that reads, tries or changes rules made here. One place, so that every way in is checked alike. */
export type RuleDesk = ReturnType<typeof ruleDesk>

export function ruleDesk(context: Pick<HostContext, 'policy' | 'clock' | 'ids' | 'past' | 'inbox'>) {
  const { policy, clock, ids, past, inbox } = context
  const listeners = new Set<() => void>()
  const file = policy.rules.ownFile

  const asRule = (draft: RuleDraft, id: string, about: Partial<GatehouseRule> = {}): GatehouseRule => ({
    ...ruleOf(draft, { id, createdAtMs: clock.nowMs(), reviewed: true, file }),
    ...about,
  })

  /** The rules of a folder with an unsaved one, in place of another. */
  const withDraft = async ({ replaces, rule }: UnsavedRule, folder: string | null): Promise<FolderRules> => {
    const now = await policy.rules.of(folder)
    const others = now.set.gatehouse.filter((r) => r.id !== replaces)
    const set = { ...now.set, gatehouse: [...others, asRule(rule, draftId)] }
    return { ...now, set, compiled: compileRules(set) }
  }

  const matches = (words: readonly string[], draft: RuleDraft): boolean => {
    const compiled = compileRules({
      ...noRules,
      gatehouse: [asRule({ ...draft, where: null, endsAtMs: null }, draftId)],
    })
    const options = { resolveHostExecutables: true, strict: true, cwd: '/', nowMs: clock.nowMs() }
    return matchRules(compiled, words, options).matches.length > 0
  }

  /** What keeps a rule from being saved, as sentences. Printing and reading it again is the test. */
  const problemsWith = (draft: RuleDraft): readonly string[] => {
    if (draft.endsAtMs !== null && draft.endsAtMs <= clock.nowMs()) return ['It would have ended already.']
    const problems = problemsOf(file, printGatehouseRule(asRule(draft, draftId)))
    return problems.map((p) => p.message.replace(/^.*?:\d+(?::\d+)?: /, ''))
  }

  type Change = (text: string, rules: readonly GatehouseRule[]) => Amendment
  const write = async (change: Change): Promise<string | null> => {
    const now = await policy.rules.text(file)
    if ('message' in now) return now.message
    const next = change(now.text, readGatehouse(now).rules)
    if (next.kind === 'refused') return next.reason
    if (problemsOf(file, next.text).length > 0) return `${file} holds a problem; mend it as text first.`
    await policy.rules.write(file, next.text)
    await policy.check()
    for (const listener of listeners) listener()
    return null
  }

  const save = async (
    { replaces, rule }: UnsavedRule,
    about: { readonly reviewed: boolean },
  ): Promise<Saved | Refused> => {
    const problems = problemsWith(rule)
    if (problems.length > 0) return refused(problems.join(' '))
    const old = replaces === null ? null : await find(replaces)
    if (replaces !== null && !old) return refused('The rule is gone; it may have been removed meanwhile.')
    const id = old?.id ?? ids.next('ru')
    const made = asRule(rule, id, {
      reviewed: about.reviewed,
      createdAtMs: old?.createdAtMs ?? clock.nowMs(),
    })
    const why = await write((text, rules) =>
      old
        ? replaceGatehouseRule(text, rules.find((r) => r.id === id) ?? old, made)
        : appendGatehouseRule(text, made),
    )
    return why === null ? { status: 'saved', id } : refused(why)
  }

  const find = async (id: string): Promise<GatehouseRule | null> =>
    (await policy.rules.of(null)).set.gatehouse.find((r) => r.id === id) ?? null

  const own = (name: string): boolean =>
    path.dirname(name) === policy.rules.userFolder && /^[\w.-]+\.(?:rules|toml)$/.test(path.basename(name))

  return {
    onChange(listener: () => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    mayEdit: own,
    mayRead: (name: string): boolean => own(name) || /\/\.gatehouse\/rules\/[\w.-]+\.rules$/.test(name),
    problemsOf,
    async lookupWith(draft: UnsavedRule, folder: string): Promise<RuleLookup> {
      return ruleLookupOf(await withDraft(draft, folder), folder, clock.nowMs())
    },
    async preview(draft: UnsavedRule, folder: string | null, days: number): Promise<RulePreview> {
      const place = draft.rule.where ?? folder
      const rules = await withDraft(draft, place)
      return previewRule({
        draft: draft.rule,
        days,
        past: past.since(clock.nowMs() - days * 86_400_000, draft.rule.where),
        context: {
          settings: settingsOf('auto'),
          rules: ruleLookupOf(rules, place ?? '/', clock.nowMs()),
          decode: policy.decode,
        },
        sentence: describeRule(asRule(draft.rule, draftId)),
        sentenceOf: (other) => describeRule(asRule(other, draftId)),
        problems: problemsWith(draft.rule),
        matches,
      })
    },
    save,
    async remove(id: string): Promise<Saved | Refused> {
      const old = await find(id)
      if (!old) return refused('Only rules made here can be removed here; open the others as text.')
      const why = await write((text, rules) =>
        removeGatehouseRule(text, rules.find((r) => r.id === id) ?? old),
      )
      return why === null ? { status: 'saved', id } : refused(why)
    },
    async review(id: string): Promise<Saved | Refused> {
      const rule = await find(id)
      if (!rule) return refused('The rule is gone; it may have been removed meanwhile.')
      const why = await write((text, rules) =>
        replaceGatehouseRule(text, rules.find((r) => r.id === id) ?? rule, { ...rule, reviewed: true }),
      )
      return why === null ? { status: 'saved', id } : refused(why)
    },
    async suggest(approvalId: ApprovalId) {
      const request = inbox.requests.find((r) => r.id === approvalId)
      if (!request) return refused('The request is no longer open.')
      return suggestFor(request)
    },
    /** Why a rule cannot be the answer to a request; null: it can. */
    async checkAnswer(request: ApprovalRequest, draft: RuleDraft): Promise<string | null> {
      const problems = problemsWith(draft)
      if (problems.length > 0) return problems.join(' ')
      if (draft.decision !== 'allow') return 'A rule that answers a question with yes must be an allow rule.'
      const { action } = request
      if (draft.where !== null && !isWithin(action.cwd, draft.where))
        return 'The rule holds in another folder than this question, so it would not be its answer.'
      if (action.kind === 'fileChange') {
        const { subject } = draft
        if (subject.kind !== 'write') return 'This question is about a file; the rule is about a command.'
        return action.edits.every((edit) => isWithin(edit.path, subject.path))
          ? null
          : 'The rule does not speak for every file of this question, so it would not be its answer.'
      }
      if (action.kind === 'fileAccess') {
        const { subject } = draft
        if (subject.kind !== 'write') return 'This question is about a file; the rule is about a command.'
        return action.held.kind === 'write' && pathsOf(action.held).every((p) => isWithin(p, subject.path))
          ? null
          : 'The rule does not speak for every path of this question, so it would not be its answer.'
      }
      if (action.kind !== 'command') return 'This question cannot be answered by a rule.'
      const parts = policy.decode(action.argv).parts
      return parts.some((p) => p.argv !== null && matches(p.argv, draft))
        ? null
        : 'The rule does not match this command, so it would not be its answer.'
    },
  }

  async function suggestFor(request: ApprovalRequest) {
    const { action } = request
    const folder = action.cwd
    if (!request.offers.some((o) => o.id === 'rule'))
      return refused('This question cannot be answered by a rule.')
    const hour = 3_600_000
    const common = {
      decision: 'allow' as const,
      where: folder,
      runs: 'asAsked' as const,
      endsAtMs: clock.nowMs() + 8 * hour,
      note: null,
    }
    if (action.kind === 'fileChange' || action.kind === 'fileAccess') {
      const first = action.kind === 'fileChange' ? action.edits[0]?.path : action.held.path
      if (first === undefined) return refused('There is no file in it.')
      const draft: RuleDraft = {
        ...common,
        subject: { kind: 'write', path: first },
        match: [],
        notMatch: [],
      }
      return { status: 'suggested' as const, draft, parts: [] }
    }
    if (action.kind !== 'command') return refused('This question cannot be answered by a rule.')
    const lookup = await policy.lookup(folder, folder)
    const parts = policy.decode(action.argv).parts.flatMap((part) => {
      if (part.argv === null || part.argv.length === 0) return []
      const covered = lookup.match(part.argv).find((m) => m.rule.decision === 'allow')
      return [
        {
          text: part.text,
          coveredBy: covered ? covered.rule.place.file : null,
          draft: draftFor(part.argv, common),
        },
      ]
    })
    const open = parts.find((p) => p.coveredBy === null) ?? parts[0]
    if (!open) return refused('No part of it can be told by reading.')
    return { status: 'suggested' as const, draft: open.draft, parts }
  }
}

/** The narrowest rule for it, given what the question asks for, for a working day's length. */
function draftFor(
  argv: readonly string[],
  common: Pick<RuleDraft, 'decision' | 'where' | 'runs' | 'endsAtMs' | 'note'>,
): RuleDraft {
  const rule = suggestRule(argv, { cwd: common.where })
  const tokens = rule?.subject.kind === 'command' ? rule.subject.tokens : []
  return {
    ...common,
    subject: { kind: 'command', tokens: tokens.map((t) => ({ ...t }) as TokenPattern), openEnd: false },
    match: [[...argv]],
    notMatch: [[...argv, '--force']],
  }
}

const problemsOf = (file: string, text: string): readonly RuleProblem[] =>
  readGatehouse({ file, text }).problems
