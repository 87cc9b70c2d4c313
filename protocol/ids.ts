import { z } from 'zod'

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

export const SessionId = id.brand<'SessionId'>()
export type SessionId = z.infer<typeof SessionId>
export const TurnId = id.brand<'TurnId'>()
export type TurnId = z.infer<typeof TurnId>
export const ItemId = id.brand<'ItemId'>()
export type ItemId = z.infer<typeof ItemId>
export const ActionId = id.brand<'ActionId'>()
export type ActionId = z.infer<typeof ActionId>
export const ApprovalId = id.brand<'ApprovalId'>()
export type ApprovalId = z.infer<typeof ApprovalId>
export const TerminalId = id.brand<'TerminalId'>()
export type TerminalId = z.infer<typeof TerminalId>

/** An absolute path without NUL, as the platform writes it. */
export const AbsolutePath = z
  .string()
  .max(4096)
  .refine(
    (p) => (p.startsWith('/') || /^[A-Za-z]:[\\/]/.test(p)) && !p.includes('\0'),
    'must be an absolute path',
  )
