import { z } from 'zod'
import { NamespaceCause, namespaceWords } from './namespace-cause.ts'

/** A path inside a writable root that stays read-only, with everything below it. */
export const ProtectedPath = z.object({ path: z.string(), exists: z.boolean() })
export type ProtectedPath = z.infer<typeof ProtectedPath>

/** Limits of one run; an absent one is not set. */
export const RunLimits = z.object({
  memoryBytes: z.int().min(1).optional(),
  pids: z.int().min(1).optional(),
  /** Of one processor; 200 is two whole ones. */
  cpuPercent: z.int().min(1).optional(),
  openFiles: z.int().min(16).optional(),
  /** The largest file a command may write, in bytes. */
  fileBytes: z.int().min(1).optional(),
})
export type RunLimits = z.infer<typeof RunLimits>

/**
 * A file call of a running process that its boundary refuses, waiting for an answer. Everything but `argv` comes
 * from the kernel; `argv` is what the process says of itself.
 */
export const HeldCall = z.object({
  /** Unique within its run. */
  id: z.int(),
  kind: z.enum(['write', 'read']),
  /** Name of the system call: `openat`, `mkdirat`, `renameat2`. */
  call: z.string().max(32),
  /** The real place, with no link left in it. */
  path: z.string().max(8192),
  /** As the process wrote it. */
  requested: z.string().max(4096),
  /** The real folder that holds `path`. */
  directory: z.string().max(8192),
  /** The other end of a rename or link. */
  path2: z.string().max(8192).nullable(),
  exists: z.boolean(),
  isDirectory: z.boolean(),
  flags: z.array(z.string().max(32)).max(32).readonly(),
  pid: z.int(),
  exe: z.string().nullable(),
  argv: z.array(z.string()).readonly(),
  cwd: z.string().nullable(),
  /** Parents up to the command itself, the nearest first. */
  chain: z
    .array(z.object({ pid: z.int(), exe: z.string() }))
    .max(64)
    .readonly(),
})
export type HeldCall = z.infer<typeof HeldCall>

/** What a held call is told. `directory` opens a whole folder for the rest of the run. */
export const HeldAnswer = z.discriminatedUnion('verdict', [
  z.object({ verdict: z.literal('once') }),
  z.object({ verdict: z.literal('path') }),
  z.object({ verdict: z.literal('directory'), path: z.string() }),
  /** `remember`: also every later call of this run on the same path. */
  z.object({ verdict: z.literal('deny'), remember: z.boolean() }),
])
export type HeldAnswer = z.infer<typeof HeldAnswer>

/** What became of the file calls of one run that its boundary refused and that could be asked about. */
export const HeldCounts = z.object({
  held: z.int().min(0),
  granted: z.int().min(0),
  denied: z.int().min(0),
  /** Refused without a question by the quiet-deny list. */
  quiet: z.int().min(0),
})
export type HeldCounts = z.infer<typeof HeldCounts>

/**
 * All a sandbox needs for one run: absolute, resolved paths, and no policy left in it.
 * Made by the pipeline from settings, roots and grants; turned into arguments by a backend.
 */
export const SandboxSpec = z.object({
  /**
   * `bounded` builds a boundary. `none` runs outside it; only an explicit decision leads there. `container`: the
   * settings say that the container around us is the boundary; a command is narrowed, and files and network are not ours.
   */
  boundary: z.enum(['bounded', 'none', 'container']),
  writableRoots: z.array(z.string()).readonly(),
  /** Folders between a writable root and a protected path: mounted onto themselves so they cannot be renamed. */
  pinnedFolders: z.array(z.string()).readonly(),
  protectedPaths: z.array(ProtectedPath).readonly(),
  /** Single files or folders made writable by a grant, after protected paths were closed. */
  grantedPaths: z.array(z.string()).readonly(),
  /** Closed again after grants: what would run later, such as git hooks inside a granted .git. */
  closedInGrants: z.array(ProtectedPath).readonly(),
  /** Paths whose content must not even be read. */
  deniedReads: z.array(z.string()).readonly(),
  /**
   * `none`: an empty network namespace. `proxied`: the same, with one way out of it, to a proxy that is given with the
   * start; no run without one. `host`: the machine's own network, only by an explicit grant.
   */
  network: z.enum(['none', 'proxied', 'host']),
  /**
   * Without a network: whether processes of the run may use named sockets and loopback addresses among themselves.
   * Absent: no, only pairs of sockets.
   */
  localSockets: z.boolean().optional(),
  /**
   * Without a network: the settings limit the network to hosts, so that a proxy would be the only way out. Sockets of
   * the internet can be made, which lead nowhere; sockets of this machine cannot. Absent: no. Decides over `localSockets`.
   */
  proxied: z.boolean().optional(),
  /** A private, empty /tmp that ends with the run, or the machine's own. */
  tmp: z.enum(['private', 'host']),
  /** Folders shown empty but for what `readablePaths` and roots show again: a closed home. Absent: none. */
  closedFolders: z.array(z.string()).readonly().optional(),
  /** Shown again, read-only, inside closed folders. Outer before inner. Absent: none. */
  readablePaths: z.array(z.string()).readonly().optional(),
  /** Patterns whose files stay unreadable, also those that appear while the run goes on. Absent: none. */
  deniedGlobs: z
    .array(z.object({ folder: z.string(), pattern: z.string() }))
    .readonly()
    .optional(),
  /** What a grant names for reading: a pattern that names exactly one of these does not deny it. Absent: none. */
  grantedReads: z.array(z.string()).readonly().optional(),
  /** Whether new user namespaces are allowed inside, as browsers need them. Absent: no. */
  nesting: z.boolean().optional(),
  /** Which refused file calls wait for an answer instead of failing, where the machine can. Absent: none. */
  hold: z.enum(['none', 'writes', 'all']).optional(),
  /** Write calls are tried before they wait, where the preload shim is there. Absent: no. */
  holdShim: z.boolean().optional(),
  /** What a run may use. Absent: not limited. */
  limits: RunLimits.optional(),
  /** A rehearsal: writes below the roots go to this folder instead, and are shown before they count. */
  rehearsalDir: z.string().optional(),
})
export type SandboxSpec = z.infer<typeof SandboxSpec>

