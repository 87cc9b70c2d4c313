import { noBoundary, weakEnds } from './weakenings-ends.ts'
import { weakHolding } from './weakenings-holding.ts'
import { weakInside } from './weakenings-inside.ts'
import { weakMounts } from './weakenings-mounts.ts'
import { weakSpecs } from './weakenings-specs.ts'

/** One text of one file that becomes another. */
export type Change = { readonly file: string; readonly from: string; readonly to: string }

/** One way to build the sandbox worse than it is. */
export type Weakening = {
  readonly name: string
  /** Full names of the rows that are tried against it. Absent: all. */
  readonly rows?: RegExp
  readonly changes: readonly Change[]
}

/**
 * Each takes away one thing that rows of `e2e/sandbox` rely on. A row that fails with none of them proves nothing.
 * `from` must stand in its file exactly once, so that a change of the code shows here. The narrow ones come first: a row
 * that one of them made fail is not tried against the wide ones.
 */
export const weakenings: readonly Weakening[] = [
  ...weakHolding,
  ...weakSpecs,
  ...weakInside,
  ...weakEnds,
  ...weakMounts,
  noBoundary,
]
