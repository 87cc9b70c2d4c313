import { z } from 'zod'
import type { FlowProcess } from '../../../protocol/network.ts'
import { type HeldAnswer, HeldCall } from '../../../protocol/sandbox.ts'

/** Spoken by both sides; see native-sandbox/PROTOCOL.md. */
export const protocolVersion = 1

const count = z.int().min(0)
const pid = z.int().min(1).max(0x7fff_ffff)
const errno = z.int().min(0).max(4095)
const port = z.int().min(0).max(65_535)
const words = z.string().max(2000)
/** As the launcher names a place: absolute, with no `.`, `..`, empty part or NUL in it. */
const path = z
  .string()
  .max(8192)
  .refine((text) => /^\/(?:[^/]+(?:\/[^/]+)*)?$/.test(text) && !/\0|\/\.\.?(?:\/|$)/.test(text))
const maybePath = z.union([z.literal(''), path])
/** `PID EXE`. */
const parent = z
  .string()
  .max(8300)
  .regex(/^[1-9]\d{0,9} \/?[^\0]*$/s)

const Who = z.object({
  type: z.literal('who'),
  flow: z.int().min(1),
  /** -1: not found. */
  pid: z.union([z.literal(-1), pid]),
  exe: z.string().max(8192),
  cwd: z.string().max(8192),
  argv: z.array(z.string()).max(64),
  chain: z.array(parent).max(64),
})

const Held = z.object({
  type: z.literal('held'),
  id: count,
  kind: z.enum(['write', 'read']),
  call: z.string().min(1).max(32),
  path,
  requested: z.string().max(4096),
  directory: path,
  path2: maybePath,
  exists: z.boolean(),
  isDirectory: z.boolean(),
  flags: z.array(z.string().max(32)).max(32),
  pid,
  exe: z.string().max(8192),
  cwd: z.string().max(8192),
  argv: z.array(z.string()).max(64),
  chain: z.array(parent).max(64),
})

/** What a launcher may say. Fields that are not named here are dropped. */
export const LauncherMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.literal(protocolVersion),
    pid,
    token: z.string().max(128),
  }),
  z.object({
    type: z.literal('up'),
    inner: pid,
    holds: z.boolean(),
    grows: z.boolean(),
    why: words,
    limits: words,
    /** 0: no proxy. */
    httpPort: port,
    socksPort: port,
  }),
  z.object({ type: z.literal('problem'), what: z.string().min(1).max(64), errno, words }),
  Held,
  Who,
  z.object({ type: z.literal('withdrawn'), id: count }),
  z.object({ type: z.literal('settled'), id: count, by: z.enum(['grant', 'deny']) }),
  z.object({ type: z.enum(['granted', 'revoked', 'masked']), path, errno }),
  z.object({ type: z.literal('limit'), what: z.enum(['memory', 'pids', 'cpu']), words }),
  z.object({
    type: z.literal('exit'),
    code: z.int().min(-1).max(255),
    signal: z.int().min(0).max(64),
    waited: count,
    passed: count,
  }),
])
export type LauncherMessage = z.infer<typeof LauncherMessage>
type HeldMessage = z.infer<typeof Held>
type WhoMessage = z.infer<typeof Who>

/** The first thing a launcher is told; paths as in the spec. 0 and "": no limit, no folder. */
export type StartMessage = {
  readonly type: 'start'
  readonly protocol: typeof protocolVersion
  readonly seccomp: 'none' | 'closed' | 'local' | 'proxied' | 'open'
  readonly nesting: boolean
  readonly hold: 'none' | 'writes' | 'all'
  readonly roots: readonly string[]
  readonly closed: readonly string[]
  readonly masks: readonly string[]
  /** `FOLDER\nPATTERN`. */
  readonly deniedGlobs: readonly string[]
  readonly grantedReads: readonly string[]
  readonly standInFolders: readonly string[]
  readonly standInFiles: readonly string[]
  readonly memoryBytes: number
  readonly pids: number
  readonly cpuPercent: number
  readonly openFiles: number
  readonly fileBytes: number
  readonly cgroup: string
  readonly grows: boolean
  /** Of the proxy; "" and "": none. */
  readonly proxy: string
  readonly proxyToken: string
}

export type HostMessage =
  | StartMessage
  | {
      readonly type: 'answer'
      readonly id: number
      readonly verdict: HeldAnswer['verdict']
      readonly path: string
      readonly remember: boolean
    }
  | { readonly type: 'grant'; readonly path: string; readonly directory: boolean }
  | { readonly type: 'revoke' | 'mask'; readonly path: string }
  | { readonly type: 'who'; readonly flow: number }
  | { readonly type: 'stop' }

/** @returns null for a line that is no message */
export function parseMessage(line: string): LauncherMessage | null {
  try {
    const parsed = LauncherMessage.safeParse(JSON.parse(line))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** The call as the rest of the host knows it; null when it is one that no schema of ours takes. */
export function toHeldCall(message: HeldMessage): HeldCall | null {
  const { type: _, path2, exe, cwd, chain, ...rest } = message
  const parsed = HeldCall.safeParse({
    ...rest,
    path2: path2 || null,
    exe: exe || null,
    cwd: cwd || null,
    chain: chain.map(toParent),
  })
  return parsed.success ? parsed.data : null
}

/** The process as the rest of the host knows it; null when none was found. */
export function toFlowProcess({ pid, exe, cwd, argv, chain }: WhoMessage): FlowProcess | null {
  return pid === -1 ? null : { pid, exe, cwd, argv, chain: chain.map(toParent) }
}

function toParent(text: string): { pid: number; exe: string } {
  const space = text.indexOf(' ')
  return { pid: Number(text.slice(0, space)), exe: text.slice(space + 1) }
}

/**
 * Whether a text holds bytes that are no UTF-8: the launcher writes each as a lone surrogate, U+DC80 to
 * U+DCFF. It can be shown and compared, but names another file for everybody who writes it out as UTF-8.
 */
export const hasRawBytes = (text: string): boolean => !text.isWellFormed()

/** The bytes that the launcher read, back from lone surrogates. Any other lone one is not from it. */
export function toBytes(text: string): Buffer {
  const parts: Buffer[] = []
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code & 0xff]) : Buffer.from(char))
  }
  return Buffer.concat(parts)
}
