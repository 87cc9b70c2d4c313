import type { SandboxSpec } from '../../protocol/sandbox.ts'

/** What a spec says of places and of the network where no boundary of ours keeps them. */
export const noPlaces: Omit<SandboxSpec, 'boundary'> = {
  writableRoots: [],
  pinnedFolders: [],
  protectedPaths: [],
  grantedPaths: [],
  closedInGrants: [],
  deniedReads: [],
  network: 'host',
  tmp: 'host',
}
