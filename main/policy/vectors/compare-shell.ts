import type { CommandJudgement } from '../judge-command.ts'
import { deliberatelyStricter } from '../known-safe.ts'
import type { Compared } from './comparison.ts'
import { explainShell } from './shell-differences.ts'

/** rule-shell-matching.json, as far as it is looked at. */
export type RuleShellVectors = { readonly cases: readonly RuleShellCase[] }

export type RuleShellCase = {
  readonly shell: string
  readonly prompt: 'match' | 'no-match'
  readonly forbidden: 'match' | 'no-match'
  readonly allow: 'match' | 'no-match'
}

/** safe-commands.json, as far as it is looked at. */
export type SafeCommandVectors = {
  readonly cases: readonly SafeCommand[]
  readonly dangerous: { readonly cases: readonly DangerousCommand[] }
}

export type SafeCommand = {
  readonly shell: string
  /** Of Codex 0.148.0, the last with a known-safe list: what the documents of the system describe. */
  readonly untrusted_known_safe: 'auto-run' | 'ask'
}

export type DangerousCommand = {
  readonly shell: string
  readonly on_request: 'ask' | 'run'
  readonly never: 'reject' | 'run'
}

/** Judges a line for a shell in a workspace-write session, with the text of one rules file. */
export type JudgeShell = (
  shell: string,
  policy: 'untrusted' | 'on-request' | 'never',
  rules: string,
) => CommandJudgement

type Kind = CommandJudgement['verdict']['kind']

const room: readonly Kind[] = ['forbid', 'review', 'run']

function compare(title: string, codex: Kind, judgement: CommandJudgement): Compared {
  const ours = judgement.verdict.kind
  const more = room.indexOf(ours) - room.indexOf(codex)
  return {
    title,
    result: more === 0 ? 'agree' : more > 0 ? 'wider' : 'stricter',
    difference: more < 0 ? explainShell(judgement) : null,
    codex,
    ours: `${ours} (${judgement.verdict.origin.kind})`,
  }
}

/**
 * Compares what a rule for `cat` does to shell lines. An allow rule is tried where everything else asks: there Codex
 * 0.169.0 ran what all its rules cover. Gatehouse's `untrusted` runs known-safe reads besides, as its documents say.
 */
export function compareRuleShell({ cases }: RuleShellVectors, judge: JudgeShell): readonly Compared[] {
  return cases.flatMap(({ shell, prompt, forbidden, allow }) => {
    const rule = (decision: string): string => `prefix_rule(pattern=["cat"], decision="${decision}")`
    const restricting = (decision: 'prompt' | 'forbidden', said: string, whenMatched: Kind): Compared =>
      // Without a rule, Codex runs anything inside the sandbox.
      compare(
        `${decision}: ${shell}`,
        said === 'match' ? whenMatched : 'run',
        judge(shell, 'on-request', rule(decision)),
      )
    const allowed = compare(
      `allow: ${shell}`,
      allow === 'match' ? 'run' : 'review',
      judge(shell, 'untrusted', rule('allow')),
    )
    const seed = allowed.result === 'wider' && judge(shell, 'untrusted', '').verdict.kind === 'run'
    return [
      restricting('prompt', prompt, 'review'),
      restricting('forbidden', forbidden, 'forbid'),
      seed ? { ...allowed, result: 'seed' as const, difference: 'untrusted-known-safe' } : allowed,
    ]
  })
}

/** Compares known-safe reads with the last release of Codex that had them, and forced deletes with today's. */
export function compareSafeCommands(
  { cases, dangerous }: SafeCommandVectors,
  judge: JudgeShell,
): readonly Compared[] {
  return [
    ...cases.map(({ shell, untrusted_known_safe }) => {
      const codex = untrusted_known_safe === 'auto-run' ? 'run' : 'review'
      const compared = compare(`untrusted: ${shell}`, codex, judge(shell, 'untrusted', ''))
      if (compared.result !== 'stricter' || compared.difference !== null) return compared
      const meant = deliberatelyStricter.find((one) => one.shell.test(shell))
      return { ...compared, difference: meant ? `known-safe: ${meant.reason}` : null }
    }),
    ...dangerous.cases.flatMap(({ shell, on_request, never }) => [
      compare(
        `on-request: ${shell}`,
        on_request === 'ask' ? 'review' : 'run',
        judge(shell, 'on-request', ''),
      ),
      compare(`never: ${shell}`, never === 'reject' ? 'forbid' : 'run', judge(shell, 'never', '')),
    ]),
  ]
}
