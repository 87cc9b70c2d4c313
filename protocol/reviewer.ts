import { z } from 'zod'

/** Who answered. `auto_review` joins with its own issue. */
export const ReviewerName = z.enum(['user', 'auto_review'])
export type ReviewerName = z.infer<typeof ReviewerName>
