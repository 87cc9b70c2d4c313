import type { Grant } from '../../protocol/action.ts'
import type { FlowProcess } from '../../protocol/network.ts'
import type {
  HeldAnswer,
  HeldCall,
  Probe,
  RunLimits,
  SandboxProblem,
  SandboxSpec,
  Violation,
} from '../../protocol/sandbox.ts'
import type { ProfileAccess, SandboxMode } from '../../protocol/settings.ts'
import type { Rehearsals } from './rehearse/rehearsal-run.ts'

/** What a spec is made from. Paths may still be unresolved; nothing here was checked on the disk. */
export type SpecRequest = {
  readonly mode: SandboxMode
  readonly folder: string
  readonly extraWritableRoots: readonly string[]
  readonly deniedReads: readonly string[]
  readonly grant: Grant
  /** GATEHOUSE_HOME: never writable, its state and logs never readable. */
  readonly gatehouseHome: string
  /** The user's own folder. Absent: that of this process. */
  readonly home?: string
  /** What a permission profile says of paths; decides over `extraWritableRoots`. Absent: the mode alone decides. */
  readonly access?: ProfileAccess
  /** Patterns whose files stay unreadable; `deniedReads` has those that exist. */
  readonly deniedGlobs?: readonly { readonly folder: string; readonly pattern: string }[]
  /** What a walk through the roots found; see `scanWorkspace`. Absent: nothing is known of what lies deeper. */
  readonly found?: Found
  /** Taken over into the spec as they are. */
  readonly localSockets?: boolean
  readonly proxied?: boolean
  readonly nesting?: boolean
  readonly hold?: 'none' | 'writes' | 'all'
  readonly holdShim?: boolean
  readonly limits?: RunLimits
  /** The container around us is the boundary. */
  readonly container?: boolean
}

/** What lies deeper in a workspace and matters for its boundary. All paths absolute and resolved. */
export type Found = {
  /** Nested `.git` folders and pointer files; not the one of the root itself. */
  readonly gitDirs: readonly string[]
  /** Files with more than one name. */
  readonly hardLinks: readonly HardLink[]
  /** Why the walk ended before everything was seen; null when all was. */
  readonly cut: 'files' | 'time' | 'stopped' | null
}

export type HardLink = {
  /** Its names in the workspace. */
  readonly paths: readonly string[]
  readonly dev: number
  readonly ino: number
  /** All its names, wherever they are. More than `paths`: others lie outside. */
  readonly links: number
}

/** Where a run with `network: 'proxied'` finds its proxy: on 127.0.0.1 of its own network, before and while it runs. */
export const proxyPorts = { http: 3128, socks: 1080 } as const

/** Who holds the client's end of a connection, as the kernel says. null: it is over, or nobody was found. */
export type FindProcess = (flow: number) => Promise<FlowProcess | null>

/** The one way out of a run. */
export type RunProxy = {
  /** Of a Unix socket in the abstract namespace, without its NUL; of this user. At most 100 of `A-Z a-z 0-9 _ -`. */
  readonly address: string
  /** Says to the proxy which run a connection belongs to, so of this run alone. 16 to 128 of the same characters. */
  readonly token: string
  /** The boundary stands, and connections may come. `who` answers null once the run is over. */
  readonly onUp?: (who: FindProcess) => void
}

export type StartRequest = {
  readonly spec: SandboxSpec
  readonly argv: readonly string[]
  readonly cwd: string
  /** The whole environment of the command; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly cols: number
  readonly rows: number
  readonly onData: (chunk: Uint8Array) => void
  /**
   * A call waits; `answer` may be called once, at any time. Absent: nothing is held and the kernel refuses at once,
   * whatever `spec.hold` says.
   */
  readonly onHeld?: (call: HeldCall, answer: (answer: HeldAnswer) => void) => void
  /** The caller is gone, or another answer settled the call too: its question is void. */
  readonly onSettled?: (id: number, by: 'gone' | 'grant' | 'deny') => void
  /** For `network: 'proxied'`, which does not start without one; of no meaning for others. */
  readonly proxy?: RunProxy
  /** A limit of the spec was hit, in words for a person. */
  readonly onLimit?: (what: 'memory' | 'pids' | 'cpu', words: string) => void
}

