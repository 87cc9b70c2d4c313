import { z } from 'zod'
import { Json } from './config.ts'

/** A chosen value that a requirement does not permit: what was chosen, what may be, what holds, who says so. */
export const Downgrade = z.object({
  /** As it is written in `config.toml`. */
  key: z.string(),
  chosen: Json,
  /** What the requirement permits; for an allow-list its entries, for a pin its value. */
  allowed: Json,
  inForce: Json,
  /** The permitted value nearest to the chosen one that is not wider; null when only the one in force is left. */
  nearest: Json.nullable(),
  /** File of the requirement, with its line when it is known: `/etc/gatehouse/requirements.toml:3`. */
  setBy: z.string(),
  reason: z.string().nullable(),
})
export type Downgrade = z.infer<typeof Downgrade>

/** One limit in force, for a page that lists them. */
export const RequirementFact = z.object({ key: z.string(), value: Json, setBy: z.string() })
export type RequirementFact = z.infer<typeof RequirementFact>
