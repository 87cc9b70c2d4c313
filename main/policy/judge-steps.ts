import { type Grant, noGrant } from '../../protocol/action.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { Origin, Reason, Verdict } from '../../protocol/verdict.ts'
import type { ActionFacts } from './action-facts.ts'
import { asksFor, type Category } from './asks-for.ts'
import { settingsOrigin } from './boundary-words.ts'
import { type CommandJudgement, justificationOf, originOf } from './judge-command.ts'
import { ruleWords } from './rule-words.ts'
import type { RuleMatch } from './rules/rule.ts'

export type Judgement = CommandJudgement

type More = { readonly origin?: Origin; readonly justification?: string | null; readonly grant?: Grant }

/** Builds judgements whose path ends with the step that decided. */
export class JudgeSteps {
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
    const origin: Origin = more.origin ?? settingsOrigin(this.#settings)
    const source = origin.kind === 'rule' ? { file: origin.file, line: origin.line } : null
    const reasoning = [...before, { layer, text, says: kind, decides: true, source }]
    const verdict = { kind, origin, justification: more.justification ?? null, reasoning }
    return { verdict, parts: [], grant: kind === 'run' ? (more.grant ?? noGrant) : noGrant }
  }

  denied({ approvalId, note }: NonNullable<ActionFacts['denied']>): Judgement {
    return this.end('forbid', 'answers', 'the same question was denied in this turn', {
      origin: { kind: 'alreadyDenied', approvalId, note },
      justification: note,
    })
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
