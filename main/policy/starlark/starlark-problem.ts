import type { RuleErrorKind } from '../rules/rule.ts'

/** Why a rules file cannot be read on. Thrown inside the reader and turned into data at its edge. */
export class StarlarkProblem extends Error {
  override readonly name = 'StarlarkProblem'
  readonly kind: RuleErrorKind
  /** Offset in the text, in UTF-16 code units. */
  readonly at: number
  /** The example that failed, word by word. */
  readonly example: readonly string[] | null

  constructor(kind: RuleErrorKind, message: string, at: number, example: readonly string[] | null = null) {
    super(message)
    this.kind = kind
    this.at = at
    this.example = example
  }
}

/** Bounds that keep any file below 50 ms. What exceeds them is `starlark-limit`, never a hang. */
export const limits = {
  /** UTF-16 code units of one file. */
  text: 256 * 1024,
  /** Words and signs of one file: about 2,000 rules. */
  tokens: 40_000,
  /** Steps of evaluation; work on long values costs more than one. */
  effort: 60_000,
  /** UTF-16 code units of one string. */
  string: 32 * 1024,
  /** Elements of one list, tuple, dict or range. */
  elements: 10_000,
  /** Brackets, blocks and operators inside each other. */
  nesting: 80,
  /** Expressions being evaluated inside each other, through all calls. */
  depth: 400,
  /** Calls inside each other; Starlark counts this as recursion. */
  calls: 50,
} as const

export function tooMuch(what: string, at: number): StarlarkProblem {
  return new StarlarkProblem('starlark-limit', `${what}. Split the file, or write the rules out.`, at)
}
