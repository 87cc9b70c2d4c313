import type { Effective } from './effective-config.ts'

/** What `gatehouse config effective` prints: all that is plain JSON, the answer first. */
export type EffectiveReport = Omit<Effective, 'settings' | 'requirementsInForce'>

export const effectiveReport = ({
  settings: _settings,
  requirementsInForce: _limits,
  ...report
}: Effective): EffectiveReport => report
