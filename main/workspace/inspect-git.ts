import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FolderFacts } from '../../protocol/workspace.ts'
import { splitNul } from './byte-path.ts'
import { copyIndex } from './copy-index.ts'
import type { ProjectGit } from './project-git.ts'
import { readHead } from './project-git.ts'
import { gitEnv, tryGit } from './run-git.ts'

export type GitFacts = {
  readonly git: NonNullable<FolderFacts['git']>
  /** Sentences about what could not be found out. */
  readonly unknown: readonly string[]
}

const timeoutMs = 10_000

/**
 * What a repository says about itself. git runs in a repository of our own that borrows the project's
 * objects and a copy of its index, so nothing the project configured is read by it.
 */
export async function inspectGit(project: ProjectGit, folder: string): Promise<GitFacts> {
  const head = await readHead(project)
  const scratch = await mkdtemp(join(tmpdir(), 'gatehouse-look-'))
  try {
    const look = await prepare(scratch, project)
    const [changed, remotes, yours] = await Promise.all([
      changedFiles(look, head.commit),
      configValues(look, join(project.commonDir, 'config'), '^remote\\..*\\.url$'),
      commitsOfPerson(look, project, head.commit),
    ])
    const unknown: string[] = []
    if (changed === null) unknown.push('How many files differ from the last commit could not be told.')
    if (folder !== project.top) unknown.push(`The repository begins above this folder, at ${project.top}.`)
    return {
      git: {
        branch: head.branch,
        head: head.commit,
        remotes: remotes.length,
        changedFiles: changed ?? 0,
        yourCommits: yours,
      },
      unknown,
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

type Look = (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Buffer | null>

async function prepare(scratch: string, project: ProjectGit): Promise<Look> {
  const dir = join(scratch, 'look.git')
  const base = gitEnv({ GIT_DIR: dir })
  await tryGit({ args: ['init', '-q', '--bare', '--template='], env: base, cwd: scratch })
  const index = join(scratch, 'index')
  const size = await stat(join(project.gitDir, 'index')).then(
    (facts) => (facts.isFile() ? facts.size : 0),
    () => 0,
  )
  if (size > 0 && size < 256 * 1024 * 1024)
    await copyIndex(join(project.gitDir, 'index'), index).catch(() => {})
  const env = {
    ...base,
    GIT_WORK_TREE: project.top,
    GIT_INDEX_FILE: index,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: `"${join(project.commonDir, 'objects').replaceAll(/["\\]/g, '\\$&')}"`,
  }
  // Names of filters and diff drivers find nothing behind them here.
  const settings = [
    'core.bare=false',
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
    'core.untrackedCache=false',
  ]
  const args = settings.flatMap((setting) => ['-c', setting])
  return async (more, extra) => {
    const run = { args: [...args, ...more], env: { ...env, ...extra }, cwd: project.top, timeoutMs }
    const result = await tryGit(run).catch(() => null)
    return result?.code === 0 && !result.cut ? result.stdout : null
  }
}

/** Staged, unstaged and new files. null when git could not read the index. */
async function changedFiles(look: Look, commit: string | null): Promise<number | null> {
  const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
  const [unstaged, staged] = await Promise.all([
    look(['ls-files', '-z', '-m', '-d', '-o', '--exclude-standard']),
    look(['diff-index', '--cached', '--name-only', '-z', '--ignore-submodules=all', commit ?? emptyTree]),
  ])
  if (!unstaged || !staged) return null
  return new Set([...splitNul(unstaged), ...splitNul(staged)]).size
}

/** `git config --file` reads one file and runs nothing; includes stay closed. */
async function configValues(look: Look, file: string, pattern: string): Promise<string[]> {
  const output = await look(['config', '-z', '--file', file, '--no-includes', '--get-regexp', pattern])
  return output === null ? [] : splitNul(output).map((entry) => entry.slice(entry.indexOf('\n') + 1))
}

/** Commits of the last 30 days by the author that git would use here. */
async function commitsOfPerson(
  look: Look,
  project: ProjectGit,
  commit: string | null,
): Promise<number | null> {
  const personal = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config')
  const files = [
    join(project.commonDir, 'config'),
    join(homedir(), '.gitconfig'),
    join(personal, 'git/config'),
  ]
  let email: string | undefined
  for (const file of files) {
    if ((await readFile(file).catch(() => null)) === null) continue
    email ??= (await configValues(look, file, '^user\\.email$')).at(-1)
  }
  if (!email || email.length > 320 || !commit) return email && !commit ? 0 : null
  const author = `--author=<${Buffer.from(email, 'latin1').toString('utf8')}>`
  const output = await look(['rev-list', '--count', '--since=30.days', '-F', '-i', author, commit])
  const total = Number(output?.toString('utf8').trim())
  return output !== null && Number.isInteger(total) ? total : null
}
