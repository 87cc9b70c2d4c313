import { randomBytes } from 'node:crypto'

/** Makes identifiers: time first, so that they sort by age. */
export type Ids = { next(prefix: string): string }

export const systemIds: Ids = {
  next: (prefix) => `${prefix}_${Date.now().toString(36)}${randomBytes(7).toString('hex')}`,
}
