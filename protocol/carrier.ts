/** Carries frames between host and screen: JSON text frames and binary frames, in order. */
export type Carrier = {
  send(frame: string | Uint8Array): void
  onFrame(listener: (frame: string | Uint8Array) => void): void
  onClose(listener: () => void): void
  close(): void
}

/**
 * Text frames. `i` numbers a call or stream of one connection.
 *   client → host: open {i,m,p,k?} · cancel {i,x:1} · credit {i,w:bytes}
 *   host → client: result {i,r} · snapshot {i,s,n} · change {i,c,n} · done {i,d:1} · problem {i,e:[code,message]}
 * `k` makes a call safe to send again after a reconnect: the host runs each key once.
 * Binary frames are [u32 little-endian i][bytes].
 */
export type ClientFrame =
  | { i: number; m: string; p?: unknown; k?: string }
  | { i: number; x: 1 }
  | { i: number; w: number }

export type HostFrame =
  | { i: number; r: unknown }
  | { i: number; s: unknown; n: number }
  | { i: number; c: unknown; n: number }
  | { i: number; d: 1 }
  | { i: number; e: [string, string] }

/** Bytes in flight of one stream before the sender pauses. */
export const byteWindow = 256 * 1024

/** The longest text frame either side accepts, in UTF-16 units. Longer ones close the connection. */
export const maxFrameLength = 8 * 1024 * 1024

export function byteFrame(id: number, chunk: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + chunk.byteLength)
  new DataView(frame.buffer).setUint32(0, id, true)
  frame.set(chunk, 4)
  return frame
}

export function readByteFrame(frame: Uint8Array): { id: number; chunk: Uint8Array } | null {
  if (frame.byteLength < 4) return null
  const id = new DataView(frame.buffer, frame.byteOffset, 4).getUint32(0, true)
  return { id, chunk: frame.subarray(4) }
}
