import type { SandboxProblem } from '../../protocol/sandbox.ts'
import type { Effective } from '../policy/settings/effective-config.ts'

/** The line that makes the container the boundary, as `file:line`; null where no file does. */
export function containerPlace({ origins }: Pick<Effective, 'origins'>): string | null {
  const origin = origins.find(({ key }) => key === 'gatehouse.boundary')?.origin
  if (!origin) return null
  return origin.file === null ? origin.layer : `${origin.file}:${origin.line ?? 1}`
}

/** The problem with the place of the setting that led to it. */
export const withPlace = (problem: SandboxProblem, where: string | null): SandboxProblem =>
  problem.code === 'noContainer' ? { ...problem, where } : problem
