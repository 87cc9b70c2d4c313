import type { Random } from './random.ts'

/** One kind of input. */
export type Target = {
  readonly name: string
  /** The texts of one input. */
  readonly make: (random: Random) => readonly string[]
  /** Reads and judges it. @returns what is wider than it may be, as a sentence; null: nothing */
  readonly check: (input: readonly string[]) => string | null
}
