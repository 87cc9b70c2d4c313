import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { SandboxFacts, WorkspaceFound } from '../../protocol/sandbox-proof.ts'
import type { LiveSession } from '../pipeline/run-session.ts'
import type { Abilities, Found, Sandbox } from '../sandbox/backend.ts'
import { describeSpec } from '../sandbox/describe-spec.ts'
import { linkedOutside } from '../sandbox/scan-workspace.ts'

/** What stands behind the proof of a session: the backend, the boundary in words, and what it cannot do here. */
export async function sandboxFacts(session: LiveSession, sandbox: Sandbox): Promise<SandboxFacts> {
  const [found, spec] = await Promise.all([sandbox.detect(session.settings.boundary), session.boundary()])
  const known = !('problem' in found)
  return {
    backend: known ? found.backend : 'none',
    version: known ? found.version : '',
    profile: describeSpec(spec),
    missing: known ? missingWords(found.abilities, spec) : [],
    found: session.found && workspaceFound(session.found),
  }
}

/** Entries of a list that go to the screen; the rest is counted. */
const listed = 200

/** What a person can look through of what the walk found. */
export function workspaceFound(found: Found): WorkspaceFound {
  const links = linkedOutside(found)
  return {
    gitDirs: found.gitDirs.slice(0, listed),
    hardLinks: links
      .slice(0, listed)
      .map(({ paths, links: all }) => ({ inside: paths.slice(0, 20), outside: all - paths.length })),
    leftOut: Math.max(0, found.gitDirs.length - listed) + Math.max(0, links.length - listed),
    cut: found.cut,
  }
}

/** What the person may expect and will not get, with the machine's reason. */
export function missingWords(abilities: Abilities, spec: SandboxSpec): SandboxFacts['missing'] {
  if (spec.boundary === 'none') return []
  if (spec.boundary === 'container')
    return [{ what: 'A boundary of our own: what is read, written and reached', why: abilities.why }]
  const why = abilities.why || 'This machine does not say why.'
  return [
    ...(abilities.holds
      ? []
      : [
          {
            what: 'Holding a file call while the program waits; it fails and is asked about afterwards',
            why,
          },
        ]),
    ...(abilities.holds && !abilities.grows
      ? [{ what: 'Opening a whole folder for a running program; its calls are allowed one by one', why }]
      : []),
    ...(spec.holdShim && abilities.shim !== ''
      ? [{ what: 'Trying write calls before they wait', why: abilities.shim }]
      : []),
    ...(abilities.limits === ''
      ? []
      : [{ what: 'Limits of memory, processes and processor time', why: abilities.limits }]),
  ]
}
