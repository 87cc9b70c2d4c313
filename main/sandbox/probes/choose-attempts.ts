import { homedir } from 'node:os'
import { dirname } from 'node:path'
import type { ProbeKind, SandboxSpec } from '../../../protocol/sandbox.ts'
import { isWithin } from '../paths.ts'
import type { Lures } from './lures.ts'

/** One attempt, as `launcher --probe` takes it, and the same outside. */
export type Attempt = {
  readonly kind: ProbeKind
  /** What the launcher is given inside. */
  readonly argument: string
  /** In words for a person. */
  readonly target: string
  /**
   * The attempt outside. `needed`: it must work there, or the one inside proves nothing. `asked`: worth knowing, but
   * a machine may refuse it to everybody. null: it is not made outside, where it could do harm.
   */
  readonly control: readonly [kind: ProbeKind, argument: string] | null
  readonly weight: 'needed' | 'asked'
}

/** Attempts of which the first that works outside is made inside. */
export type Choice = {
  readonly options: readonly Attempt[]
  /** When none works outside: `leave` it out, or `tell` that it could not be made. */
  readonly otherwise: 'leave' | 'tell'
}

/** Paths tried per kind; more would cost time and prove the same. */
const most = 4

/**
 * What to try in a boundary: only what its spec forbids. Pure.
 *
 * @param folder the workspace, resolved
 * @param holds whether a refused call becomes a question here
 */
export function chooseAttempts(
  spec: SandboxSpec,
  folder: string,
  lures: Pick<Lures, 'secret' | 'self'> & {
    readonly port: Pick<Lures['port'], 'at' | 'target'>
    readonly socket: Pick<Lures['socket'], 'at' | 'target'>
  },
  holds: boolean,
): readonly Choice[] {
  if (spec.boundary === 'container')
    return privilegeAttempts(spec).map((attempt) => ({ options: [attempt], otherwise: 'tell' }))
  const granted = (path: string): boolean => spec.grantedPaths.some((grant) => isWithin(path, grant))
  const hidden = (path: string): boolean => spec.deniedReads.some((denied) => isWithin(path, denied))
  const closed = [...spec.protectedPaths.filter(({ path }) => !granted(path)), ...spec.closedInGrants].filter(
    ({ path }) => !hidden(path),
  )

  const choices: Choice[] = [
    { options: writeTargets(spec, folder).map(writeInto), otherwise: 'tell' },
    {
      options: closed.filter(({ exists }) => exists).map(({ path }) => needed('protected', path, path)),
      otherwise: 'leave',
    },
    {
      options: closed
        .filter(({ exists }) => !exists)
        .map(
          ({ path }): Attempt => ({
            ...needed('create', path, path),
            // Outside, nothing is made: that its folder may be written there says as much.
            control: ['write', dirname(path)],
          }),
        ),
      otherwise: 'leave',
    },
  ]
  const add = (attempt: Attempt): void => void choices.push({ options: [attempt], otherwise: 'tell' })

  if (spec.network !== 'host') add(needed('connect', lures.port.target, `${lures.port.at} on this machine`))
  add(needed('socket', lures.socket.target, lures.socket.at))
  const secret = spec.deniedReads.some((path) => isWithin(lures.secret, path))
  choices.push({
    options: [...(secret ? [lures.secret] : []), ...spec.deniedReads].map((path) =>
      needed('read', path, path),
    ),
    otherwise: secret ? 'tell' : 'leave',
  })
  add(needed('process', lures.self, `Gatehouse itself, process ${lures.self.split('/')[0]}`))
  for (const attempt of privilegeAttempts(spec)) add(attempt)
  if (holds) choices.push({ options: writeTargets(spec, folder).map(heldIn), otherwise: 'tell' })
  return choices.map(({ options, ...rest }) => ({ ...rest, options: options.slice(0, most) }))
}

/** What no command may do in any boundary, also where files and network are somebody else's. */
const privilegeAttempts = (spec: SandboxSpec): readonly Attempt[] => [
  { kind: 'remount', argument: '/', target: 'the whole disk', control: null, weight: 'asked' },
  ...(spec.nesting === true
    ? []
    : [{ ...needed('namespace', 'user', 'a user namespace of its own'), weight: 'asked' as const }]),
  ...['ptrace', 'keyctl'].map((name) => ({ ...needed('filter', name, name), weight: 'asked' as const })),
]

const needed = (kind: ProbeKind, argument: string, target: string): Attempt => ({
  kind,
  argument,
  target,
  control: [kind, argument],
  weight: 'needed',
})

const writeInto = (path: string): Attempt => needed('write', path, `a new file in ${path}`)
const heldIn = (path: string): Attempt => ({
  ...needed('held', path, `a new file in ${path}`),
  control: ['write', path],
})

/** Folders the spec keeps closed although the user may well write there: the workspace itself, or one nearby. */
function writeTargets(spec: SandboxSpec, folder: string): readonly string[] {
  const opened = [...spec.writableRoots, ...spec.grantedPaths]
  const hidden = ['/tmp', '/run', '/dev', '/proc', ...spec.deniedReads, ...(spec.closedFolders ?? [])]
  const shown = [...opened, ...(spec.readablePaths ?? [])]
  return [...new Set([folder, dirname(folder), homedir(), '/var/tmp'])].filter((path) => {
    if (opened.some((root) => isWithin(path, root))) return false
    // In a hidden folder an attempt would fail because nothing is there, or succeed in a private one.
    return !hidden.some((at) => isWithin(path, at)) || shown.some((at) => isWithin(path, at))
  })
}
