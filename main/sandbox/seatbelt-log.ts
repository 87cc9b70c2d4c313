import type { SandboxSpec, Violation } from '../../protocol/sandbox.ts'
import { isWithin } from './paths.ts'

/** What Seatbelt stopped, as the system log tells it. */
export type SeatbeltDenial = {
  readonly pid: number
  /** The program's name, which it can choose itself. */
  readonly program: string
  /** `file-write-create`, `network-outbound`. */
  readonly operation: string
  /** A path, or `HOST:PORT`; '' when the log says none. */
  readonly target: string
}

/** A longer line is no message of the kernel's. */
const maxLine = 16_384

/** A name is short, and a path may hold anything, also something that looks like the end of a name. */
const message =
  /^(?:\d+ duplicate reports? for )?Sandbox: ([^\n]{1,64}?)\((\d{1,10})\) deny\(\d+\) ([a-z][a-z0-9-]{0,60}\*?)(?: ([^\n]*))?$/

/**
 * Reads one line of `log stream --style ndjson --predicate 'sender == "Sandbox"'`. Never throws.
 *
 * @returns null for everything that is no denial
 */
export function readSeatbeltLine(line: string): SeatbeltDenial | null {
  if (line.length > maxLine) return null
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    // The first line of the stream is words, and a line may be cut off when the stream ends.
    return null
  }
  if (typeof parsed !== 'object' || parsed === null || !('eventMessage' in parsed)) return null
  const said = typeof parsed.eventMessage === 'string' ? message.exec(parsed.eventMessage) : null
  if (!said) return null
  const [, program = '', pid = '', operation = '', target = ''] = said
  return { pid: Number(pid), program, operation, target }
}

/** null for what is no file and no connection, such as a lookup of a system service. */
export function violationOf(
  { operation, target, program }: SeatbeltDenial,
  spec: SandboxSpec,
): Violation | null {
  const evidence = `${program}: ${operation} ${target}`.slice(0, 500)
  if (operation.startsWith('network-outbound')) {
    if (target.startsWith('/')) return null
    const [, host = '', port = ''] = /^(.*):(\d{1,5}|\*)$/.exec(target) ?? []
    const number = Number(port)
    return {
      kind: 'connect',
      host: host === '' || host === '*' ? null : host.slice(0, 253),
      port: port === '' || Number.isNaN(number) || number > 65_535 ? null : number,
      evidence,
    }
  }
  if (!target.startsWith('/') || target.includes('\0')) return null
  if (operation.startsWith('file-write')) {
    const closed = [...spec.protectedPaths, ...spec.closedInGrants]
    const inside = closed.some(({ path }) => isWithin(target, path))
    return { kind: 'write', path: target, wants: 'file', protected: inside, evidence }
  }
  return operation.startsWith('file-read') ? { kind: 'read', path: target, evidence } : null
}
