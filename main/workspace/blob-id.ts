import { createHash } from 'node:crypto'

/** A blob as git stores it, before compression. */
export const blobBytes = (content: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`blob ${content.length}\0`), content])

/** The id git gives a content. */
export const blobId = (content: Buffer): string => createHash('sha1').update(blobBytes(content)).digest('hex')
