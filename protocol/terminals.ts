import { z } from 'zod'
import { bytes, call } from './endpoint.ts'
import { SessionId, TerminalId } from './ids.ts'

export const terminalsContract = {
  /**
   * What a program printed, from `fromOffset` bytes on (the offset counts from the program's start), then
   * live until it ends. Problem `gap` when that part is no longer held: start again with `fromOffset: -1`,
   * which means the oldest part still held.
   */
  'terminals/output': bytes(z.object({ id: TerminalId, sessionId: SessionId, fromOffset: z.int().min(-1) })),
  /** Keys of the person. Only into programs that are `writable`. */
  'terminals/input': call(
    z.object({ id: TerminalId, sessionId: SessionId, data: z.string().max(65_536) }),
    z.object({ status: z.enum(['sent', 'ended', 'notWritable']) }),
  ),
  'terminals/resize': call(
    z.object({
      id: TerminalId,
      sessionId: SessionId,
      cols: z.int().min(2).max(500),
      rows: z.int().min(2).max(300),
    }),
    z.object({ status: z.enum(['done', 'ended']) }),
  ),
}
