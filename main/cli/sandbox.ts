import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { type Command, readArguments, type Surroundings, UsageProblem } from './command.ts'
import { homeOf } from './config-show.ts'
import { runInSandbox } from './run-in-sandbox.ts'
import { sandboxSettings } from './sandbox-settings.ts'

const help = `gatehouse sandbox [-c KEY=VALUE…] [-P PROFILE] [-C DIR] [--log-denials] -- CMD…

Runs one command inside the boundary, on the terminal, pipes and files of the caller. Without an option it may read
everything it could read before but Gatehouse's own folder, and write nothing but its own /dev.

What decides, the first that is given: -P, then -c sandbox_mode or -c default_permissions, then default_permissions in
the settings files. sandbox_mode in a file does not count here. Limits of an administrator always hold.

The exit code is the command's; 128 and the number for one that ended by a signal. 126: it was not run, and one line on
standard error says why. 127: there is no such command. 2: the options cannot be understood.

  -c KEY=VALUE     a setting for this run, as in sandbox_mode=workspace-write; may be given several times
  -P PROFILE       a permission profile: :read-only, :workspace, :strict, :danger-full-access, or a name from the files
  -C DIR           the folder the command starts in, and its workspace (default: this one)
  --log-denials    afterwards, list on standard error what the boundary stopped

Examples:
  gatehouse sandbox -- npm test
  gatehouse sandbox -c sandbox_mode=workspace-write --log-denials -- make
`

/** The command was not run. */
const notRun = 126

export const sandboxCommand: Command = {
  name: 'sandbox',
  summary: 'run one command inside the boundary',
  help,
  run: async (args, surroundings) => {
    const { values, words, rest } = readArguments(args, {
      set: { type: 'string', multiple: true, short: 'c' },
      profile: { type: 'string', short: 'P' },
      cd: { type: 'string', short: 'C' },
      'log-denials': { type: 'boolean' },
    })
    if (words[0] !== undefined)
      throw new UsageProblem(
        `${JSON.stringify(words[0])} belongs to no option; write the command after \`--\`.`,
      )
    if (rest === null || rest.length === 0) throw new UsageProblem('Write the command after `--`.')

    const refuse = (why: string): number => {
      surroundings.err(`gatehouse sandbox: ${why.replaceAll(/\s*\n\s*/g, ' ')}\n`)
      return notRun
    }
    const asked = path.resolve(surroundings.cwd, values.cd ?? '.')
    const folder = await realpath(asked).catch(() => null)
    if (folder === null) return refuse(`There is no folder ${asked}.`)

    const gatehouseHome = homeOf(surroundings)
    const found = await sandboxSettings({
      folder,
      gatehouseHome,
      home: surroundings.home,
      tmpdir: surroundings.env['TMPDIR'] ?? null,
      flags: values.set ?? [],
      profile: values.profile ?? null,
      ...systemDirOf(surroundings),
    })
    if ('problem' in found) return refuse(found.problem)
    for (const line of found.lowered) surroundings.err(`gatehouse sandbox: ${line}\n`)
    return runInSandbox(
      {
        argv: rest,
        folder,
        gatehouseHome,
        home: surroundings.home,
        listDenials: values['log-denials'] === true,
      },
      found,
      surroundings,
      refuse,
    )
  },
}

const systemDirOf = ({ systemDir }: Surroundings): { systemDir?: string } =>
  systemDir === undefined ? {} : { systemDir }
