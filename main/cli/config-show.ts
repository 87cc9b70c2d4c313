import os from 'node:os'
import path from 'node:path'
import { defaultSystemDir } from '../config/config-places.ts'
import { loadLayers } from '../config/load-layers.ts'
import { effectiveConfig } from '../policy/settings/effective-config.ts'
import { type Command, print, readArguments, UsageProblem } from './command.ts'
import { tellNotices } from './config-options.ts'

const help = `gatehouse config show [--origins] [--cwd DIR] [-c KEY=VALUE…] [--profile NAME] [--pretty]

The settings in force on this machine: the files of the system, of GATEHOUSE_HOME (else ~/.gatehouse), and of the
folder, when its file says that it is trusted.

Prints {"ok","effective","notices","downgrades"}; with --origins also "origins" and "layers".

  --origins        where each value comes from: layer, file, line
  --cwd DIR        the folder (default: this one)
  -c KEY=VALUE     a value for this run; may be given several times
  --profile NAME   the profile to use
  --pretty         indent the JSON

Example:
  gatehouse config show --origins --pretty
`

export const configShow: Command = {
  name: 'config show',
  summary: 'the settings in force on this machine',
  help,
  run: async (args, surroundings) => {
    const { values, words, rest } = readArguments(args, {
      origins: { type: 'boolean' },
      cwd: { type: 'string' },
      set: { type: 'string', multiple: true, short: 'c' },
      profile: { type: 'string' },
      pretty: { type: 'boolean' },
    })
    const extra = [...words, ...(rest ?? [])][0]
    if (extra !== undefined) throw new UsageProblem(`${JSON.stringify(extra)} belongs to no option.`)

    const { input } = await loadLayers({
      places: { systemDir: defaultSystemDir, gatehouseHome: homeOf(surroundings) },
      cwd: path.resolve(surroundings.cwd, values.cwd ?? '.'),
      home: surroundings.home,
      tmpdir: surroundings.env['TMPDIR'] ?? null,
      hostName: os.hostname(),
      trust: null,
      flags: values.set ?? [],
      profile: values.profile ?? null,
      session: {},
    })
    const answer = effectiveConfig(input)
    tellNotices(answer, surroundings)
    const { ok, effective, notices, downgrades, origins, layers } = answer
    const shown = { ok, effective, notices, downgrades }
    print(surroundings, values.origins ? { ...shown, origins, layers } : shown, values.pretty)
    return ok ? 0 : 1
  },
}

/** GATEHOUSE_HOME as every part of Gatehouse takes it. */
export const homeOf = ({
  env,
  cwd,
  home,
}: {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly home: string
}): string => path.resolve(cwd, env['GATEHOUSE_HOME'] || path.join(home, '.gatehouse'))
