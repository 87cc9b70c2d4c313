import { type CommandAction, type Grant, noGrant } from '../../protocol/action.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { Origin, Verdict } from '../../protocol/verdict.ts'
import { type ActionFacts, covers } from './action-facts.ts'
import { asksFor } from './asks-for.ts'
import { isBounded, unboundedWords } from './boundary-words.ts'
import { writesOf } from './escalation-writes.ts'
import { notKnownSafe } from './known-safe.ts'
import { doubtsLeft } from './own-program.ts'
import { printWords, ruleId, ruleWords } from './rule-words.ts'
import type { RuleMatch } from './rules/rule.ts'
import type { RuleLookup } from './rules/rule-lookup.ts'
import type { CommandPart, DecodedCommand } from './shell/command-part.ts'
import { forcedDelete } from './shell/dangerous.ts'
import { VerdictPath } from './verdict-path.ts'

/** How one simple command of the action was answered by rules alone. */
export type PartJudgement = {
  readonly text: string
  readonly verdict: 'run' | 'review' | 'forbid' | null
  /** Which rule said so; null when none applies. */
  readonly match: RuleMatch | null
  /** A restricting rule might apply, but some word is decided at run time. */
  readonly uncertain: boolean
  readonly brokenBy: string | null
}

export type CommandJudgement = {
  readonly verdict: Verdict
  readonly parts: readonly PartJudgement[]
  /** What it runs with when the verdict is `run`. */
  readonly grant: Grant
}

/**
 * Judges one command: decode, rules, forced delete, earlier answers, settings; the strictest part decides.
 *
 * An allow rule answers the question that would be asked; it does not leave the boundary by itself. Asked to
 * run without it, the command runs inside first, and what it then trips over is given path by path.
 *
 * @param settings effective, that is, after requirements were applied
 * @returns a verdict with its whole path; never throws
 * Source: docs/SECURITY-MODEL.md, "When it asks"; issue "Policy", items 3 to 5.
 */
export function judgeCommand(
  action: CommandAction,
  decoded: DecodedCommand,
  facts: ActionFacts,
  settings: Settings,
  rules: RuleLookup,
): CommandJudgement {
  const bounded = isBounded(settings)
  const wanted = bounded ? action.escalation : null
  const writes = (wanted ? writesOf(wanted) : []).flatMap((p) => rules.write(p))
  // Whatever else is asked, a question about more than the boundary gives is of these kinds too.
  const path = new VerdictPath(settings, [
    ...(wanted ? (['sandbox'] as const) : []),
    ...(writes.some((m) => m.rule.decision === 'prompt') ? (['rules'] as const) : []),
  ])
  const parts = judgeParts(action, decoded, rules)
  path.note('decoding', decodingWords(decoded), doubtsLeft(decoded) === null ? null : 'review')
  for (const part of parts) notePart(path, part, rules)

  const forbidden = parts.find((p) => p.verdict === 'forbid')
  if (forbidden?.match)
    return path.forbid('rules', originOf(forbidden.match), justificationOf(forbidden.match), parts)
  const closed = strictest(writes)
  if (closed?.rule.decision === 'forbidden') {
    path.note('rules', ruleWords(closed.rule), 'forbid', closed)
    return path.forbid('rules', originOf(closed), justificationOf(closed), parts)
  }
  for (const violation of wanted?.violations ?? []) {
    if (violation.kind !== 'connect' || violation.host === null) continue
    const denied = rules.deniedHost(violation.host, violation.port)
    if (!denied) continue
    // A yes to this question would open the very host that somebody closed.
    path.note('config', denied.message, 'forbid')
    const origin: Origin = denied.place ? { kind: 'rule', ...denied.place } : path.settingsOrigin()
    return path.forbid('config', origin, denied.message, parts)
  }
  if (facts.denied) {
    const { approvalId, note } = facts.denied
    path.note('answers', 'the same question was denied in this turn', 'forbid')
    return path.forbid('answers', { kind: 'alreadyDenied', approvalId, note }, note, parts)
  }

  const asking = parts.find((p) => p.verdict === 'review')
  if (asking && !facts.grantedBy) {
    const origin: Origin = asking.brokenBy
      ? { kind: 'brokenFile', file: asking.brokenBy }
      : asking.match
        ? originOf(asking.match)
        : { kind: 'notInspectable', why: 'a word that a rule looks at is decided at run time' }
    return path.ask('rules', 'rules', origin, asking.match ? justificationOf(asking.match) : null, parts)
  }
  const allowed = parts.every((p) => p.verdict === 'run')
  const unattended = settings.approvalPolicy === 'never' && !rules.restricts
  const why = doubtsLeft(decoded)
  if (why !== null && !unattended && !facts.grantedBy) {
    return path.ask('rules', 'decoding', { kind: 'notInspectable', why }, null, parts)
  }

  const forced = forcedDelete(decoded)
  if (forced !== null) {
    path.note('forcedDelete', `${forced} deletes without a copy`, 'review')
    // An allow rule that names the force speaks for its own part only.
    const open = decoded.parts.some((part, i) => {
      const match = parts[i]?.match ?? null
      return forcedDelete({ ...decoded, parts: [part] }) !== null && (match === null || !namesForce(match))
    })
    if (open && !facts.grantedBy)
      return path.ask('forcedDelete', 'forcedDelete', { kind: 'forcedDelete', command: forced }, null, parts)
  }
  if (facts.grantedBy) {
    path.note('answers', 'an answer that still holds covers it', 'run')
    return path.run('answers', { kind: 'sessionGrant', approvalId: facts.grantedBy }, parts, rung(action))
  }

  const bySettings = path.settingsOrigin()
  if (wanted) return judgeEscalation(wanted, parts, allowed, path, rules)
  if (allowed && parts.length > 0) return path.run('rules', originOf(firstMatch(parts)), parts, noGrant)
  const unsafe = notKnownSafe(decoded)
  if (unsafe === null) {
    path.note('settings', 'every part is known to only read', 'run')
    return path.run('settings', { kind: 'knownSafe', command: action.argv[0] ?? '' }, parts, noGrant)
  }
  const rest = parts.every((p, i) => p.verdict === 'run' || onlyThisReads(decoded, i))
  if (rest && parts.some((p) => p.match))
    return path.run('rules', originOf(firstMatch(parts)), parts, noGrant)
  if (settings.approvalPolicy === 'untrusted') {
    path.note('settings', `untrusted: ${unsafe} is not known to only read`, 'review')
    return path.ask('sandbox', 'settings', bySettings, null, parts)
  }
  if (settings.sandboxMode === 'read-only' && asksFor('sandbox', settings)) {
    path.note('settings', 'Read only asks before any command that may do more than read', 'review')
    return path.ask('sandbox', 'settings', bySettings, null, parts)
  }
  path.note('settings', bounded ? 'inside the sandbox nothing is asked' : unboundedWords(settings), 'run')
  return path.run('settings', bySettings, parts, noGrant)
}

