import path from 'node:path'
import type { RuleDraft } from '../../../protocol/rule-draft.ts'
import type { RuleRow, RulesState } from '../../../protocol/rules.ts'
import type { RuleUses } from '../../approvals/rule-use.ts'
import type { FolderRules } from '../../config/rules-store.ts'
import { ruleId, ruleSubject } from '../../policy/rule-words.ts'
import { coversRule } from '../../policy/rules/covers-rule.ts'
import { describeRule } from '../../policy/rules/describe-rule.ts'
import type { GatehouseRule, PrefixRule } from '../../policy/rules/rule.ts'

type Rule = PrefixRule | GatehouseRule

/** Everything the Rules page lists, in the order in which it is read: strictest source first. */
export function rulesState(
  rules: FolderRules,
  uses: RuleUses,
  nowMs: number,
  files: RulesState['files'],
): RulesState {
  const { set } = rules
  const all: readonly Rule[] = [
    ...set.prefix,
    ...set.gatehouse.filter((r) => r.endsAtMs === null || r.endsAtMs > nowMs),
  ]
  return {
    rows: all.map((rule) => rowOf(rule, all, rules, uses)),
    problems: set.problems.map(({ message, place }) => ({
      message,
      source: { file: place.file, line: place.line },
    })),
    files,
  }
}

function rowOf(rule: Rule, all: readonly Rule[], rules: FolderRules, uses: RuleUses): RuleRow {
  const id = ruleId(rule)
  const use = uses.of(id)
  const own = rule.kind === 'gatehouse' ? rule : null
  const locked = rules.managed.has(rule.place.file)
  const wider = all.find((other) => other !== rule && ruleId(other) !== id && coversRule(other, rule))
  return {
    id,
    group: locked
      ? 'managed'
      : own && own.endsAtMs !== null
        ? 'leases'
        : rules.ofFolder.has(rule.place.file) || (own && own.where !== null)
          ? 'workspace'
          : 'you',
    decision: rule.decision,
    what: ruleSubject(rule),
    sentence: describeRule(rule),
    where: own?.where ?? null,
    runs: own ? own.runs : null,
    endsAtMs: own?.endsAtMs ?? null,
    createdAtMs: own?.createdAtMs ?? null,
    used: use?.used ?? 0,
    lastUsedAtMs: use?.lastUsedAtMs ?? null,
    source: { file: rule.place.file, line: rule.place.line },
    note: own ? own.note : rule.kind === 'prefix' ? rule.justification : null,
    reviewed: own?.reviewed ?? true,
    coveredBy: wider ? ruleId(wider) : null,
    lockedBy: locked ? path.basename(rule.place.file) : null,
    draft: own ? draftOf(own) : null,
  }
}

export const draftOf = (rule: GatehouseRule): RuleDraft => ({
  decision: rule.decision,
  subject:
    rule.subject.kind === 'write'
      ? { kind: 'write', path: rule.subject.path }
      : {
          kind: 'command',
          tokens: rule.subject.tokens.map((t) =>
            t.kind === 'fixed'
              ? { kind: 'fixed', text: t.text }
              : t.kind === 'oneOf'
                ? { kind: 'oneOf', texts: [...t.texts] }
                : { kind: 'any', except: [...t.except] },
          ),
          openEnd: rule.subject.openEnd,
        },
  where: rule.where,
  runs: rule.runs,
  endsAtMs: rule.endsAtMs,
  note: rule.note,
  match: rule.match.map((w) => [...w]),
  notMatch: rule.notMatch.map((w) => [...w]),
})

/** A draft as a rule, for trying it out or for writing it down. */
export const ruleOf = (
  draft: RuleDraft,
  about: {
    readonly id: string
    readonly createdAtMs: number
    readonly reviewed: boolean
    readonly file: string
  },
): GatehouseRule => ({
  kind: 'gatehouse',
  id: about.id,
  decision: draft.decision,
  subject: draft.subject,
  where: draft.where,
  runs: draft.runs,
  endsAtMs: draft.endsAtMs,
  createdAtMs: about.createdAtMs,
  note: draft.note,
  reviewed: about.reviewed,
  match: draft.match,
  notMatch: draft.notMatch,
  place: { file: about.file, line: 1, column: 1 },
  range: { from: 0, to: 0 },
})
