import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What one git run needs. Paths travel on stdin or as arguments after `--`, never inside a command string. */
export type GitRun = {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly stdin?: Buffer
  /** More output than this ends git; what came so far is answered with `cut`. */
  readonly maxBytes?: number
  readonly timeoutMs?: number
}

export type GitResult = {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
  readonly cut: boolean
}

/** git did not do what it was asked to; the message says which command and what git said. */
export class GitProblem extends Error {
  override readonly name = 'GitProblem'
  readonly code: 'missing' | 'failed' | 'timeout'

  constructor(code: 'missing' | 'failed' | 'timeout', message: string) {
    super(message)
    this.code = code
  }
}

/**
 * The environment of every git run. Nothing of ours is inherited but PATH, no system or user configuration
 * is read, and nothing prompts. The malloc settings keep zlib's buffers from being mapped and returned for
 * every file; a first checkpoint is nine times faster with them.
 */
export const gitEnv = (more: Readonly<Record<string, string>>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_PROTOCOL_FROM_USER: '0',
  GIT_ALLOW_PROTOCOL: '',
  MALLOC_MMAP_THRESHOLD_: '1000000000',
  MALLOC_TRIM_THRESHOLD_: '1000000000',
  ...more,
})

/** Runs git and collects what it prints. A non-zero exit is an answer here; `git` below makes it an error. */
export function tryGit(run: GitRun): Promise<GitResult> {
  const maxBytes = run.maxBytes ?? 256 * 1024 * 1024
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['--no-pager', ...run.args], {
      cwd: run.cwd,
      env: run.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    let size = 0
    let stderr = ''
    let ended: 'no' | 'cut' | 'timeout' = 'no'
    const timer = setTimeout(() => {
      ended = 'timeout'
      child.kill('SIGKILL')
    }, run.timeoutMs ?? 120_000)
    child.stdout.on('data', (chunk: Buffer) => {
      if (ended !== 'no') return
      chunks.push(chunk)
      size += chunk.length
      if (size <= maxBytes) return
      ended = 'cut'
      child.kill('SIGKILL')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < 20_000) stderr += chunk.toString('latin1')
    })
    // git may end before it has read everything; its exit code tells what happened.
    child.stdin.on('error', () => {})
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      if (error.code !== 'ENOENT') reject(new GitProblem('failed', error.message))
      else if (!existsSync(run.cwd)) reject(new GitProblem('failed', `${run.cwd} is not there any more.`))
      else reject(new GitProblem('missing', 'git was not found. Install git, then open the folder again.'))
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      if (ended === 'timeout') {
        reject(new GitProblem('timeout', `git ${run.args[0] ?? ''} did not end in time and was stopped.`))
      } else {
        resolve({
          code,
          stdout: Buffer.concat(chunks, Math.min(size, maxBytes)),
          stderr,
          cut: ended === 'cut',
        })
      }
    })
    child.stdin.end(run.stdin ?? '')
  })
}

/** @throws GitProblem when git ends with anything but 0 */
export async function git(run: GitRun): Promise<Buffer> {
  const result = await tryGit(run)
  if (result.code === 0) return result.stdout
  const verb = run.args.find((arg) => /^[a-z][a-z-]+$/.test(arg)) ?? ''
  const said = result.stderr.trim().split('\n').slice(0, 3).join(' ').slice(0, 500)
  throw new GitProblem('failed', `git ${verb} ended with ${result.code}: ${said}`)
}
