import type { RunLimits, SandboxSpec } from '../../protocol/sandbox.ts'

/** What a spec lets a command do, in short lines for the session screen. Says what is so, without praise. */
export function describeSpec(spec: SandboxSpec): string[] {
  if (spec.boundary === 'none')
    return ['boundary: none', 'writes: anywhere you can', 'network: this machine’s own']
  if (spec.boundary === 'container') return containedLines(spec)
  const closed = [...spec.protectedPaths, ...spec.closedInGrants].map(({ path }) => path)
  const { closedFolders = [], readablePaths = [], deniedGlobs = [], limits = {} } = spec
  const patterns = deniedGlobs.map(({ folder, pattern }) => `${folder === '/' ? '' : folder}/${pattern}`)
  const limited = limitWords(limits)
  return [
    `writes: ${list([...spec.writableRoots, ...spec.grantedPaths])}`,
    ...(closed.length > 0 ? [`read-only inside: ${list(closed)}`] : []),
    ...(closedFolders.length > 0 ? [`shown empty: ${list(closedFolders)}`] : []),
    ...(readablePaths.length > 0 ? [`but for: ${list(readablePaths)}`] : []),
    ...(spec.deniedReads.length > 0 ? [`cannot read: ${list(spec.deniedReads)}`] : []),
    ...(patterns.length > 0 ? [`nor what appears as: ${list(patterns)}`] : []),
    spec.network === 'proxied'
      ? 'network: its own loopback, and out of it only through the proxy'
      : spec.network === 'none'
        ? spec.localSockets
          ? 'network: none but its own loopback and sockets'
          : 'network: none'
        : 'network: this machine’s own, with everything that listens on it, abstract sockets included',
    spec.tmp === 'host'
      ? '/tmp: shared with this machine'
      : closedFolders.includes('/tmp')
        ? '/tmp: empty, and cannot be written'
        : '/tmp: its own, gone after the run',
    ...(spec.nesting ? ['new user namespaces: allowed'] : []),
    ...(limited.length > 0 ? [`at most: ${list(limited)}`] : []),
  ]
}

/** What a command has where the container is the boundary, and what nothing here keeps. */
function containedLines({ limits = {} }: SandboxSpec): string[] {
  const limited = limitWords(limits)
  return [
    'boundary: the container around Gatehouse',
    'writes: anywhere in the container that this account can, Gatehouse’s own files included',
    'network: the container’s own',
    'narrowed: no new privileges, no capabilities, a filter of system calls, closed descriptors, a session of its own',
    ...(limited.length > 0 ? [`at most: ${list(limited)}`] : []),
  ]
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / (1024 * 1024))} MB`

const limitWords = ({ memoryBytes, pids, cpuPercent, openFiles, fileBytes }: RunLimits): string[] => [
  ...(memoryBytes === undefined ? [] : [`${megabytes(memoryBytes)} of memory`]),
  ...(pids === undefined ? [] : [`${pids} processes`]),
  ...(cpuPercent === undefined ? [] : [`${cpuPercent} % of one processor`]),
  ...(openFiles === undefined ? [] : [`${openFiles} open files`]),
  ...(fileBytes === undefined ? [] : [`${megabytes(fileBytes)} in one file`]),
]

const list = (paths: readonly string[]): string => (paths.length === 0 ? 'nothing' : paths.join(', '))
