import type { SandboxSpec } from '../../../protocol/sandbox.ts'
import type { RunProxy } from '../backend.ts'
import { SandboxUnavailable } from '../sandbox-unavailable.ts'
import { protocolVersion, type StartMessage } from './messages.ts'

/** The longest `start` line that a launcher takes, in bytes. */
const maxStartBytes = 1024 * 1024

/**
 * Which calls a run holds. Without somebody to ask nothing waits, with one exception: reads of what a pattern
 * denies are only seen when they are held, so they are, and the host refuses them by itself.
 */
export function holdLevel(spec: SandboxSpec, asks: boolean): 'none' | 'writes' | 'all' {
  const wanted = spec.boundary === 'bounded' ? (spec.hold ?? 'none') : 'none'
  const seesReads = wanted === 'all' && (spec.deniedGlobs?.length ?? 0) > 0
  return asks || seesReads ? wanted : 'none'
}

function filterFor({ boundary, network, localSockets, proxied }: SandboxSpec): StartMessage['seccomp'] {
  if (boundary === 'none') return 'none'
  if (network === 'host' || boundary === 'container') return 'open'
  if (network === 'proxied' || proxied === true) return 'proxied'
  return localSockets === true ? 'local' : 'closed'
}

/**
 * What a launcher is told about its run.
 *
 * @param run.asks    somebody answers held calls
 * @param run.cgroup  a delegated folder, or ""
 * @param run.proxy   the one way out, for a spec that wants one
 * @throws SandboxUnavailable for a spec that no line can carry, or that wants a proxy and has none
 */
export function startMessage(
  spec: SandboxSpec,
  run: {
    readonly asks: boolean
    readonly cgroup: string
    readonly proxy?: RunProxy | undefined
    readonly standIns: { readonly folders: readonly string[]; readonly files: readonly string[] }
  },
): StartMessage {
  const hold = holdLevel(spec, run.asks)
  const limits = spec.limits ?? {}
  const wantsProxy = spec.network === 'proxied'
  if (wantsProxy && (spec.boundary !== 'bounded' || !run.proxy))
    throw new SandboxUnavailable({ code: 'noProxy' })
  const message: StartMessage = {
    type: 'start',
    protocol: protocolVersion,
    seccomp: filterFor(spec),
    nesting: spec.nesting ?? false,
    hold,
    roots: [...spec.writableRoots, ...spec.grantedPaths],
    closed: [...spec.protectedPaths, ...spec.closedInGrants].map(({ path }) => path),
    masks: spec.deniedReads,
    deniedGlobs: (spec.deniedGlobs ?? []).map(({ folder, pattern }) => {
      if (folder.includes('\n')) {
        const detail = 'Its name holds a line break, and files in it are to be kept unreadable by a pattern.'
        throw new SandboxUnavailable({ code: 'pathUnusable', path: folder, detail })
      }
      return `${folder}\n${pattern}`
    }),
    grantedReads: spec.grantedReads ?? [],
    standInFolders: run.standIns.folders,
    standInFiles: run.standIns.files,
    memoryBytes: limits.memoryBytes ?? 0,
    pids: limits.pids ?? 0,
    cpuPercent: limits.cpuPercent ?? 0,
    openFiles: limits.openFiles ?? 0,
    fileBytes: limits.fileBytes ?? 0,
    cgroup: run.cgroup,
    grows: hold !== 'none',
    proxy: (wantsProxy && run.proxy?.address) || '',
    proxyToken: (wantsProxy && run.proxy?.token) || '',
  }
  if (Buffer.byteLength(JSON.stringify(message)) >= maxStartBytes) {
    const detail = 'Its settings name more paths than one run can be told about.'
    throw new SandboxUnavailable({ code: 'backendFailed', detail })
  }
  return message
}
