import type { SandboxSpec } from '../../../protocol/sandbox.ts'
import type { SpecRequest } from '../backend.ts'
import { noPlaces } from '../no-places.ts'
import { SandboxUnavailable } from '../sandbox-unavailable.ts'

/**
 * The spec of a run whose boundary is the container around us. What only a boundary of ours could keep is refused,
 * never dropped in silence.
 *
 * @throws SandboxUnavailable
 */
export function containedSpec(request: SpecRequest): SandboxSpec {
  const what = notKept(request)
  if (what !== null) throw new SandboxUnavailable({ code: 'notKeptByContainer', what })
  return {
    boundary: 'container',
    ...noPlaces,
    ...(request.nesting === undefined ? {} : { nesting: request.nesting }),
    ...(request.limits === undefined ? {} : { limits: request.limits }),
  }
}

function notKept({ mode, access, deniedReads, deniedGlobs = [], proxied }: SpecRequest): string | null {
  if (mode === 'read-only') return 'Read only'
  if (deniedReads.length > 0 || deniedGlobs.length > 0)
    return `“cannot read ${deniedReads[0] ?? deniedGlobs[0]?.pattern ?? ''}”`
  if (access !== undefined) return 'a permission profile'
  return proxied ? 'a network limited to some hosts' : null
}
