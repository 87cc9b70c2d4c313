import { type Action, type Grant, noGrant } from '../../protocol/action.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { Origin, Reason, Verdict } from '../../protocol/verdict.ts'
import type { ActionFacts } from './action-facts.ts'
import { asksFor, type Category } from './asks-for.ts'
import { type CommandJudgement, judgeCommand, justificationOf, originOf, strictest } from './judge-command.ts'
import { ruleWords } from './rule-words.ts'
import type { RuleMatch } from './rules/rule.ts'
import type { RuleLookup } from './rules/rule-lookup.ts'
import type { CommandDecoder } from './shell/command-part.ts'

export type Judgement = CommandJudgement

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
  const judge = new Judge(context.settings)
  const grant = action.escalation?.ladder[0] ?? noGrant
  if (facts.denied) {
    const { approvalId, note } = facts.denied
    return judge.end('forbid', 'answers', 'the same question was denied in this turn', {
      origin: { kind: 'alreadyDenied', approvalId, note },
      justification: note,
    })
  }
  const bounded = context.settings.sandboxMode !== 'danger-full-access'
  switch (action.kind) {
    case 'fileChange':
      return judgeFileChange(action, facts, context, judge, grant, bounded)
    case 'input':
      if (facts.grantedBy) return judge.granted(facts, grant)
      // Typing into a program that left the boundary is as much as running something outside it.
      return action.outside && bounded
        ? judge.ask('sandbox', 'the program runs with more than the sandbox gives')
        : judge.end('run', 'settings', 'the program is inside the sandbox', {})
    case 'permissions':
      if (facts.grantedBy) return judge.granted(facts, action.grant)
      return bounded
        ? judge.ask('permissions', 'room asked for in advance', {
            justification: action.escalation?.reason ?? null,
          })
        : judge.end('run', 'settings', 'full access: there is no boundary to widen', {})
  }
}

function judgeFileChange(
  action: Extract<Action, { kind: 'fileChange' }>,
  facts: ActionFacts,
  { settings, rules }: JudgeContext,
  judge: Judge,
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
  if (!bounded) return judge.end('run', 'settings', 'full access: no boundary', {})
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

type More = { readonly origin?: Origin; readonly justification?: string | null; readonly grant?: Grant }

/** Builds judgements whose path ends with the step that decided. */
class Judge {
  readonly #settings: Settings
  constructor(settings: Settings) {
    this.#settings = settings
  }

  end(
    kind: Verdict['kind'],
    layer: Reason['layer'],
    text: string,
    more: More,
    before: Reason[] = [],
  ): Judgement {
    const { sandboxMode, approvalPolicy } = this.#settings
    const origin = more.origin ?? { kind: 'settings', sandboxMode, approvalPolicy }
    const source = origin.kind === 'rule' ? { file: origin.file, line: origin.line } : null
    const reasoning = [...before, { layer, text, says: kind, decides: true, source }]
    const verdict = { kind, origin, justification: more.justification ?? null, reasoning }
    return { verdict, parts: [], grant: kind === 'run' ? (more.grant ?? noGrant) : noGrant }
  }

  granted(facts: ActionFacts, grant: Grant): Judgement {
    const origin: Origin = { kind: 'sessionGrant', approvalId: facts.grantedBy as never }
    return this.end('run', 'answers', 'an answer that still holds covers it', { origin, grant })
  }

  byRule(kind: 'run' | 'forbid', match: RuleMatch, grant: Grant): Judgement {
    const more = { origin: originOf(match), justification: justificationOf(match), grant }
    return this.end(kind, 'rules', ruleWords(match.rule), more)
  }

  ask(category: Category, text: string, more: More = {}): Judgement {
    if (asksFor(category, this.#settings)) return this.end('review', 'settings', text, more)
    const step: Reason = { layer: 'settings', text, says: 'review', decides: false, source: null }
    const policy = this.#settings.approvalPolicy
    return this.end(
      'forbid',
      'settings',
      `approval policy ${policy} does not ask this; it is refused`,
      more,
      [step],
    )
  }
}
