import type { Place, PolicyChoice } from '../../../protocol/config.ts'
import { WebSearchMode } from '../../../protocol/config.ts'
import { ReviewerName } from '../../../protocol/reviewer.ts'
import { SandboxMode } from '../../../protocol/settings.ts'
import { parseRequirementRules } from '../rules/parse-requirement-rules.ts'
import { strictPin } from './combine-requirements.ts'
import { isTable, keyText, own, toJson } from './layer.ts'
import { matchesGlob } from './match-glob.ts'
import { policyWords, readPolicyChoice } from './policy-choice.ts'
import { readRequiredProfile } from './required-profile.ts'
import type { DeniedReadRequirement, Limit, McpIdentity, Requirements } from './requirements.ts'
import type { ProfileSource } from './resolve-profile.ts'

export type RequirementAt = {
  readonly place: Place
  readonly base: string
  readonly hostName: string | null
  /** What the keys before this one came to. */
  readonly sofar: Partial<Requirements>
  readonly lineOf: (below: readonly string[]) => Place
}

type Told = { readonly level: 'info' | 'warning'; readonly words: string; readonly at: readonly string[] }

export type RequirementRead =
  | { readonly found: Partial<Requirements>; readonly told?: readonly Told[] }
  | { readonly wrong: string; readonly at?: readonly string[] }

export type RequirementReader = (value: unknown, at: RequirementAt) => RequirementRead

const quoted = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(', ')

/** `external-sandbox` is Codex's word for a boundary that somebody else builds: here, the container around us. */
const external = 'external-sandbox'

function modesOf(value: unknown): readonly SandboxMode[] | string {
  const words = [...SandboxMode.options, external]
  const fine = Array.isArray(value) && value.length > 0 && value.every((one) => words.includes(one as string))
  if (!fine) return `must be a list of at least one of ${quoted(words)}`
  return SandboxMode.options.filter((mode) => (value as unknown[]).includes(mode))
}

const limit = <T>(value: T, at: RequirementAt): Limit<T> => ({ value, place: at.place })

const modeLimits = (
  modes: readonly SandboxMode[],
  listed: unknown,
  at: RequirementAt,
): Pick<Requirements, 'sandboxModes' | 'externalSandbox'> => ({
  sandboxModes: limit(modes, at),
  externalSandbox: limit(Array.isArray(listed) && listed.includes(external), at),
})

