import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { outermostFirst } from './paths.ts'
import { SandboxUnavailable } from './sandbox-unavailable.ts'

export type SeatbeltProfile = {
  readonly text: string
  /** Given with `-D NAME=VALUE`. No path stands in the text, so no path can end a string or a rule in it. */
  readonly parameters: readonly { readonly name: string; readonly value: string }[]
}

/** What every program needs to start, and nothing that reaches another program. */
const base = `(version 1)
(deny default)
(allow process-fork process-exec)
(allow process-info* (target same-sandbox))
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow user-preference-read)
(allow mach-lookup
  (global-name "com.apple.system.opendirectoryd.libinfo")
  (global-name "com.apple.system.notification_center")
  (global-name "com.apple.PowerManagement.control"))
(allow ipc-posix-sem)
(allow pseudo-tty)
(allow file-ioctl (literal "/dev/tty") (literal "/dev/ptmx") (regex #"^/dev/ttys[0-9]+$"))
(allow file-read* file-write-data
  (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (literal "/dev/ptmx") (regex #"^/dev/ttys[0-9]+$"))
`

const openNetwork = `(allow network*)
(allow system-socket)
(allow mach-lookup
  (global-name "com.apple.dnssd.service")
  (global-name "com.apple.SystemConfiguration.configd")
  (global-name "com.apple.trustd.agent"))
`

/**
 * The Seatbelt profile of one run. The last rule that fits decides, so the order is the policy, as in `bwrapArgv`:
 * reading, closed folders, what is shown in them, roots, pinned folders, protected paths, grants, what stays closed in
 * grants, and last what may not be read whatever was opened before.
 *
 * @param tmp the run's own temporary folder, in place of a private /tmp, which macOS does not have
 * @throws SandboxUnavailable for a path that cannot be an argument
 */
export function seatbeltProfile(spec: SandboxSpec, tmp: string): SeatbeltProfile {
  if (spec.boundary !== 'bounded') throw new TypeError('There is no profile without a boundary.')
  const parameters: { name: string; value: string }[] = []
  const rule = (
    action: string,
    filter: 'subpath' | 'literal',
    kind: string,
    paths: readonly string[],
  ): string =>
    outermostFirst(paths)
      .map((value, index) => {
        if (!value.startsWith('/') || value.includes('\0'))
          throw new SandboxUnavailable({
            code: 'pathUnusable',
            path: value,
            detail: 'it is no path that macOS can be given.',
          })
        const name = `${kind}_${index}`
        parameters.push({ name, value })
        return `(${action} (${filter} (param "${name}")))\n`
      })
      .join('')
  const paths = (protectedPaths: SandboxSpec['protectedPaths']): string[] =>
    protectedPaths.map(({ path }) => path)
  const closed = spec.closedFolders ?? []
  const rules = [
    base,
    '(allow file-read*)\n',
    rule('deny file-read* file-write*', 'subpath', 'CLOSED', closed),
    // The way to what is shown inside them: that a folder is there, not what is in it.
    rule('allow file-read-metadata', 'literal', 'WAY', closed),
    rule('allow file-read*', 'subpath', 'READABLE', spec.readablePaths ?? []),
    rule('allow file-read* file-write*', 'subpath', 'TMP', [tmp]),
    rule('allow file-read* file-write*', 'subpath', 'ROOT', spec.writableRoots),
    rule('deny file-write-unlink', 'literal', 'PINNED', spec.pinnedFolders),
    rule('deny file-write*', 'subpath', 'PROTECTED', paths(spec.protectedPaths)),
    rule('allow file-read* file-write*', 'subpath', 'GRANTED', spec.grantedPaths),
    rule('deny file-write*', 'subpath', 'CLOSED_IN_GRANT', paths(spec.closedInGrants)),
    rule('deny file-read* file-write*', 'subpath', 'DENIED', spec.deniedReads),
    spec.network === 'host' ? openNetwork : '',
  ]
  return { text: rules.join(''), parameters }
}

/** The arguments of `/usr/bin/sandbox-exec` for one command. */
export function seatbeltArgv(spec: SandboxSpec, tmp: string, command: readonly string[]): readonly string[] {
  const { text, parameters } = seatbeltProfile(spec, tmp)
  return [
    '-p',
    text,
    ...parameters.flatMap(({ name, value }) => ['-D', `${name}=${value}`]),
    '--',
    ...command,
  ]
}
