import type { HostRule, NetworkProtocol } from '../policy/network/host-rule.ts'
import { judgeHost } from '../policy/network/judge-host.ts'
import { networkOfLayers } from '../policy/network/network-of-layers.ts'
import { parseHost } from '../policy/network/parse-host.ts'
import { type Command, print, readArguments, UsageProblem } from './command.ts'
import { readLayers } from './config-options.ts'

const help = `gatehouse judge host HOST:PORT --config FILE [--requirements FILE…] [--resolved ADDRESS…] [--protocol P] [--pretty]

Whether a sandboxed command may reach a host, by the files' own words: features.network_proxy and the network of the
profile in default_permissions. Whether the sandbox gives a network at all is not asked.

Prints {"decision":"allow"|"deny"|"ask","reason","rule","message"}; rule is null or {"pattern","decision","file","line"}.
Exit code 0 whatever the decision is; 1 when a file cannot be read.

  --config FILE         as the person's own config.toml
  --requirements FILE   as an administrator's; may be given several times
  --resolved ADDRESS    what the name was resolved to; may be given several times. Nothing is looked up here: without
                        it the name alone is judged, and what it leads to is checked again when it connects
  --protocol P          http, https, socks5_tcp or socks5_udp (default: http on port 80, else https)
  --pretty              indent the JSON

Examples:
  gatehouse judge host registry.npmjs.org:443 --config ~/.gatehouse/config.toml
  gatehouse judge host '[::1]:8080' --config config.toml --requirements requirements.toml --pretty
`

const protocols: readonly NetworkProtocol[] = ['http', 'https', 'socks5_tcp', 'socks5_udp']

export const judgeHostCommand: Command = {
  name: 'judge host',
  summary: 'whether a sandboxed command may reach a host',
  help,
  run: async (args, surroundings) => {
    const { values, words, rest } = readArguments(args, {
      config: { type: 'string' },
      requirements: { type: 'string', multiple: true },
      resolved: { type: 'string', multiple: true },
      protocol: { type: 'string' },
      pretty: { type: 'boolean' },
    })
    const [target, ...more] = [...words, ...(rest ?? [])]
    if (target === undefined) throw new UsageProblem('Name a host as HOST:PORT.')
    if (values.config === undefined) throw new UsageProblem('Name the file with --config.')
    // `--resolved A B` is read as well as `--resolved A --resolved B`.
    if (more.length > 0 && values.resolved === undefined)
      throw new UsageProblem(`${JSON.stringify(more[0])} belongs to no option.`)
    const protocol = protocols.find((one) => one === values.protocol)
    if (values.protocol !== undefined && protocol === undefined)
      throw new UsageProblem(`--protocol is one of ${protocols.join(', ')}.`)
    const read = parseHost(target)
    if (read.ok && read.port === null)
      throw new UsageProblem(`${JSON.stringify(target)} has no port; write HOST:PORT, IPv6 as [::1]:443.`)

    const layers = await readLayers(values.config, values.requirements ?? [], surroundings)
    if ('problem' in layers) {
      surroundings.err(layers.problem)
      return 1
    }
    const { rules, allowLocalBinding } = networkOfLayers([layers.config], layers.requirements)
    for (const { message, place } of rules.problems)
      surroundings.err(`${place ? `${place.file}:${place.line}:${place.column}` : 'gatehouse'}: ${message}\n`)

    const port = read.ok && read.port !== null ? read.port : 443
    const addresses = values.resolved === undefined ? null : [...values.resolved, ...more]
    const verdict = judgeHost(
      { host: target, port, protocol: protocol ?? (port === 80 ? 'http' : 'https') },
      rules,
      { allowLocalBinding, addresses, lookup: addresses === null ? 'none' : 'ok' },
    )
    print(surroundings, { ...verdict, rule: verdict.rule && printableRule(verdict.rule) }, values.pretty)
    return rules.problems.length > 0 ? 1 : 0
  },
}

const printableRule = ({ pattern, decision, place }: HostRule) => ({
  pattern: pattern.source,
  decision,
  file: place?.file ?? null,
  line: place?.line ?? null,
})