/** It wants more than the boundary gives: an allow rule may answer, but the smaller grant first. */
function judgeEscalation(
  escalation: NonNullable<CommandAction['escalation']>,
  parts: readonly PartJudgement[],
  allowed: boolean,
  path: VerdictPath,
  rules: RuleLookup,
): CommandJudgement {
  const first = escalation.ladder[0] ?? noGrant
  const writes = writesOf(escalation).map((p) => rules.write(p))
  const asks = strictest(writes.flat().filter((m) => m.rule.decision === 'prompt'))
  const covering = parts.length > 0 && allowed ? parts.map((p) => p.match as RuleMatch) : []
  const asAsked = covering.length > 0 && covering.every(givesAll)
  const declared = escalation.source === 'declared'
  if (covering.length > 0) {
    const origin = originOf(firstMatch(parts))
    if (asAsked && !asks) {
      path.note('rules', 'the rule gives what the question asks for', 'run')
      return path.run('rules', origin, parts, first)
    }
    if (declared && (first.unsandboxed || !covers(noGrant, first))) {
      path.note('rules', 'the rule answers the question; it runs inside the sandbox first', 'run')
      return path.run('rules', origin, parts, noGrant)
    }
    if (!first.unsandboxed && !first.network && !asks) {
      path.note('rules', 'the rule answers the question with exactly the missing path', 'run')
      return path.run('rules', origin, parts, first)
    }
  }
  if (asks) {
    path.note('rules', ruleWords(asks.rule), 'review', asks)
    return path.ask('rules', 'rules', originOf(asks), justificationOf(asks) ?? escalation.reason, parts)
  }
  const given = writes.length > 0 && writes.every((ms) => ms.some((m) => m.rule.decision === 'allow'))
  if (given && !first.network && !first.unsandboxed) {
    const match = writes[0]?.[0] as RuleMatch
    path.note('rules', `${ruleWords(match.rule)} gives the missing path`, 'run', match)
    return path.run('rules', originOf(match), parts, first)
  }
  const { source, violations, reason } = escalation
  path.note('settings', 'it wants more than the sandbox gives', 'review')
  const origin: Origin =
    source === 'observed' ? { kind: 'sandbox', violations: violations.length } : path.settingsOrigin()
  return path.ask('sandbox', 'settings', origin, reason, parts)
}

function judgeParts(action: CommandAction, decoded: DecodedCommand, rules: RuleLookup): PartJudgement[] {
  const parts = decoded.parts.map((part) => judgePart(part, rules))
  // The action as it stands too, so that a rule on the shell itself is never passed by.
  if (decoded.parts.length === 1 && sameWords(decoded.parts[0]?.argv ?? null, action.argv)) return parts
  const whole = strictest(rules.match(action.argv))
  if (!whole || whole.rule.decision === 'allow') return parts
  const text = printWords(action.argv)
  return [
    ...parts,
    { text, verdict: effect[whole.rule.decision], match: whole, uncertain: false, brokenBy: null },
  ]
}

