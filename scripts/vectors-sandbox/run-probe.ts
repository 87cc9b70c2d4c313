import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Lab, openPlace, prober } from './lab.ts'
import type { Probe, Ran } from './probe-file.ts'

const repo = path.resolve(import.meta.dirname, '../..')
const commandLine = [
  path.join(repo, 'node_modules/.bin/node'),
  '--no-warnings',
  path.join(repo, 'main/cli/main.ts'),
]

/** No probe takes this long, in milliseconds. */
const patienceMs = 60_000
/** What is kept of an output, in characters. */
const maxOutput = 200_000

/** Runs one probe through `gatehouse sandbox`, in folders of its own that are removed afterwards. */
export async function runProbe(lab: Lab, probe: Probe, number: number): Promise<Ran> {
  const place = openPlace(lab, number, probe.config_toml !== undefined)
  const fill = (text: string): string =>
    text
      .replaceAll('$ROOT', place.root)
      .replaceAll('@ROOT@', place.root)
      .replaceAll('@OUTPID@', `${lab.outsidePid}`)
  const env = {
    ...place.env,
    ...Object.fromEntries(Object.entries(probe.env ?? {}).map(([name, value]) => [name, fill(value)])),
  }
  const cwd = `${place.root}/ws`
  // Where Codex's run stood is written down only where the probe prints it.
  const stood = /^pwd\b/.test(probe.command.toString()) && !probe.flags.includes('-C')
  const start = stood ? (/^\$ROOT(\/[\w/]+)\n/.exec(probe.expected.stdout)?.[1] ?? '/ws') : '/ws'
  const shell = (script: string, at = cwd) => run('bash', ['-c', script], { cwd: at, env, stdin: null })
  try {
    if (probe.config_toml !== undefined)
      writeFileSync(`${place.root}/ch/config.toml`, fill(probe.config_toml))
    if (probe.setup !== undefined) await shell(probe.setup)
    const command = typeof probe.command === 'string' ? ['bash', '-c', probe.command] : probe.command
    const [node = '', ...rest] = commandLine
    const ran = await run(node, [...rest, 'sandbox', ...probe.flags.map(fill), '--', ...command], {
      cwd: place.root + start,
      // Reading the program anew three hundred times would take most of the time.
      env: { ...env, NODE_COMPILE_CACHE: lab.cache },
      stdin: probe.stdin ?? null,
    })
    const after = probe.after_check_command === undefined ? '' : await afterwards(shell, probe, place.root)
    const plain = (text: string): string => text.replaceAll(place.root, '$ROOT')
    return {
      refused: [126, 127].includes(ran.exit) && /^gatehouse sandbox: /m.test(ran.stderr) && ran.stdout === '',
      exit: ran.exit,
      stdout: plain(ran.stdout),
      stderr: plain(ran.stderr),
      after: plain(after),
    }
  } finally {
    place.remove()
  }
}

/** What is left on the host, as Codex's run wrote it down. The workspace itself may be gone. */
async function afterwards(
  shell: (script: string, at: string) => Promise<Output>,
  probe: Probe,
  root: string,
): Promise<string> {
  const { stdout } = await shell(`{ ${probe.after_check_command ?? ':'}\n} 2>&1`, root)
  return stdout
}

type Output = { readonly exit: number; readonly stdout: string; readonly stderr: string }

function run(
  file: string,
  args: readonly string[],
  { cwd, env, stdin }: { cwd: string; env: Record<string, string>; stdin: string | null },
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
    child.stdin.end(stdin ?? '')
    child.on('error', reject)
    // Not `close`: without a boundary a program may stay behind and hold the pipes.
    child.on('exit', (code) => {
      clearTimeout(timer)
      setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
        resolve({ exit: code ?? -1, ...said })
      }, 20)
    })
  })
}
