import type { Random } from './random.ts'

/** One kind of input. */
export type Target = {
  readonly name: string
  /** The texts of one input. */
  readonly make: (random: Random) => readonly string[]
  /**
   * Reads and judges it.
   *
   * @param once measures one reading of one text
   * @returns what is wider than it may be, as a sentence; null: nothing
   */
  readonly check: (input: readonly string[], once: Once) => string | null
}

export type Once = <T>(run: () => T) => T
