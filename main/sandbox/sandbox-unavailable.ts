import { describeProblem, type SandboxProblem } from '../../protocol/sandbox.ts'

/** Thrown before anything is started, so the caller has nothing to undo. */
export class SandboxUnavailable extends Error {
  override readonly name = 'SandboxUnavailable'
  readonly problem: SandboxProblem

  constructor(problem: SandboxProblem, options?: ErrorOptions) {
    const { title, fix } = describeProblem(problem)
    super(`${title} ${fix}`, options)
    this.problem = problem
  }
}
