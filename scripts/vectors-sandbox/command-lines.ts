import { type ChildProcess, fork, spawn } from 'node:child_process'
import path from 'node:path'
import { prober } from './lab.ts'

const repo = path.resolve(import.meta.dirname, '../..')
const node = path.join(repo, 'node_modules/.bin/node')

/** No command takes this long, in milliseconds. */
const patienceMs = 60_000
/** What is kept of an output, in bytes. */
export const maxOutput = 200_000

export type CommandLine = {
  /** Without the program's name: `sandbox`, … */
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly input: string
}

export type Output = { readonly exit: number; readonly stdout: string; readonly stderr: string }

/** Runs command lines of `gatehouse` as the prober, one at a time. */
export type CommandLines = {
  run(line: CommandLine): Promise<Output>
  close(): void
}

/**
 * All in one process that stays: a start of Node for each of some hundred commands would take most of the time. What
 * runs is the command line itself, but for the streams, which it is handed.
 */
export function openCommandLines(): CommandLines {
  const start = (): ChildProcess =>
    fork(path.join(import.meta.dirname, 'worker.ts'), {
      execPath: node,
      execArgv: ['--no-warnings'],
      env: {},
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      ...prober,
    })
  let worker = start()
  return {
    run(line) {
      const child = worker
      return new Promise((resolve) => {
        const settle = (output: Output): void => {
          clearTimeout(timer)
          child.removeAllListeners()
          resolve(output)
        }
        const lost = (why: string): void => {
          child.kill('SIGKILL')
          worker = start()
          settle({ exit: -1, stdout: '', stderr: why })
        }
        const timer = setTimeout(() => lost('It did not end.'), patienceMs)
        child.once('message', settle)
        child.once('error', ({ message }) => lost(message))
        child.once('exit', (code) => lost(`The process that ran it ended with ${code}.`))
        child.send(line)
      })
    },
    close: () => worker.kill('SIGKILL'),
  }
}

/** The same command line in a process of its own, as a person starts it. */
export const runAlone = ({ args, cwd, env, input }: CommandLine): Promise<Output> =>
  runProgram(node, ['--no-warnings', path.join(repo, 'main/cli/main.ts'), ...args], { cwd, env, input })

/** Any program, as the prober and without a boundary. */
export function runProgram(
  file: string,
  args: readonly string[],
  { cwd, env, input }: Omit<CommandLine, 'args'>,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], ...prober })
    const said = { stdout: '', stderr: '' }
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] = (said[name] + text).slice(0, maxOutput)
      })
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ exit: code ?? -1, ...said })
    })
  })
}
