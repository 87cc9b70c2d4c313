import { join } from 'node:path'
import { Checkpoints } from './checkpoints.ts'
import type { ProjectGit } from './project-git.ts'
import { findProjectGit } from './project-git.ts'
import type { ShadowRepo } from './shadow-repo.ts'
import { openShadowRepo } from './shadow-repo.ts'
import { dropOldCheckpoints } from './tidy-shadow.ts'
import { TouchedFiles } from './touched-files.ts'
import { findUncommittedBase } from './uncommitted-base.ts'

/** What a workspace is made of, once the whole folder was looked at. */
export type Parts = {
  readonly repo: ShadowRepo
  readonly checkpoints: Checkpoints
  readonly touched: TouchedFiles
  readonly project: ProjectGit | null
}

/** @throws GitProblem when git is missing, or the folder cannot be recorded */
export async function openParts(folder: string, stateDir: string, sessionId: string): Promise<Parts> {
  const project = await findProjectGit(folder)
  const exclude = project ? join(project.commonDir, 'info/exclude') : null
  const repo = await openShadowRepo(folder, stateDir, exclude)
  await dropOldCheckpoints(repo, sessionId)
  const last = await findUncommittedBase(repo, project)
  const known =
    last.state === 'found' && last.base.objects !== null
      ? { tree: last.base.tree, objects: last.base.objects }
      : null
  const checkpoints = await Checkpoints.open(repo, sessionId, known)
  return { repo, checkpoints, project, touched: new TouchedFiles(repo) }
}