/** Every requirement that decides something, by its key. A reader answers what is wrong, or what it found. */
export const requirementReaders: Readonly<Record<string, RequirementReader>> = {
  allowed_sandbox_modes(value, at) {
    const modes = modesOf(value)
    if (typeof modes === 'string') return { wrong: modes }
    const told: Told[] = modes.includes('read-only')
      ? []
      : [
          {
            level: 'info',
            words: 'allowed_sandbox_modes does not list "read-only", which is always possible.',
            at: [],
          },
        ]
    // A list for this machine that was read before replaces this one.
    if (at.sofar.sandboxModes) return { found: {}, told }
    return { found: modeLimits(modes, value, at), told }
  },

  remote_sandbox_config(value, at) {
    if (!Array.isArray(value)) return { wrong: 'must be written as [[remote_sandbox_config]]' }
    for (const one of value as unknown[]) {
      const patterns = isTable(one) ? own(one, 'hostname_patterns') : undefined
      if (!Array.isArray(patterns) || !patterns.every((pattern) => typeof pattern === 'string')) {
        return { wrong: 'needs hostname_patterns = ["…"]' }
      }
      const modes = modesOf(isTable(one) ? own(one, 'allowed_sandbox_modes') : undefined)
      if (typeof modes === 'string') return { wrong: `needs allowed_sandbox_modes, which ${modes}` }
      const fits = patterns.some((pattern) => matchesHost(pattern, at.hostName))
      const listed = isTable(one) ? own(one, 'allowed_sandbox_modes') : undefined
      if (fits) return { found: modeLimits(modes, listed, at) }
    }
    // A machine without a name might be one of those with a narrower list.
    return at.hostName === null && value.length > 0 ? { found: modeLimits([], [], at) } : { found: {} }
  },

  allowed_approval_policies(value, at) {
    if (!Array.isArray(value)) return { wrong: 'must be a list' }
    if (value.length === 0) return { wrong: 'must not be empty' }
    const all: PolicyChoice[] = []
    for (const one of value as unknown[]) {
      const read = readPolicyChoice(one)
      if ('wrong' in read)
        return { wrong: `has an entry that ${read.wrong === policyWords ? policyWords : read.wrong}` }
      all.push(read.choice)
    }
    return { found: { approvalPolicies: limit(all, at), policyLists: [limit(all, at)] } }
  },

  allowed_approvals_reviewers(value, at) {
    const names = Array.isArray(value)
      ? value.map((one) => (one === 'guardian_subagent' ? 'auto_review' : (one as unknown)))
      : []
    const fine = names.length > 0 && names.every((name) => ReviewerName.safeParse(name).success)
    if (!fine) return { wrong: `must be a list of at least one of ${quoted(ReviewerName.options)}` }
    return {
      found: {
        approvalsReviewers: limit(
          names.map((name) => ReviewerName.parse(name)),
          at,
        ),
      },
    }
  },

  allowed_web_search_modes(value, at) {
    const fine = Array.isArray(value) && value.every((one) => WebSearchMode.safeParse(one).success)
    if (!fine) return { wrong: `must be a list of ${quoted(WebSearchMode.options)}` }
    return {
      found: {
        webSearchModes: limit(
          value.map((one) => WebSearchMode.parse(one)),
          at,
        ),
      },
    }
  },

  allowed_permission_profiles(value, at) {
    if (!isTable(value)) return { wrong: 'must be a table of names with true or false' }
    const all = new Map<string, boolean>()
    for (const name of Object.keys(value)) {
      const allowed = own(value, name)
      if (typeof allowed !== 'boolean')
        return { wrong: `must be true or false for ${keyText([name])}`, at: [name] }
      all.set(name, allowed)
    }
    return { found: { permissionProfiles: limit(all, at) } }
  },

  default_permissions: (value, at) =>
    typeof value === 'string'
      ? { found: { defaultPermissions: [limit(value, at)] } }
      : { wrong: 'must be the name of a permission profile' },

  permissions(value, at) {
    if (!isTable(value)) return { wrong: 'must be a table' }
    const profiles = new Map<string, ProfileSource>()
    const deniedReads: DeniedReadRequirement[] = []
    for (const name of Object.keys(value)) {
      const table = own(value, name)
      if (name === 'network') continue
      if (!isTable(table)) return { wrong: `must have a table for ${keyText([name])}`, at: [name] }
      if (name === 'filesystem') {
        const list = own(table, 'deny_read') ?? []
        const fine = Array.isArray(list) && list.every((one) => typeof one === 'string' && one !== '')
        if (!fine)
          return { wrong: 'needs filesystem.deny_read to be a list of paths', at: [name, 'deny_read'] }
        const place = at.lineOf([name, 'deny_read'])
        deniedReads.push(...list.map((path: string) => ({ path, base: at.base, place })))
        continue
      }
      if (name.startsWith(':'))
        return { wrong: `has ${keyText([name])}; names with ":" are taken`, at: [name] }
      const read = readRequiredProfile(table)
      if ('wrong' in read)
        return { wrong: `has a wrong value in ${keyText([name])}: ${read.wrong}`, at: [name] }
      profiles.set(name, { table: read.table, broken: false })
    }
    return { found: { profiles: [profiles], deniedReads } }
  },

  mcp_servers(value, at) {
    if (!isTable(value)) return { wrong: 'must be a table' }
    const all = new Map<string, McpIdentity>()
    for (const name of Object.keys(value)) {
      const table = own(value, name)
      const identity = isTable(table) ? own(table, 'identity') : undefined
      const command = isTable(identity) ? own(identity, 'command') : undefined
      const url = isTable(identity) ? own(identity, 'url') : undefined
      if (typeof command === 'string' && url === undefined) all.set(name, { kind: 'command', command })
      else if (typeof url === 'string' && command === undefined) all.set(name, { kind: 'url', url })
      else
        return { wrong: `needs ${keyText([name])}.identity = { command = "…" } or { url = "…" }`, at: [name] }
    }
    return { found: { mcpServers: limit(all, at) } }
  },

  rules(value, at) {
    const problem = parseRequirementRules(value, at.place.file).problems[0]
    if (problem) return { wrong: `has a rule that cannot be used: ${problem.message.replace(/\.$/, '')}` }
    return { found: { rules: [limit(toJson(value), at)] } }
  },

  features: readPins,
  feature_requirements: readPins,

  otel: (value, at) =>
    isTable(value) ? { found: { otel: [limit(toJson(value), at)] } } : { wrong: 'must be a table' },

  allow_login_shell: (value, at) =>
    typeof value === 'boolean'
      ? { found: { allowLoginShell: limit(value, at) } }
      : { wrong: 'must be true or false' },
}

function readPins(value: unknown, at: RequirementAt): RequirementRead {
  if (!isTable(value)) return { wrong: 'must be a table' }
  const all = new Map(at.sofar.features)
  for (const name of Object.keys(value)) {
    const pinned = own(value, name)
    if (typeof pinned !== 'boolean')
      return { wrong: `must be true or false for ${keyText([name])}`, at: [name] }
    // Both spellings in one file: the stricter one.
    const both = all.get(name)
    all.set(name, both?.value === strictPin(name) ? both : { value: pinned, place: at.lineOf([name]) })
  }
  return { found: { features: all } }
}

/** `*` and `?`, without regard to case. Without a known name only `*` fits. */
function matchesHost(pattern: string, hostName: string | null): boolean {
  if (/^\*+$/.test(pattern)) return true
  return (
    hostName !== null &&
    matchesGlob(pattern.toLowerCase().slice(0, 256), hostName.toLowerCase().slice(0, 256))
  )
}
