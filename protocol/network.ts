import { z } from 'zod'

/** Who opened a connection, as the kernel says; `argv` is the process's own claim. */
export const FlowProcess = z.object({
  pid: z.int().min(1),
  exe: z.string(),
  argv: z.array(z.string()).readonly(),
  cwd: z.string(),
  /** The processes above it, the nearest first, up to the command that was run. */
  chain: z.array(z.object({ pid: z.int(), exe: z.string() })).readonly(),
})
export type FlowProcess = z.infer<typeof FlowProcess>

/** How a connection reached the proxy. `direct`: a program that knows no proxy was led there. */
export const FlowVia = z.enum(['http', 'connect', 'socks5', 'socks5-udp', 'direct'])
export type FlowVia = z.infer<typeof FlowVia>

/** What a connection speaks, as host rules tell it apart. CONNECT counts as `https`, whatever flows through it. */
export const HostProtocol = z.enum(['http', 'https', 'socks5_tcp', 'socks5_udp'])
export type HostProtocol = z.infer<typeof HostProtocol>

/** One connection of a sandboxed process to one destination, from the first byte to the last. */
export const NetworkFlow = z.object({
  /** Unique in the session. */
  id: z.string(),
  /** As the program named it: a host name, or an address in its usual notation. */
  host: z.string(),
  port: z.int().min(1).max(65_535),
  via: FlowVia,
  /** Plain HTTP only: what else is seen of a request. */
  request: z.object({ method: z.string(), path: z.string() }).nullable(),
  /** null: it was gone before anybody could look. */
  process: FlowProcess.nullable(),
  state: z.enum(['held', 'open', 'closed', 'refused', 'withdrawn', 'failed']),
  /** The address that was dialled; null before, and where nothing was. */
  address: z.string().nullable(),
  /** One or two sentences: the rule or setting responsible. */
  why: z.string(),
  /** Bytes from and to the program, without the proxy's own words. */
  bytesUp: z.number().min(0),
  bytesDown: z.number().min(0),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  endedAt: z.number().nullable(),
})
export type NetworkFlow = z.infer<typeof NetworkFlow>
