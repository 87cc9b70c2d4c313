import { bind, parameter } from '../starlark/arguments.ts'
import { quote } from '../starlark/compare.ts'
import { isType } from '../starlark/operate.ts'
import {
  type Callable,
  type List,
  type Machine,
  problem,
  spend,
  typeName,
  type Value,
  wrongType,
} from '../starlark/value.ts'
import { networkHost } from './network-host.ts'
import { absolutePath, baseName } from './program-name.ts'
import type { NetworkRule, RuleDecision, TextRange } from './rule.ts'
import { splitExample } from './split-example.ts'

/** One `prefix_rule(...)` that was called; its first position still has all alternatives. */
export type PrefixCall = {
  readonly range: TextRange
  readonly pattern: readonly (readonly string[])[]
  readonly decision: RuleDecision
  readonly justification: string | null
  readonly match: readonly (readonly string[])[]
  readonly notMatch: readonly (readonly string[])[]
  readonly anyCase: boolean
}
export type HostCall = { readonly range: TextRange; readonly name: string; readonly paths: readonly string[] }
export type NetworkCall = Omit<NetworkRule, 'kind' | 'place'>

/** What a file called, in order. */
export type RuleCalls = {
  readonly prefix: PrefixCall[]
  readonly hosts: HostCall[]
  readonly network: NetworkCall[]
}

/** The three functions a rules file can call. Each checks its values and notes the call. */
export function ruleFunctions(calls: RuleCalls): readonly Callable[] {
  return [prefixRule(calls), hostExecutable(calls), networkRule(calls)]
}

const rangeOf = (machine: Machine): TextRange => ({ from: machine.from, to: machine.to })
/** Told apart from None, which Codex accepts for no parameter. */
const notGiven: Value = { type: 'tuple', items: [] }

function prefixRule(calls: RuleCalls): Callable {
  const name = 'prefix_rule'
  const optional = ['decision', 'match', 'not_match', 'justification', 'canonical_matching']
  const params = [parameter('pattern'), ...optional.map((param) => parameter(param, notGiven))]
  return {
    type: 'function',
    name,
    call: (machine, args) => {
      const values = bind(machine, name, params, args)
      const pattern = needList(machine, 'pattern', values[0])
      const decision = mayText(machine, 'decision', values[1])
      const match = mayList(machine, 'match', values[2])
      const notMatch = mayList(machine, 'not_match', values[3])
      const justification = mayText(machine, 'justification', values[4])
      const anyCase = mayBool(machine, 'canonical_matching', values[5])
      const rules = readPattern(machine, pattern)
      // Every program gets a rule of its own.
      spend(machine, 5 * (rules[0]?.length ?? 0))
      calls.prefix.push({
        range: rangeOf(machine),
        decision: prefixDecision(machine, decision ?? 'allow'),
        justification: checkedJustification(machine, justification),
        pattern: rules,
        match: readExamples(machine, match),
        notMatch: readExamples(machine, notMatch),
        anyCase,
      })
      return null
    },
  }
}

function hostExecutable(calls: RuleCalls): Callable {
  const name = 'host_executable'
  return {
    type: 'function',
    name,
    call: (machine, args) => {
      const values = bind(machine, name, [parameter('name'), parameter('paths')], args)
      const program = needText(machine, 'name', values[0])
      const paths = needList(machine, 'paths', values[1])
      const refuse = (message: string): never => {
        throw problem(machine, 'invalid-rule', message)
      }
      if (program === '') refuse('The name of a host_executable is empty.')
      if (program.includes('/') || program === '.' || program === '..')
        refuse(`The name of a host_executable is a bare program name, not ${JSON.stringify(program)}.`)
      const known = new Set<string>()
      for (const path of paths.items) {
        spend(machine, 1)
        if (typeof path !== 'string')
          return refuse(`Paths of a host_executable are strings, not ${typeName(path)}.`)
        const absolute = absolutePath(path, null) ?? refuse(`${JSON.stringify(path)} is no absolute path.`)
        if (baseName(absolute) !== program)
          refuse(`The path ${JSON.stringify(path)} does not end in ${JSON.stringify(program)}.`)
        known.add(absolute)
      }
      calls.hosts.push({ range: rangeOf(machine), name: program, paths: [...known] })
      return null
    },
  }
}

