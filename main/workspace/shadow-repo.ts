import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { BytePath } from './byte-path.ts'
import { splitNul } from './byte-path.ts'
import { readSmall } from './read-small.ts'
import type { GitResult } from './run-git.ts'
import { git, gitEnv, tryGit } from './run-git.ts'

type Options = {
  /** Index file to use; without one git sees no index at all, which also saves reading it. */
  readonly index?: string
  readonly stdin?: Buffer
  readonly maxBytes?: number
  readonly env?: Readonly<Record<string, string>>
  /** Objects of the project may be read as well. Only to read its last commit, never while writing. */
  readonly projectObjects?: string | null
}

/**
 * A git repository of ours about somebody else's folder, kept outside of it.
 *
 * The project's own `.git` is never used: an agent may have written filters, hooks or a file system monitor
 * into its config, which git would run. Here the config is ours, and names no program at all, so
 * `.gitattributes` can ask for a filter or a diff driver and none is found.
 * Objects are all our own: borrowed ones could vanish when the project is cleaned up, or be forged.
 */
export class ShadowRepo {
  readonly folder: string
  readonly dir: string

  constructor(folder: string, dir: string) {
    this.folder = folder
    this.dir = dir
  }

  #env(options: Options): Record<string, string> {
    return gitEnv({
      GIT_DIR: this.dir,
      GIT_WORK_TREE: this.folder,
      GIT_INDEX_FILE: options.index ?? join(this.dir, 'no-index'),
      ...(options.projectObjects ? { GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(options.projectObjects) } : {}),
      ...options.env,
    })
  }

  #run(args: readonly string[], options: Options) {
    return {
      args,
      env: this.#env(options),
      cwd: this.folder,
      ...(options.stdin ? { stdin: options.stdin } : {}),
      ...(options.maxBytes ? { maxBytes: options.maxBytes } : {}),
    }
  }

  /** @throws GitProblem */
  git(args: readonly string[], options: Options = {}): Promise<Buffer> {
    return git(this.#run(args, options))
  }

  tryGit(args: readonly string[], options: Options = {}): Promise<GitResult> {
    return tryGit(this.#run(args, options))
  }

  async text(args: readonly string[], options: Options = {}): Promise<string> {
    return (await this.git(args, options)).toString('latin1').trim()
  }

  async list(args: readonly string[], options: Options = {}): Promise<BytePath[]> {
    return splitNul(await this.git(args, options))
  }

  /** A path for an index that is used once and removed. */
  scratchIndex(): string {
    return join(this.dir, `scratch-${process.pid}-${randomBytes(6).toString('hex')}`)
  }

  /** The bytes of a blob. @throws GitProblem when it is not there */
  blob(oid: string, projectObjects: string | null = null): Promise<Buffer> {
    return this.git(['cat-file', 'blob', oid], { projectObjects })
  }
}

/** git splits this list at colons and understands quotes; a path is therefore always quoted. */
const quoted = (path: string): string => `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

const config = `[core]
\trepositoryformatversion = 0
\tbare = false
\tautocrlf = false
\tsafecrlf = false
\teol = lf
\tfilemode = true
\tsymlinks = true
\tquotePath = false
\tprecomposeUnicode = false
\tfsmonitor = false
\thooksPath = /dev/null
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\tpager = cat
\tcompression = 1
\tlogAllRefUpdates = false
\tfsync = none
[gc]
\tauto = 0
[maintenance]
\tauto = false
[index]
\tversion = 4
[diff]
\trenameLimit = 400
\tsuppressBlankEmpty = false
\tnoprefix = false
\tmnemonicPrefix = false
\talgorithm = histogram
\tindentHeuristic = true
[user]
\tname = Gatehouse
\temail = gatehouse@localhost
`

/**
 * Stronger than any `.gitattributes` of the project: bytes are kept as they are, and no file can call
 * itself binary or generated to stay out of the diff.
 */
const attributes = '* !text !eol !crlf -filter -ident !working-tree-encoding !diff !whitespace\n'

/** Opens the shadow repository of a folder, making it when there is none. Cheap when it exists. */
export async function openShadowRepo(
  folder: string,
  stateDir: string,
  projectExclude: string | null,
): Promise<ShadowRepo> {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 24)
  const dir = join(stateDir, 'shadow', `${name}.git`)
  for (const sub of ['objects/info', 'objects/pack', 'refs/heads', 'info', 'sessions']) {
    await mkdir(join(dir, sub), { recursive: true, mode: 0o700 })
  }
  // Written each time: a config that was changed by anyone else would be a way in.
  await put(join(dir, 'config'), config)
  await put(join(dir, 'info/attributes'), attributes)
  await put(join(dir, 'info/exclude'), await excludes(projectExclude))
  await put(join(dir, 'folder'), `${folder}\n`)
  await put(join(dir, 'HEAD'), 'ref: refs/heads/none\n')
  const repo = new ShadowRepo(folder, dir)
  // A file that came or went is compared with this one.
  await repo.git(['hash-object', '-w', '--stdin'])
  return repo
}

/** The person's own ignore lists count too; they are patterns, nothing in them is run. */
async function excludes(projectExclude: string | null): Promise<string> {
  const personal = join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'git/ignore')
  const lists = await Promise.all([projectExclude, personal].map(read))
  return ['node_modules/', ...lists].join('\n')
}

async function read(path: string | null): Promise<string> {
  if (path === null) return ''
  return (await readSmall(path, 256 * 1024, 'follow'))?.toString('latin1') ?? ''
}

async function put(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'latin1').catch(() => null)) === text) return
  const draft = `${path}.${process.pid}.new`
  await writeFile(draft, text, { encoding: 'latin1', mode: 0o600 })
  await rename(draft, path)
}
