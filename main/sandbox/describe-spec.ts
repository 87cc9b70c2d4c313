import type { SandboxSpec } from '../../protocol/sandbox.ts'

/** What a spec lets a command do, in short lines for the session screen. Says what is so, without praise. */
export function describeSpec(spec: SandboxSpec): string[] {
  if (spec.boundary === 'none')
    return ['boundary: none', 'writes: anywhere you can', 'network: this machine’s own']
  const closed = [...spec.protectedPaths, ...spec.closedInGrants].map(({ path }) => path)
  return [
    `writes: ${list([...spec.writableRoots, ...spec.grantedPaths])}`,
    ...(closed.length > 0 ? [`read-only inside: ${list(closed)}`] : []),
    ...(spec.deniedReads.length > 0 ? [`cannot read: ${list(spec.deniedReads)}`] : []),
    spec.network === 'none'
      ? 'network: none'
      : 'network: this machine’s own, with everything that listens on it, abstract sockets included',
    spec.tmp === 'private' ? '/tmp: its own, gone after the run' : '/tmp: shared with this machine',
  ]
}

const list = (paths: readonly string[]): string => (paths.length === 0 ? 'nothing' : paths.join(', '))
