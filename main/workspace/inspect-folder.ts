import { realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { findAgentSettings } from './find-agent-settings.ts'
import { findSecrets } from './find-secrets.ts'
import { isWithin, resolveFolder } from './folder-path.ts'
import { inspectGit } from './inspect-git.ts'
import { findProjectGit } from './project-git.ts'
import { recommendPreset } from './recommend-preset.ts'
import type { InspectFolder } from './workspace.ts'

/**
 * Looks at a folder before anything is started in it. Reads only: nothing the folder brings is run or
 * applied. Never throws; what cannot be found out is a warning.
 */
export const inspectFolder: InspectFolder = async (path, known) => {
  const found = await resolveFolder(path)
  if (found.status === 'noFolder') return found
  const folder = found.path
  try {
    const [project, secrets, brings, owned, special] = await Promise.all([
      findProjectGit(folder),
      findSecrets(folder),
      findAgentSettings(folder),
      isOwned(folder),
      specialPlace(folder, known.gatehouseHome),
    ])
    const repository = project ? await inspectGit(project, folder).catch(() => null) : null
    const git = repository?.git ?? null
    const warnings = [
      folder === path ? null : `${path} is a symlink or not in its shortest form; the folder is ${folder}.`,
      special && `This is ${special}. An agent here sees far more than one project.`,
      owned ? null : 'The folder belongs to another user.',
      ...(repository?.unknown ?? []),
      project && !repository ? 'There is a git repository here that could not be read.' : null,
      secrets.stopped,
    ].filter((warning) => warning !== null)
    return {
      status: 'ok',
      facts: {
        path: folder,
        git,
        brings,
        secrets: [...secrets.files],
        trusted: known.trusted,
        ...recommendPreset({ git, trusted: known.trusted, owned, special }),
        warnings,
      },
    }
  } catch (error) {
    return { status: 'noFolder', why: `${folder} could not be looked at: ${(error as Error).message}` }
  }
}

async function isOwned(folder: string): Promise<boolean> {
  const uid = process.getuid?.()
  return uid === undefined || (await stat(folder)).uid === uid
}

async function specialPlace(folder: string, gatehouseHome: string): Promise<string | null> {
  const [home, own] = await Promise.all([real(homedir()), real(gatehouseHome)])
  if (folder === '/') return 'the whole disk'
  if (folder === home) return 'your home folder'
  if (isWithin(home, folder)) return 'a folder that contains your home folder'
  if (isWithin(folder, own)) return 'inside the home of Gatehouse'
  if (isWithin(own, folder)) return 'a folder that contains the home of Gatehouse'
  return null
}

const real = (path: string): Promise<string> => realpath(path).catch(() => path)
