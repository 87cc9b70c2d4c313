import type { LogLine } from '../../protocol/log-entry.ts'
import type { Verdict } from '../../protocol/verdict.ts'

export type RuleUse = { readonly used: number; readonly lastUsedAtMs: number }

/** How often each rule made a verdict, and when last. Rebuilt from the logs at start. */
export class RuleUses {
  readonly #uses = new Map<string, RuleUse>()

  of(ruleId: string): RuleUse | null {
    return this.#uses.get(ruleId) ?? null
  }

  add({ origin }: Verdict, atMs: number): void {
    if (origin.kind !== 'rule' || origin.ruleId === undefined) return
    const old = this.#uses.get(origin.ruleId)
    this.#uses.set(origin.ruleId, {
      used: (old?.used ?? 0) + 1,
      lastUsedAtMs: Math.max(old?.lastUsedAtMs ?? 0, atMs),
    })
  }

  addLog(lines: readonly LogLine[]): void {
    for (const line of lines) if (line.type === 'verdict') this.add(line.verdict, line.atMs)
  }
}
