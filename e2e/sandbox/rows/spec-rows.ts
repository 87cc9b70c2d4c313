import type { Row } from '../support/row.ts'
import { deniedReadRows } from './denied-read-rows.ts'
import { gitMetadataRows } from './git-metadata-rows.ts'
import { profileRows } from './profile-rows.ts'
import { protectedRows } from './protected-rows.ts'

/** What the boundary is made of: protected paths, git metadata, profiles, denied reads. */
export const rows: readonly Row[] = [...protectedRows, ...gitMetadataRows, ...profileRows, ...deniedReadRows]
