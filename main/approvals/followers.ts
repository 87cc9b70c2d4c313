import type { ApprovalId } from '../../protocol/ids.ts'

/** Questions of other sessions that are not shown, since they wait for the answer to one that is. */
export class Followers {
  /** By the question that is shown, oldest first. */
  readonly #of = new Map<ApprovalId, ApprovalId[]>()
  readonly #shown = new Map<ApprovalId, ApprovalId>()

  add(shown: ApprovalId, follower: ApprovalId): void {
    this.#of.set(shown, [...this.of(shown), follower])
    this.#shown.set(follower, shown)
  }

  of(shown: ApprovalId): readonly ApprovalId[] {
    return this.#of.get(shown) ?? []
  }

  follows(id: ApprovalId): boolean {
    return this.#shown.has(id)
  }

  /** It waits for nobody else any longer. @returns the question it followed; null when it followed none */
  leave(follower: ApprovalId): ApprovalId | null {
    const shown = this.#shown.get(follower)
    if (shown === undefined) return null
    this.#shown.delete(follower)
    const left = this.of(shown).filter((id) => id !== follower)
    if (left.length > 0) this.#of.set(shown, left)
    else this.#of.delete(shown)
    return shown
  }

  /** The oldest follower takes the place of a question that ended without an answer. @returns it; null: there is none */
  promote(shown: ApprovalId): ApprovalId | null {
    const [next, ...others] = this.of(shown)
    if (next === undefined) return null
    this.#of.delete(shown)
    this.#shown.delete(next)
    for (const other of others) this.add(next, other)
    return next
  }
}
