import type { ItemId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { Probe } from '../../protocol/sandbox.ts'
import type { Clock } from '../platform/clock.ts'

/** Why a round is made. `start`: before the agent exists, by whoever starts the session. */
export type ProofCause = 'changed' | 'timer' | 'command' | 'person'

export type ProofPorts = {
  readonly clock: Clock
  readonly backend: string
  /** The container that is the boundary, by its kind; absent or null where there is a boundary of ours. */
  readonly container?: string | null
  newId(): ItemId
  /** Tries in the boundary of this moment. null: there is none, and nothing to prove. */
  probe(): Promise<readonly Probe[] | null>
  log(entry: LogEntry): Promise<unknown>
  /** Stops what runs and takes back what waits. In force before it resolves. */
  freeze(): Promise<{ stopped: number; withdrawn: number }>
  thaw(): void
}

/** What one round showed. */
type Finding =
  | { readonly kind: 'none' }
  | { readonly kind: 'held'; readonly probes: readonly Probe[] }
  | {
      readonly kind: 'open' | 'unproven'
      readonly probes: readonly Probe[]
      readonly target: string
      readonly detail: string
    }

/** A proof older than this is made again before the next command, and by itself while the session lives. */
export const freshMs = 60_000

/** A round that takes longer has proved nothing. It takes about 30. */
const patienceMs = 20_000

/**
 * Keeps the proof of a session's boundary fresh, and freezes the session when it breaks: at once when an attempt
 * went through, and when two rounds in a row proved nothing. Only a person's round that holds thaws it.
 *
 * One round at a time. Whoever asks while one is under way gets what it shows.
 */
export class SessionProof {
  readonly #ports: ProofPorts
  #heldAtMs: number
  /** Raised by every change: a round that began before it says nothing about what came after. */
  #changes = 0
  #provenUpTo = 0
  #unproven = 0
  #frozen = false
  #ended = false
  #round: { readonly cause: ProofCause; readonly done: Promise<void> } | null = null
  #cancel: () => void = () => {}

  /** @param heldAtMs when the boundary was proved before the session began */
  constructor(ports: ProofPorts, heldAtMs: number) {
    this.#ports = ports
    this.#heldAtMs = heldAtMs
    this.#arm()
  }

  get frozen(): boolean {
    return this.#frozen
  }

  /** Before something starts. false: it must not. */
  async ready(): Promise<boolean> {
    // The second round is the second chance: what cannot be proved twice is frozen, and nothing starts unproven.
    // A third is for one that was under way when something changed.
    for (let tries = 0; tries < 3 && !this.#frozen && !this.#isFresh(); tries++) await this.check('command')
    return !this.#frozen && this.#isFresh()
  }

  /** Makes a round now, or waits for the one under way when that answers the same question. */
  async check(cause: ProofCause): Promise<void> {
    if (this.#ended) return
    if (cause === 'changed') this.#changes += 1
    const before = this.#round
    if (before) {
      await before.done
      // After a change, or when a person asks, what was under way may have looked at something else.
      if (cause === 'timer' || cause === 'command') return
      return this.check(cause)
    }
    const done = this.#make(cause)
    this.#round = { cause, done: done.catch(() => {}) }
    try {
      await done
    } finally {
      this.#round = null
      this.#arm()
    }
  }

  end(): void {
    this.#ended = true
    this.#cancel()
  }

  #isFresh(): boolean {
    const ageMs = this.#ports.clock.nowMs() - this.#heldAtMs
    return this.#unproven === 0 && this.#provenUpTo === this.#changes && ageMs < freshMs
  }

  #arm(): void {
    this.#cancel()
    if (this.#ended) return
    // A frozen session is not tried by itself: only a person may take the responsibility that it goes on.
    this.#cancel = this.#ports.clock.after(freshMs, () => {
      if (this.#frozen) return
      this.check('timer').catch(() => {})
    })
  }

  async #make(cause: ProofCause): Promise<void> {
    const seen = this.#changes
    const finding = await this.#look()
    if (this.#ended) return
    switch (finding.kind) {
      case 'none':
        this.#provenUpTo = seen
        this.#heldAtMs = this.#ports.clock.nowMs()
        this.#unproven = 0
        return
      case 'held':
        return this.#held(finding.probes, cause, seen)
      case 'unproven':
        this.#unproven += 1
        if (this.#unproven >= 2 || this.#frozen) return this.#freeze(finding)
        await this.#ports.log({
          type: 'sandboxUnproven',
          detail: finding.detail,
          probes: [...finding.probes],
        })
        return
      case 'open':
        return this.#freeze(finding)
    }
  }

  async #held(probes: readonly Probe[], cause: ProofCause, seen: number): Promise<void> {
    if (this.#frozen && cause !== 'person') return
    const { log, backend, container = null, newId, clock, thaw } = this.#ports
    const quiet = (cause === 'timer' || cause === 'command') && this.#unproven === 0
    // On the disk first: nothing starts on a proof that the record does not have.
    if (quiet) await log({ type: 'sandboxStillHolds', attempts: probes.length })
    else if (container === null)
      await log({ type: 'sandboxVerified', itemId: newId(), backend, probes: [...probes] })
    else await log({ type: 'containerStands', itemId: newId(), container, probes: [...probes] })
    this.#provenUpTo = seen
    this.#heldAtMs = clock.nowMs()
    this.#unproven = 0
    if (!this.#frozen) return
    this.#frozen = false
    thaw()
  }

  /** In force before it is written: freezing must not wait for a disk. */
  async #freeze({
    kind,
    probes,
    target,
    detail,
  }: Exclude<Finding, { kind: 'none' | 'held' }>): Promise<void> {
    this.#frozen = true
    const { stopped, withdrawn } = await this.#ports.freeze()
    await this.#ports.log({
      type: 'sandboxFrozen',
      itemId: this.#ports.newId(),
      why: kind,
      target,
      detail,
      probes: [...probes],
      stopped,
      withdrawn,
    })
  }

  /** One round, which never throws and never takes for ever. */
  async #look(): Promise<Finding> {
    const late = Promise.withResolvers<'late'>()
    const cancel = this.#ports.clock.after(patienceMs, () => late.resolve('late'))
    try {
      const probes = await Promise.race([this.#ports.probe(), late.promise])
      if (probes === 'late') return unproven('The check', `It gave no answer within ${patienceMs / 1000} s.`)
      return probes === null ? { kind: 'none' } : findingOf(probes)
    } catch (error) {
      return unproven('The check', error instanceof Error ? error.message : String(error))
    } finally {
      cancel()
    }
  }
}

/** What the attempts of one round show together; the worst of them decides. */
export function findingOf(probes: readonly Probe[]): Finding {
  const open = probes.find(({ blocked, made }) => !blocked && made !== false)
  if (open) return { kind: 'open', probes, target: open.target, detail: open.detail }
  const missing = probes.find(({ blocked }) => !blocked)
  if (missing) return { kind: 'unproven', probes, target: missing.target, detail: missing.detail }
  return probes.length === 0 ? unproven('The check', 'Nothing was tried.') : { kind: 'held', probes }
}

const unproven = (target: string, detail: string): Finding => ({
  kind: 'unproven',
  probes: [],
  target,
  detail,
})