/** An attempt the sandbox stopped, as far as it can be told after the fact. */
export const Violation = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('write'),
    path: z.string(),
    /** What the command wanted to make of it, so that a grant can prepare it. */
    wants: z.enum(['file', 'directory']),
    /** Inside a protected path. */
    protected: z.boolean(),
    /** `path` is a git directory that a grant of git metadata opens, as far as it may be. Absent: it is not. */
    gitMetadata: z.literal(true).optional(),
    evidence: z.string().max(500),
  }),
  z.object({
    kind: z.literal('connect'),
    /** Host name or address as the program printed it. null when it did not say. */
    host: z.string().nullable(),
    port: z.int().min(0).max(65535).nullable(),
    evidence: z.string().max(500),
  }),
  z.object({ kind: z.literal('read'), path: z.string(), evidence: z.string().max(500) }),
])
export type Violation = z.infer<typeof Violation>

/**
 * What a boundary must stop. `write`: outside the roots. `protected`: a path closed inside a root. `create`: a
 * protected path that is absent. `connect`: this machine's loopback. `socket`: a Unix socket of a host program.
 * `process`: to see one of the host. `remount`: to take read-only off the disk. `namespace`: a new user namespace.
 * `filter`: a system call that the filter refuses. `held`: a refused call that must become a question.
 */
export const ProbeKind = z.enum([
  'write',
  'protected',
  'create',
  'connect',
  'socket',
  'read',
  'process',
  'remount',
  'namespace',
  'filter',
  'held',
])
export type ProbeKind = z.infer<typeof ProbeKind>

/** One attempt that must fail, made to prove the boundary. */
export const Probe = z.object({
  kind: ProbeKind,
  /** What was tried, in words a person can check. */
  target: z.string(),
  /** true: stopped, as it must be. */
  blocked: z.boolean(),
  /** false: it could not be tried, so nothing is proven either way. Absent in logs of before. */
  made: z.boolean().optional(),
  /** Whether the same attempt worked outside. `none`: it was not tried there, or nobody may do it on this machine. */
  control: z.enum(['worked', 'none']).optional(),
  detail: z.string(),
})
export type Probe = z.infer<typeof Probe>

/** Why no sandbox can start, with what to do about it. */
export const SandboxProblem = z.discriminatedUnion('code', [
  z.object({ code: z.literal('backendMissing'), backend: z.enum(['bwrap', 'seatbelt']) }),
  z.object({ code: z.literal('backendFailed'), detail: z.string() }),
  /** `cause`: what was found to forbid it. Absent: nobody looked, or in logs of before. */
  z.object({ code: z.literal('namespacesDenied'), detail: z.string(), cause: NamespaceCause.optional() }),
  z.object({ code: z.literal('protectedPathIsSymlink'), path: z.string() }),
  z.object({ code: z.literal('unsupportedPlatform'), platform: z.string() }),
  z.object({ code: z.literal('probeNotBlocked'), target: z.string(), detail: z.string() }),
  z.object({ code: z.literal('launcherMissing'), path: z.string() }),
  /** The settings make the container the boundary, and there is none. `found`: what this is instead. */
  z.object({ code: z.literal('noContainer'), found: z.string(), where: z.string().nullable() }),
  /** The settings want something kept that the container around us does not keep. */
  z.object({ code: z.literal('notKeptByContainer'), what: z.string() }),
  z.object({ code: z.literal('pathUnusable'), path: z.string(), detail: z.string() }),
  /** The network is limited to a proxy, and none was given, or there is no boundary to keep it to one. */
  z.object({ code: z.literal('noProxy') }),
])
export type SandboxProblem = z.infer<typeof SandboxProblem>

