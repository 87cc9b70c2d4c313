import { join, relative } from 'node:path'
import type { ProjectGit } from './project-git.ts'
import { readHead } from './project-git.ts'
import type { ShadowRepo } from './shadow-repo.ts'
import type { Base } from './touched-files.ts'

const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

export type UncommittedBase =
  | { readonly state: 'found'; readonly base: Base; readonly words: string }
  | { readonly state: 'none'; readonly why: string }

/** The project's last commit, as far as it concerns the folder. Read through the shadow repository's own config. */
export async function findUncommittedBase(
  repo: ShadowRepo,
  project: ProjectGit | null,
): Promise<UncommittedBase> {
  if (!project) {
    return { state: 'none', why: 'This folder is not under git, so there is no last commit to compare with.' }
  }
  const head = await readHead(project)
  if (!head.commit) {
    if (!head.branch) return { state: 'none', why: 'The last commit of this repository could not be told.' }
    return { state: 'found', base: { tree: emptyTree, objects: null }, words: 'before the first commit' }
  }
  const objects = join(project.commonDir, 'objects')
  const inside = relative(project.top, repo.folder)
  const name = inside === '' ? `${head.commit}^{tree}` : `${head.commit}:${inside}`
  const words = `last commit ${head.commit.slice(0, 7)}`
  const read = (what: string) =>
    repo.tryGit(['rev-parse', '--verify', '--quiet', '--end-of-options', what], { projectObjects: objects })
  const tree = (await read(name)).stdout.toString('latin1').trim()
  if (/^[0-9a-f]{40}$/.test(tree)) return { state: 'found', base: { tree, objects }, words }
  // The commit is there and has nothing at this folder: all of it is new.
  const commit = await read(`${head.commit}^{tree}`)
  if (inside !== '' && commit.code === 0) return { state: 'found', base: { tree: emptyTree, objects }, words }
  return { state: 'none', why: `The last commit ${head.commit.slice(0, 7)} could not be read.` }
}
