import { writeFileSync } from 'node:fs'
import { type CommandLine, type Output, runProgram } from './command-lines.ts'
import { type Lab, openPlace } from './lab.ts'
import type { Probe, Ran } from './probe-file.ts'

/**
 * Runs one probe through `gatehouse sandbox`, in folders of its own that are removed afterwards.
 *
 * @param run runs a command line of `gatehouse`
 */
export async function runProbe(
  lab: Lab,
  probe: Probe,
  number: number,
  run: (line: CommandLine) => Promise<Output>,
): Promise<Ran> {
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
  const shell = (script: string, at = cwd) => runProgram('bash', ['-c', script], { cwd: at, env, input: '' })
  try {
    if (probe.config_toml !== undefined)
      writeFileSync(`${place.root}/ch/config.toml`, fill(probe.config_toml))
    if (probe.setup !== undefined) await shell(probe.setup)
    const command = typeof probe.command === 'string' ? ['bash', '-c', probe.command] : probe.command
    const ran = await run({
      args: ['sandbox', ...probe.flags.map(fill), '--', ...command],
      cwd: place.root + start,
      env,
      input: probe.stdin ?? '',
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
