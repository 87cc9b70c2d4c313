import { type Grant, noGrant } from '../../protocol/action.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { Origin, Reason, Verdict } from '../../protocol/verdict.ts'
import { asksFor, type Category } from './asks-for.ts'
import { settingsOrigin } from './boundary-words.ts'
import type { CommandJudgement, PartJudgement } from './judge-command.ts'
import type { RuleMatch } from './rules/rule.ts'

/** Collects the steps, and marks the one that decides. */
export class VerdictPath {
  readonly #steps: Reason[] = []
  readonly #settings: Settings
  readonly #also: readonly Category[]
  /** @param also kinds of questions that every question of this action is, besides its own */
  constructor(settings: Settings, also: readonly Category[]) {
    this.#settings = settings
    this.#also = also
  }
  note(layer: Reason['layer'], text: string, says: Reason['says'], match?: RuleMatch): void {
    const source = match ? { file: match.rule.place.file, line: match.rule.place.line } : null
    this.#steps.push({ layer, text, says, decides: false, source })
  }
  settingsOrigin(): Origin {
    return settingsOrigin(this.#settings)
  }
  run(
    layer: Reason['layer'],
    origin: Origin,
    parts: readonly PartJudgement[],
    grant: Grant,
  ): CommandJudgement {
    const verdict: Verdict = { kind: 'run', origin, justification: null, reasoning: this.#path(layer, 'run') }
    return { verdict, parts, grant }
  }
  forbid(
    layer: Reason['layer'],
    origin: Origin,
    justification: string | null,
    parts: readonly PartJudgement[],
  ): CommandJudgement {
    const reasoning = this.#path(layer, 'forbid')
    return { verdict: { kind: 'forbid', origin, justification, reasoning }, parts, grant: noGrant }
  }
  ask(
    category: Category,
    layer: Reason['layer'],
    origin: Origin,
    justification: string | null,
    parts: readonly PartJudgement[],
  ): CommandJudgement {
    if ([category, ...this.#also].every((one) => asksFor(one, this.#settings))) {
      const reasoning = this.#path(layer, 'review')
      return { verdict: { kind: 'review', origin, justification, reasoning }, parts, grant: noGrant }
    }
    const policy = this.#settings.approvalPolicy
    this.note('settings', `approval policy ${policy} does not ask this; it is refused`, 'forbid')
    return this.forbid('settings', origin, justification, parts)
  }
  /** The last step of the layer that says what came out made the verdict. */
  #path(layer: Reason['layer'], says: Reason['says']): Reason[] {
    const same = (s: Reason): boolean =>
      (s.layer === layer || (layer === 'rules' && s.layer === 'requirements')) && s.says === says
    const at = this.#steps.findLastIndex(same)
    return this.#steps.map((step, i) => (i === at ? { ...step, decides: true } : step))
  }
}
