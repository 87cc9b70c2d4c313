import type { Settings } from '../../protocol/settings.ts'
import type { SpecRequest } from '../sandbox/backend.ts'

/** The part of a spec that settings alone decide, besides mode, roots and denied files. */
export const closedBySettings = ({
  access,
  deniedGlobs,
  localSockets,
}: Settings): Pick<SpecRequest, 'access' | 'deniedGlobs' | 'localSockets'> => ({
  ...(access ? { access } : {}),
  ...(deniedGlobs ? { deniedGlobs } : {}),
  ...(localSockets ? { localSockets } : {}),
})
