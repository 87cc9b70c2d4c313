import { createHash } from 'node:crypto'

/** The id git gives these bytes. Only for comparing with ids of the shadow repository. */
export const blobId = (bytes: Buffer): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