export type ProblemWords = { readonly title: string; readonly fix: string }

/** What happened and what to do next, in a person's words. */
export function describeProblem(problem: SandboxProblem): ProblemWords {
  switch (problem.code) {
    case 'backendMissing':
      return {
        title: `${problem.backend} was not found.`,
        fix:
          problem.backend === 'bwrap'
            ? 'Install the package bubblewrap (Debian, Ubuntu: apt-get install bubblewrap), then check again.'
            : 'sandbox-exec is part of macOS; check that /usr/bin/sandbox-exec exists.',
      }
    case 'backendFailed':
      return {
        title: `The sandbox program did not work: ${problem.detail}`,
        fix: 'Run it by hand to see why, then check again.',
      }
    case 'namespacesDenied': {
      const { what, fix } = namespaceWords[problem.cause ?? 'unknown']
      return { title: `${what} bubblewrap says: ${problem.detail}`, fix }
    }
    case 'protectedPathIsSymlink':
      return {
        title: `${problem.path} is a symlink, so it cannot be kept read-only.`,
        fix: 'Replace it with a real path, or start in Read only.',
      }
    case 'unsupportedPlatform':
      return problem.platform === 'win32'
        ? {
            title: 'Windows itself has no boundary that Gatehouse can build.',
            fix: 'Use WSL2. In PowerShell: wsl --install -d Ubuntu. Then install and start Gatehouse inside it, with your files below its home folder.',
          }
        : {
            title: `There is no sandbox for ${problem.platform === 'darwin' ? 'macOS' : problem.platform} yet.`,
            fix: 'Use Linux, a Linux virtual machine, or Windows with WSL2. Nothing is started without a boundary by itself.',
          }
    case 'probeNotBlocked':
      return {
        title: `The sandbox let something through: ${problem.target}. ${problem.detail}`,
        fix: 'Do not work here until this is understood. Report it with the output of the sandbox check.',
      }
    case 'launcherMissing':
      return { title: `${problem.path} was not found.`, fix: 'Run npm start once: it builds the launcher.' }
    case 'noContainer':
      return {
        title: `${problem.where === null ? '' : `${problem.where}: `}[gatehouse] boundary = "container" needs a container around Gatehouse, and ${problem.found}.`,
        fix: 'Remove that line, so that commands get a boundary of their own, or start Gatehouse inside Docker, Podman, Kubernetes or LXC.',
      }
    case 'notKeptByContainer':
      return {
        title: `Where the container is the boundary, ${problem.what} cannot be kept.`,
        fix: 'Choose Auto (sandbox_mode = "workspace-write") without denied files and permission profiles, or remove [gatehouse] boundary = "container" where a boundary can be built.',
      }
    case 'pathUnusable':
      return {
        title: `${problem.path} cannot be used here: ${problem.detail}`,
        fix: 'Choose another folder.',
      }
    case 'noProxy':
      return {
        title: 'The network is limited to some hosts, and the proxy that keeps to them is not there.',
        fix: 'Start the session again. Nothing was started without it.',
      }
  }
}

export const SandboxState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('checking') }),
  z.object({ state: z.literal('verified'), backend: z.string(), probes: z.array(Probe), atMs: z.int() }),
  /** The last round proved nothing; nothing more starts before one does. `atMs`: of that round. */
  z.object({ state: z.literal('unproven'), detail: z.string(), probes: z.array(Probe), atMs: z.int() }),
  /**
   * Everything was stopped and nothing starts. `open`: an attempt went through. `unproven`: twice in a row nothing
   * could be proved. Only a person's successful check, or the end of the session, leads out.
   */
  z.object({
    state: z.literal('frozen'),
    why: z.enum(['open', 'unproven']),
    target: z.string(),
    detail: z.string(),
    probes: z.array(Probe),
    atMs: z.int(),
  }),
  /** The container is the boundary. `probes` tried what our own narrowing must stop; of files and network they say nothing. */
  z.object({ state: z.literal('container'), container: z.string(), probes: z.array(Probe), atMs: z.int() }),
  z.object({ state: z.literal('unavailable'), problem: SandboxProblem }),
  /** Full access: there is no boundary to verify. */
  z.object({ state: z.literal('off') }),
])
export type SandboxState = z.infer<typeof SandboxState>
