import { type CommandAction, type Grant, noGrant } from '../../protocol/action.ts'
import type { HeldCall, Violation } from '../../protocol/sandbox.ts'
import { fingerprintOf } from '../approvals/fingerprint.ts'
import { isGitRecord } from '../policy/git-records.ts'
import { pathsOf } from '../policy/judge-file-access.ts'
import type { CommandDecoder } from '../policy/shell/command-part.ts'
import { changesWhatRunsLater } from '../policy/tier.ts'

/** What was missing, as a grant and as what was seen of it. */
export type Missing = { readonly grant: Grant; readonly violations: readonly Violation[] }

/** Commands remembered, and places of one run: more would be no smaller thing. */
const maxCommands = 200
const maxPlaces = 5

/**
 * What each command of a session last tripped over: observed violations, and file calls that waited for the person.
 * Commands are the same when their programs, fixed words and wishes are, whatever room they ask for.
 */
export class SessionTrips {
  readonly #decode: CommandDecoder
  readonly #latest = new Map<string, Missing>()

  constructor(decode: CommandDecoder) {
    this.#decode = decode
  }

  /** A run without any leaves what is known as it is: it may have had what was missing. */
  note(action: CommandAction, violations: readonly Violation[], calls: readonly HeldCall[]): void {
    const missing = missingIn(violations, calls)
    if (missing === null) return
    const key = this.#key(action)
    this.#latest.delete(key)
    this.#latest.set(key, missing)
    for (const oldest of this.#latest.keys()) {
      if (this.#latest.size <= maxCommands) break
      this.#latest.delete(oldest)
    }
  }

  /** What would be enough by what is known; null when nothing is, or when it would decide what runs later. */
  missing(action: CommandAction, home: string): Missing | null {
    const found = this.#latest.get(this.#key(action)) ?? null
    return found?.grant.writePaths.some((p) => changesWhatRunsLater(p, home)) ? null : found
  }

  #key(action: CommandAction): string {
    return fingerprintOf({ ...action, escalation: null }, this.#decode(action.argv))
  }
}

function missingIn(violations: readonly Violation[], calls: readonly HeldCall[]): Missing | null {
  const all = [...violations, ...calls.flatMap(asViolations)]
  const writes = new Set(all.flatMap((v) => (v.kind === 'write' && !v.gitMetadata ? [v.path] : [])))
  const reads = new Set(all.flatMap((v) => (v.kind === 'read' ? [v.path] : [])))
  const gitMetadata = calls.some(isRecord) || violations.some((v) => v.kind === 'write' && v.gitMetadata)
  const network = all.some((v) => v.kind === 'connect')
  const places = writes.size + reads.size
  if (places > maxPlaces || (places === 0 && !gitMetadata && !network)) return null
  return {
    grant: {
      ...noGrant,
      writePaths: [...writes],
      ...(reads.size > 0 ? { readPaths: [...reads] } : {}),
      ...(gitMetadata ? { gitMetadata } : {}),
      network,
    },
    violations: all,
  }
}

/** A repository's own record, by the name of its git directory; many are one thing. */
const isRecord = (call: HeldCall): boolean =>
  call.kind === 'write' &&
  pathsOf(call).every((p) => {
    const dir = /^(.*?\/\.git)\//.exec(p)?.[1]
    return dir !== undefined && isGitRecord(p, [dir], call.call)
  })

function asViolations(call: HeldCall): readonly Violation[] {
  if (isRecord(call)) return []
  const evidence = ''
  return pathsOf(call).map(
    (path): Violation =>
      call.kind === 'read'
        ? { kind: 'read', path, evidence }
        : {
            kind: 'write',
            path,
            wants: call.isDirectory || call.call.startsWith('mkdir') ? 'directory' : 'file',
            protected: false,
            evidence,
          },
  )
}