export type RunExit = {
  readonly exitCode: number | null
  readonly signal: string | null
  /** It never ran: the sandbox or the program could not be started, with the reason. */
  readonly startProblem: string | null
  /** It ran, and was ended because its supervisor was lost or could not be understood. Absent: it was not. */
  readonly lost?: string
}

/** A program in a PTY, inside its boundary. */
export type SandboxRun = {
  readonly pid: number
  write(data: string): void
  resize(cols: number, rows: number): void
  /** Stops reading from the PTY until `resume`; the program blocks when its buffer is full. */
  pause(): void
  resume(): void
  /** Ends the program and everything it started; resolves when all of it is gone. */
  stop(): Promise<void>
  /**
   * Settles when the boundary stands: whether calls are held, and if not although the spec wants it, why. Rejects
   * never; a run that did not start says `{ holds: false, why }`. `noLimits`: why the limits that the spec asks for
   * are not in force; absent when they are, or none were asked for.
   */
  readonly up: Promise<{ readonly holds: boolean; readonly why: string | null; readonly noLimits?: string }>
  /** Opens a path for the rest of the run. @returns null, or why it was not possible */
  grant(path: string): Promise<string | null>
  /** Takes a grant back; files that are open already stay open. */
  revoke(path: string): Promise<string | null>
  /** Closes a path for reading from now on. */
  mask(path: string): Promise<string | null>
  /** Who opened a connection that the proxy got, by its number in this run. */
  readonly who: FindProcess
  /** Where the proxy is found inside; null for a run without one. */
  readonly ports: typeof proxyPorts | null
  /** Settles also while paused. */
  readonly exited: Promise<RunExit>
}

export type PipedResult = {
  readonly exitCode: number | null
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** More came than `maxBytes`. */
  readonly cut: boolean
  readonly startProblem: string | null
  /** As in RunExit. */
  readonly lost?: string
}

/** What was seen to work on this machine, by a short run in a real boundary. */
export type Abilities = {
  /** A refused file call can wait for an answer. */
  readonly holds: boolean
  /** A folder can be opened while a run goes on. */
  readonly grows: boolean
  /** What is missing for these two, in words; "" when nothing is. */
  readonly why: string
  /** Why memory, processes and processor time cannot be limited; "" when they can. */
  readonly limits: string
  /** Why write calls cannot be tried before they wait (`hold_shim`); "" when they can. */
  readonly shim: string
  /** Facts behind them: `6.18.44`, Yama's ptrace scope (null: no Yama), whether /dev/fuse is there. */
  readonly kernel: string
  readonly yama: number | null
  readonly fuse: boolean
}

/** How commands are contained on this machine. */
export type Sandbox = {
  /**
   * Looks whether a boundary can be built here at all; with `container`, whether there is one around us that may be the
   * boundary: `backend` is then "container", and `version` its kind. Cheap enough to ask at every session start.
   */
  detect(
    boundary?: 'sandbox' | 'container',
  ): Promise<{ backend: string; version: string; abilities: Abilities } | { problem: SandboxProblem }>
  /** Resolves and inspects paths. @throws SandboxUnavailable before anything is started */
  buildSpec(request: SpecRequest): Promise<SandboxSpec>
  /** Makes what a grant needs on the disk: absent files and folders. `undo` removes what stayed untouched. */
  prepareGrant(violations: readonly Violation[], grant: Grant): Promise<{ undo(): Promise<void> }>
  start(request: StartRequest): Promise<SandboxRun>
  /** Without a PTY: bytes in, bytes out. Used for file edits and reads. */
  pipe(
    request: Omit<StartRequest, 'cols' | 'rows' | 'onData'> & {
      readonly stdin: Uint8Array | null
      readonly maxBytes: number
      readonly timeoutMs: number
      readonly signal: AbortSignal | null
    },
  ): Promise<PipedResult>
  /** Runs commands on a throwaway copy, to show what they would change. */
  readonly rehearsals: Rehearsals
  /** What the sandbox stopped, told from what the program printed and checked against the spec and the disk. */
  readViolations(run: {
    readonly spec: SandboxSpec
    readonly cwd: string
    readonly output: string
    readonly exitCode: number | null
  }): Promise<readonly Violation[]>
  /** Tries one forbidden write, connection and read inside `spec`. */
  probe(spec: SandboxSpec, folder: string): Promise<readonly Probe[]>
}
