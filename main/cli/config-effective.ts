import { type Command, print, readArguments, UsageProblem } from './command.ts'
import { effectiveOf, tellNotices } from './config-options.ts'

const help = `gatehouse config effective --config FILE [--requirements FILE…] [--cwd DIR] [--trust trusted|untrusted]
                           [-c KEY=VALUE…] [--profile NAME] [--pretty]

The settings that a file gives, after requirements: values, where each comes from, and what should be known about
them. Only the named files are read, and with --cwd the .gatehouse/config.toml of that folder.

Prints {"ok","effective","configured","origins","layers","notices","downgrades","requirements","permissionProfiles"}.
Exit code 1 when something has to be mended; narrower settings hold until then, and are printed.

  --config FILE         as the person's own config.toml
  --requirements FILE   as an administrator's; may be given several times, the strongest first
  --cwd DIR             the folder of a session
  --trust LEVEL         what is known of that folder, besides what the file says
  -c KEY=VALUE          a value for this run; may be given several times
  --profile NAME        the profile to use
  --pretty              indent the JSON

Example:
  gatehouse config effective --config config.toml --requirements requirements.toml -c sandbox_mode=read-only --pretty
`

export const configEffective: Command = {
  name: 'config effective',
  summary: 'the settings that a file gives, with their origins',
  help,
  run: async (args, surroundings) => {
    const { values, words, rest } = readArguments(args, {
      config: { type: 'string' },
      requirements: { type: 'string', multiple: true },
      cwd: { type: 'string' },
      trust: { type: 'string' },
      set: { type: 'string', multiple: true, short: 'c' },
      profile: { type: 'string' },
      pretty: { type: 'boolean' },
    })
    const extra = [...words, ...(rest ?? [])][0]
    if (extra !== undefined) throw new UsageProblem(`${JSON.stringify(extra)} belongs to no option.`)
    if (values.config === undefined) throw new UsageProblem('Name the file with --config.')

    const answer = await effectiveOf(
      {
        config: values.config,
        requirements: values.requirements ?? [],
        cwd: values.cwd ?? null,
        trust: values.trust ?? null,
        flags: values.set ?? [],
        profile: values.profile ?? null,
      },
      surroundings,
    )
    if ('problem' in answer) {
      surroundings.err(answer.problem)
      return 1
    }
    tellNotices(answer, surroundings)
    // The two that are left out are for programs, and hold maps.
    const { settings: _settings, requirementsInForce: _requirements, ...printable } = answer
    print(surroundings, printable, values.pretty)
    return answer.ok ? 0 : 1
  },
}
