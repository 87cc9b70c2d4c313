import { type FileAccessAction, type Grant, noGrant } from '../../protocol/action.ts'
import type { HeldCall } from '../../protocol/sandbox.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { ActionFacts } from './action-facts.ts'
import { asksFor } from './asks-for.ts'
import { isBounded, unboundedWords } from './boundary-words.ts'
import { justificationOf, originOf, strictest } from './judge-command.ts'
import { type Judgement, JudgeSteps } from './judge-steps.ts'
import { ruleWords } from './rule-words.ts'
import type { RuleMatch } from './rules/rule.ts'
import type { RuleLookup } from './rules/rule-lookup.ts'

/** The places one held call is about: one, or both ends of a rename or link. */
export const pathsOf = (held: Pick<HeldCall, 'path' | 'path2'>): readonly string[] =>
  held.path2 === null || held.path2 === held.path ? [held.path] : [held.path, held.path2]

/**
 * Judges a file call that waits at the boundary. Gatehouse's own files stay closed whatever anybody answers;
 * a protected place is asked even where a rule or an answer opens what lies around it.
 */
export function judgeFileAccess(
  action: FileAccessAction,
  facts: ActionFacts,
  settings: Settings,
  rules: RuleLookup,
): Judgement {
  const { held } = action
  const judge = new JudgeSteps(settings)
  const grant: Grant = action.escalation?.ladder[0] ?? noGrant
  if (facts.ownPath !== null)
    return judge.end('forbid', 'config', 'no answer opens files of Gatehouse itself', {
      origin: { kind: 'ownFiles', path: facts.ownPath },
      justification: 'Files of Gatehouse itself stay closed.',
    })
  if (facts.denied) return judge.denied(facts.denied)

  const about = held.kind === 'write' ? pathsOf(held).map((p) => strictest(rules.write(p))) : []
  const closed = about.find((m) => m?.rule.decision === 'forbidden')
  if (closed) return judge.byRule('forbid', closed, noGrant)
  if (facts.grantedBy) return judge.granted(facts, grant)
  const asks = about.find((m) => m?.rule.decision === 'prompt')
  if (asks) {
    const kind = asksFor('sandbox', settings) ? 'rules' : 'sandbox'
    const more = { origin: originOf(asks), justification: justificationOf(asks) }
    return judge.ask(kind, ruleWords(asks.rule), more)
  }
  if (!isBounded(settings)) return judge.end('run', 'settings', unboundedWords(settings), { grant })
  if (facts.protectedPath !== null)
    return judge.ask('sandbox', `${facts.protectedPath} is protected`, {
      origin: { kind: 'protectedPath', path: facts.protectedPath },
    })
  if (held.kind === 'read')
    return judge.ask('sandbox', `the settings deny reading ${held.path}`, {
      origin: { kind: 'deniedRead', path: held.path },
    })
  const given = about.every((m): m is RuleMatch => m?.rule.decision === 'allow')
  if (given && about[0]) return judge.byRule('run', about[0], grant)
  if (facts.outsidePath !== null)
    return judge.ask('sandbox', `${facts.outsidePath} is outside the workspace`, {
      origin: { kind: 'outsideWorkspace', path: facts.outsidePath },
    })
  return judge.ask('sandbox', `the boundary of the running command closes ${held.path}`)
}
