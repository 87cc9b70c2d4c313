import type { Lab, Place, Setting } from './lab.ts'
import type { WorkerAnswer } from './worker.ts'

/**
 * One promise of the sandbox, and a script that tries to break it.
 *
 * The script ends with 0 exactly when the attempt worked. It runs twice: without a boundary, where it must
 * work, or it would prove nothing; and inside, where it must not, and where nothing around the workspace may
 * have changed.
 */
export type Row = Setting & {
  readonly promise: string
  readonly attempt: string
  /** Why the attempt is not made without a boundary. Absent: it is, and must work. */
  readonly noControl?: string
  /** Absent: for both. */
  readonly only?: 'root' | 'nobody'
  /** Prepares the fresh folders; runs as whoever runs the tests. */
  readonly prepare?: (place: Place) => void
  /** Inside, the script ends with 0 nevertheless; the effect must be absent all the same. */
  readonly endsWell?: boolean
  /** What may differ afterwards, below the row's folders. */
  readonly mayChange?: readonly string[]
  readonly after?: (place: Place, answer: WorkerAnswer, lab: Lab) => void
}

/** Why many attempts have no control run. */
export const harmful = 'it would harm this machine'