function networkRule(calls: RuleCalls): Callable {
  const name = 'network_rule'
  const params = [
    parameter('host'),
    parameter('protocol'),
    parameter('decision'),
    parameter('justification', notGiven),
  ]
  return {
    type: 'function',
    name,
    call: (machine, args) => {
      const values = bind(machine, name, params, args)
      const host = needText(machine, 'host', values[0])
      const protocol = needText(machine, 'protocol', values[1])
      const decision = needText(machine, 'decision', values[2])
      const justification = mayText(machine, 'justification', values[3])
      const known = Object.hasOwn(protocols, protocol) ? protocols[protocol] : undefined
      if (known === undefined)
        throw problem(
          machine,
          'invalid-rule',
          `The protocol is http, https, socks5_tcp or socks5_udp, not ${JSON.stringify(protocol)}.`,
        )
      const decided = decision === 'deny' ? 'deny' : prefixDecision(machine, decision)
      const reason = checkedJustification(machine, justification)
      const read = networkHost(host)
      if ('problem' in read) throw problem(machine, 'invalid-rule', read.problem)
      calls.network.push({
        host: read.host,
        protocol: known,
        decision: decided === 'forbidden' ? 'deny' : decided,
        justification: reason,
        range: rangeOf(machine),
      })
      return null
    },
  }
}

const protocols: Readonly<Record<string, NetworkRule['protocol']>> = {
  http: 'http',
  https: 'https',
  https_connect: 'https',
  'http-connect': 'https',
  socks5_tcp: 'socks5_tcp',
  socks5_udp: 'socks5_udp',
}

function prefixDecision(machine: Machine, decision: string): RuleDecision {
  if (decision === 'allow' || decision === 'prompt' || decision === 'forbidden') return decision
  throw problem(
    machine,
    'invalid-decision',
    `The decision is "allow", "prompt" or "forbidden", not ${JSON.stringify(decision)}.`,
  )
}

function checkedJustification(machine: Machine, justification: string | null): string | null {
  if (justification?.trim() === '')
    throw problem(machine, 'invalid-rule', 'The justification is empty. Say why, or leave it out.')
  return justification
}

function readPattern(machine: Machine, pattern: List): readonly (readonly string[])[] {
  if (pattern.items.length === 0)
    throw problem(machine, 'invalid-pattern-element', 'The pattern is empty. Name at least the program.')
  return pattern.items.map((element) => {
    spend(machine, 1)
    if (typeof element === 'string') return [element]
    if (!isType(element, 'list'))
      throw problem(
        machine,
        'invalid-pattern-element',
        `An element of a pattern is a string or a list of strings, not ${typeName(element)}.`,
      )
    if (element.items.length === 0)
      throw problem(machine, 'invalid-pattern-element', 'A list of alternatives in a pattern is empty.')
    return strings(machine, element, 'invalid-pattern-element', 'Alternatives in a pattern are strings')
  })
}

function readExamples(machine: Machine, examples: List | null): readonly (readonly string[])[] {
  return (examples?.items ?? []).map((example) => {
    const refuse = (message: string): never => {
      throw problem(machine, 'invalid-example', message)
    }
    if (isType(example, 'list')) {
      if (example.items.length === 0) refuse('An example is an empty list.')
      return strings(machine, example, 'invalid-example', 'Words of an example are strings')
    }
    if (typeof example !== 'string')
      return refuse(`An example is a string or a list of strings, not ${typeName(example)}.`)
    spend(machine, 1 + (example.length >> 2))
    const words = splitExample(example) ?? refuse(`The example ${JSON.stringify(example)} has an open quote.`)
    return words.length === 0 ? refuse('An example is an empty string.') : words
  })
}

function strings(
  machine: Machine,
  list: List,
  kind: 'invalid-pattern-element' | 'invalid-example',
  rule: string,
): readonly string[] {
  spend(machine, list.items.length)
  return list.items.map((item) => {
    if (typeof item === 'string') return item
    throw problem(machine, kind, `${rule}, not ${typeName(item)}.`)
  })
}

function needText(machine: Machine, name: string, value: Value | undefined): string {
  if (typeof value === 'string') return value
  throw wrongType(machine, `\`${name}\` is a string, not ${shown(machine, value)}.`)
}

function needList(machine: Machine, name: string, value: Value | undefined): List {
  if (isType(value ?? null, 'list')) return value as List
  throw wrongType(machine, `\`${name}\` is a list, not ${shown(machine, value)}.`)
}

const mayText = (machine: Machine, name: string, value: Value | undefined): string | null =>
  value === notGiven ? null : needText(machine, name, value)
const mayList = (machine: Machine, name: string, value: Value | undefined): List | null =>
  value === notGiven ? null : needList(machine, name, value)

function mayBool(machine: Machine, name: string, value: Value | undefined): boolean {
  if (value === notGiven) return false
  if (typeof value === 'boolean') return value
  throw wrongType(machine, `\`${name}\` is True or False, not ${shown(machine, value)}.`)
}

const shown = (machine: Machine, value: Value | undefined): string =>
  `${typeName(value ?? null)} ${quote(machine, value ?? null).slice(0, 60)}`
