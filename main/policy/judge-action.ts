import { type Action, type Grant, noGrant } from '../../protocol/action.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { ActionFacts } from './action-facts.ts'
import { asksFor } from './asks-for.ts'
import { isBounded, unboundedWords } from './boundary-words.ts'
import { judgeCommand, justificationOf, originOf, strictest } from './judge-command.ts'
import { judgeFileAccess } from './judge-file-access.ts'
import { judgeHostAccess } from './judge-host-access.ts'
import { type Judgement, JudgeSteps } from './judge-steps.ts'
import { ruleWords } from './rule-words.ts'
import type { RuleMatch } from './rules/rule.ts'
import type { RuleLookup } from './rules/rule-lookup.ts'
import type { CommandDecoder } from './shell/command-part.ts'

export type { Judgement }

/** What judging needs besides the action: the state of policy at one moment, for one folder. */
export type JudgeContext = {
  /** Effective, that is, after requirements were applied. */
  readonly settings: Settings
  readonly rules: RuleLookup
  readonly decode: CommandDecoder
}

/**
 * Judges one action: run it, send it to a reviewer, or forbid it.
 *
 * `never` turns "ask" into "forbid", but does not forbid what the sandbox bounds anyway: an unattended session
 * stays inside instead of hanging on a prompt. A denial is final for its turn, for the same question.
 * `danger-full-access` has no boundary to leave, so only `untrusted`, rules and forced deletes ask there.
 *
 * @returns the verdict, how its parts were answered, and the grant it runs with; never throws
 * Source: docs/SECURITY-MODEL.md, "When it asks"; seed 001, "Common combinations".
 */
export function judgeAction(action: Action, facts: ActionFacts, context: JudgeContext): Judgement {
  if (action.kind === 'command')
    return judgeCommand(action, context.decode(action.argv), facts, context.settings, context.rules)
  if (action.kind === 'fileAccess') return judgeFileAccess(action, facts, context.settings, context.rules)
  if (action.kind === 'hostAccess') return judgeHostAccess(action, facts, context.settings)
  const judge = new JudgeSteps(context.settings)
  const grant = action.escalation?.ladder[0] ?? noGrant
  if (facts.denied) return judge.denied(facts.denied)
  const bounded = isBounded(context.settings)
  switch (action.kind) {
    case 'fileChange':
      return judgeFileChange(action, facts, context, judge, grant, bounded)
    case 'input':
      if (facts.grantedBy) return judge.granted(facts, grant)
      // Typing into a program that left the boundary is as much as running something outside it.
      return action.outside && bounded
        ? judge.ask('sandbox', 'the program runs with more than the sandbox gives')
        : judge.end(
            'run',
            'settings',
            bounded ? 'the program is inside the sandbox' : unboundedWords(context.settings),
            {},
          )
    case 'permissions':
      if (facts.grantedBy) return judge.granted(facts, action.grant)
      return bounded
        ? judge.ask('permissions', 'room asked for in advance', {
            justification: action.escalation?.reason ?? null,
          })
        : judge.end('run', 'settings', `${unboundedWords(context.settings)}; there is nothing to widen`, {})
  }
}

function judgeFileChange(
  action: Extract<Action, { kind: 'fileChange' }>,
  facts: ActionFacts,
  { settings, rules }: JudgeContext,
  judge: JudgeSteps,
  grant: Grant,
  bounded: boolean,
): Judgement {
  const about = action.edits.map((e) => strictest(rules.write(e.path)))
  const closed = about.find((m) => m?.rule.decision === 'forbidden')
  if (closed) return judge.byRule('forbid', closed, noGrant)
  if (facts.grantedBy) return judge.granted(facts, grant)
  const asks = about.find((m) => m?.rule.decision === 'prompt')
  if (asks) {
    // Where the edit is a question about the sandbox as well, both kinds have to be asked.
    const leaves =
      facts.protectedPath !== null || facts.outsidePath !== null || settings.sandboxMode === 'read-only'
    const kind = bounded && leaves && !asksFor('sandbox', settings) ? 'sandbox' : 'rules'
    return judge.ask(kind, ruleWords(asks.rule), {
      origin: originOf(asks),
      justification: justificationOf(asks),
    })
  }
  if (!bounded) return judge.end('run', 'settings', unboundedWords(settings), {})
  if (facts.protectedPath !== null)
    return judge.ask('sandbox', `${facts.protectedPath} is protected`, {
      origin: { kind: 'protectedPath', path: facts.protectedPath },
    })
  const given = about.every((m): m is RuleMatch => m?.rule.decision === 'allow')
  if (given && about[0]) return judge.byRule('run', about[0], grant)
  if (facts.outsidePath !== null)
    return judge.ask('sandbox', `${facts.outsidePath} is outside the workspace`, {
      origin: { kind: 'outsideWorkspace', path: facts.outsidePath },
    })
  if (settings.sandboxMode === 'read-only') return judge.ask('sandbox', 'Read only asks before every edit')
  return judge.end('run', 'settings', 'edits inside the workspace are not asked', {})
}