function judgePart(part: CommandPart, rules: RuleLookup): PartJudgement {
  const { text } = part
  const matches = part.argv === null ? [] : rules.match(part.argv)
  const sure = strictest(matches)
  if (sure && sure.rule.decision !== 'allow')
    return { text, verdict: effect[sure.rule.decision], match: sure, uncertain: false, brokenBy: null }
  if (part.argv === null) {
    const possible = rules.mayMatch(part.words)
    const certain = strictest(possible.filter((m) => m.certain))
    if (certain?.rule.decision === 'forbidden')
      return { text, verdict: 'forbid', match: certain, uncertain: false, brokenBy: null }
    const maybe = certain ?? strictest(possible)
    if (maybe) return { text, verdict: 'review', match: maybe, uncertain: certain === null, brokenBy: null }
  }
  const brokenBy = rules.brokenBy(part.words[0] ?? null)
  if (brokenBy !== null) return { text, verdict: 'review', match: null, uncertain: false, brokenBy }
  const allow = strictest(matches.filter((match) => speaksFor(match, part)))
  if (allow) return { text, verdict: 'run', match: allow, uncertain: false, brokenBy: null }
  return { text, verdict: null, match: null, uncertain: false, brokenBy: null }
}

/**
 * Whether an allow rule speaks for a part as it stands here. Codex's rules speak for plain commands only; ours
 * also when its output goes nowhere else. A file it writes to or a variable it is given is no part of any rule.
 */
function speaksFor({ rule }: RuleMatch, part: CommandPart): boolean {
  if (rule.kind === 'prefix') return part.plain
  const writes = part.redirects.some(
    ({ operator, target }) => operator.includes('>') && !/^(?:&?\d+|\/dev\/null)$/.test(target ?? ''),
  )
  return !writes && part.assignments.length === 0
}

const effect = { allow: 'run', prompt: 'review', forbidden: 'forbid' } as const
const rank = { allow: 0, prompt: 1, forbidden: 2 } as const

/**
 * Strictest first; among equals the longest, then the one that gives what was asked for. The first in the file is
 * named when nothing else tells them apart, so the order of rules changes no verdict.
 */
export function strictest(matches: readonly RuleMatch[]): RuleMatch | null {
  let best: RuleMatch | null = null
  for (const match of matches) if (best === null || weigh(match, best) > 0) best = match
  return best
}

const weigh = (a: RuleMatch, b: RuleMatch): number =>
  rank[a.rule.decision] - rank[b.rule.decision] ||
  a.matchedPrefix.length - b.matchedPrefix.length ||
  Number(givesAll(a)) - Number(givesAll(b))
const givesAll = ({ rule }: RuleMatch): boolean => rule.kind === 'gatehouse' && rule.runs === 'asAsked'

const onlyThisReads = (decoded: DecodedCommand, index: number): boolean => {
  const part = decoded.parts[index]
  return part !== undefined && notKnownSafe({ ...decoded, parts: [part] }) === null
}
const firstMatch = (parts: readonly PartJudgement[]): RuleMatch =>
  parts.find((p) => p.match !== null)?.match as RuleMatch
const rung = (action: CommandAction): Grant => action.escalation?.ladder[0] ?? noGrant
const sameWords = (a: readonly string[] | null, b: readonly string[]): boolean =>
  a !== null && a.length === b.length && a.every((word, i) => word === b[i])
const namesForce = (match: RuleMatch): boolean =>
  match.rule.decision === 'allow' && match.matchedPrefix.some((t) => /^-\w*f\w*$|^--force$/.test(t))

export function originOf({ rule }: RuleMatch): Origin {
  return { kind: 'rule', file: rule.place.file, line: rule.place.line, ruleId: ruleId(rule) }
}
export const justificationOf = ({ rule }: RuleMatch): string | null =>
  rule.kind === 'gatehouse' ? rule.note : rule.justification

function decodingWords(decoded: DecodedCommand): string {
  if (decoded.notInspectable !== null) return `not inspectable: ${decoded.notInspectable}`
  const count = decoded.parts.length
  return count === 1 ? 'read as one command' : `read as ${count} commands, the strictest decides`
}

function notePart(path: VerdictPath, part: PartJudgement, rules: RuleLookup): void {
  const name = `“${part.text.length > 60 ? `${part.text.slice(0, 57)}…` : part.text}”`
  if (part.brokenBy)
    path.note('rules', `${name}: ${part.brokenBy} cannot be read in full and names it`, 'review')
  else if (part.match)
    path.note(
      rules.managed.has(part.match.rule.place.file) ? 'requirements' : 'rules',
      `${name}: ${ruleWords(part.match.rule)}${part.uncertain ? ', as far as it can be told' : ''}`,
      part.verdict,
      part.match,
    )
  else path.note('rules', `${name}: no rule matches`, null)
}
