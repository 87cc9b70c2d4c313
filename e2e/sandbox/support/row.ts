import type { SandboxProblem } from '../../../protocol/sandbox.ts'
import type { Lab, Place, Setting, User } from './lab.ts'
import type { WorkerAnswer } from './worker.ts'

/**
 * One promise of the sandbox, and a script that tries to break it.
 *
 * The script ends with 0 exactly when the attempt worked. It runs twice: without a boundary, where it must
 * work, or it would prove nothing; and inside, where it must not, and where nothing around the workspace may
 * have changed. The attempt also runs in sandboxes that were built worse on purpose, where it works: so it must not
 * harm the machine.
 */
export type Row = Setting &
  Ending & {
    readonly promise: string
    readonly attempt: string
    /** Why the attempt is not made without a boundary. Absent: it is, and must work. */
    readonly noControl?: string
    /**
     * Why, as this user, the row fails with none of the sandboxes that scripts/weakenings.ts builds worse. Absent: with
     * one it does.
     */
    readonly alsoStopped?: Partial<Record<User['name'], string>>
    /** Absent: for both. */
    readonly only?: User['name']
    /** Prepares the fresh folders; runs as whoever runs the tests. */
    readonly prepare?: (place: Place) => void
    /** What may differ afterwards, below the row's folders. */
    readonly mayChange?: readonly string[]
    /** The problem with which nothing starts. Absent: the run starts, or the row proves nothing. */
    readonly refused?: SandboxProblem['code']
  }

type After = (place: Place, answer: WorkerAnswer, lab: Lab) => void
type Ending =
  | { readonly endsWell?: false; readonly after?: After }
  /** Inside, the script ends with 0 nevertheless (or is stopped); `after` looks for the effect. */
  | { readonly endsWell: true; readonly after: After }

/** For `alsoStopped`, as either user. */
export const always = (why: string) => ({ root: why, nobody: why })

/** For `alsoStopped`: seen failing as root; without one the kernel refuses it to anybody. */
export const needsCapability = { nobody: 'the kernel asks for a capability, and an ordinary user has none' }
