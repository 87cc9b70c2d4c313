import type { Settings } from '../../../protocol/settings.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Agent, TurnEnd, TurnPorts } from '../agent.ts'
import type { HistoryTurn } from './history.ts'
import { defaultLimits, type HouseLimits } from './limits.ts'
import type { HouseSpec } from './models.ts'
import { runLoop } from './run-loop.ts'
import { scrub } from './scrub.ts'

export type HouseOptions = {
  readonly spec: HouseSpec
  /** null for local servers that want none. It goes into request headers and nowhere else. */
  readonly apiKey: string | null
  readonly clock: Clock
  /** What is in force when a turn begins, so that the model knows its room. */
  readonly settings?: () => Settings
  readonly fetch?: typeof globalThis.fetch
  readonly limits?: Partial<HouseLimits>
}

/**
 * Our own agent: a loop of model and tools. It has no hands of its own; everything with an effect is proposed
 * through the ports of the turn. The model is called from here, outside the sandbox, so the key never enters it.
 */
export function createHouseAgent(options: HouseOptions): Agent {
  const key = options.apiKey?.trim() || null
  const context = {
    spec: options.spec,
    apiKey: key,
    clock: options.clock,
    fetch: options.fetch ?? globalThis.fetch,
    limits: { ...defaultLimits, ...options.limits },
  }
  const disposed = new AbortController()
  let turns: readonly HistoryTurn[] = []
  let state: 'idle' | 'working' = 'idle'
  /** How far the estimate of tokens was below what the provider counted. */
  let factor = 1

  return {
    name: options.spec.model,
    async runTurn(prompt: string, given: TurnPorts): Promise<TurnEnd> {
      if (state === 'working') return { reason: 'failed', detail: 'A turn is running. Wait for its end.' }
      if (disposed.signal.aborted)
        return { reason: 'failed', detail: 'The session has ended. Start a new one.' }
      state = 'working'
      const ports: TurnPorts = {
        folder: given.folder,
        signal: AbortSignal.any([given.signal, disposed.signal]),
        propose: (proposal) => given.propose(proposal),
        say: (voice) => given.say(voice),
        usage: (tokens) => given.usage(tokens),
        notice: (level, title, detail) => given.notice(level, title, scrub(detail, key)),
        wait: (ms) => given.wait(ms),
      }
      try {
        const loop = await runLoop(
          prompt,
          { turns, factor, settings: options.settings?.() ?? null },
          context,
          ports,
        )
        turns = loop.turns
        factor = loop.factor
        return loop.end
      } finally {
        state = 'idle'
      }
    },
    async dispose(): Promise<void> {
      disposed.abort()
    },
  }
}
