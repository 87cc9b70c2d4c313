import type { Settings } from '../../protocol/settings.ts'
import type { SpecRequest } from '../sandbox/backend.ts'

/** The part of a spec that settings alone decide, besides mode, roots and denied files. */
export const closedBySettings = ({
  access,
  deniedGlobs,
  localSockets,
  holdShim,
  boundary,
}: Settings): Pick<SpecRequest, 'access' | 'deniedGlobs' | 'localSockets' | 'holdShim' | 'container'> => ({
  ...(access ? { access } : {}),
  ...(deniedGlobs ? { deniedGlobs } : {}),
  ...(localSockets ? { localSockets } : {}),
  ...(holdShim ? { holdShim } : {}),
  ...(boundary === 'container' ? { container: true } : {}),
})
