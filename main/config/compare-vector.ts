import { EffectiveSandbox, PolicyChoice } from '../../protocol/config.ts'
import type { SessionChoice } from '../policy/settings/choose-settings.ts'
import type { Effective } from '../policy/settings/effective-config.ts'
import { effectiveConfig } from '../policy/settings/effective-config.ts'
import { isTable } from '../policy/settings/layer.ts'
import { askingRank, readPolicyChoice } from '../policy/settings/policy-choice.ts'
import { parseFlags } from './parse-flags.ts'
import { parseLayer } from './parse-layer.ts'

/** One case of `config-requirements.json`: what was written to the files, and what the real program made of it. */
export type ConfigVector = {
  readonly name: string
  readonly config_toml: string
  readonly requirements_toml: string | null
  readonly system_config_toml?: string
  readonly managed_config_toml?: string
  readonly project_config_toml?: string
  readonly cli_args?: readonly string[]
  readonly thread_start_overrides?: {
    readonly sandbox?: string
    readonly approvalPolicy?: unknown
    readonly approvalsReviewer?: string
  }
  readonly effective?: unknown
  readonly permission_profiles?: unknown
  readonly startup_error?: string
  readonly config_read_error?: string
  readonly thread_start_error?: string
}

export type ConfigComparison = {
  readonly result: 'agrees' | 'stricter' | 'wider' | 'seed'
  /** What differs: `sandbox`, `approvalPolicy`, … */
  readonly fields: readonly string[]
  /** The listed difference it belongs to; null for one that is not listed. */
  readonly listed: string | null
  readonly effective: Effective
}

/**
 * Where Gatehouse means to differ. A case belongs to one when the answer carries its notice code, or, for
 * a refusal that is not made, when the case names the key.
 */
export const deliberateDifferences: readonly {
  readonly name: string
  readonly reason: string
  readonly direction: 'stricter' | 'seed'
  readonly applies: (vector: ConfigVector, effective: Effective) => boolean
}[] = [
  {
    name: 'untrusted stays a policy',
    reason:
      'approval_policy = "untrusted" may be configured: it asks more than any other. Codex refuses to start.',
    direction: 'seed',
    applies: ({ startup_error }) => startup_error?.includes('"untrusted" is no longer supported') === true,
  },
  {
    name: 'read-only need not be listed',
    reason:
      'allowed_sandbox_modes without "read-only" is accepted, and read-only stays possible. Codex refuses to start.',
    direction: 'seed',
    applies: ({ startup_error }, { notices }) =>
      startup_error?.includes("must include 'read-only'") === true &&
      notices.some(({ message }) => message.startsWith('allowed_sandbox_modes does not list')),
  },
  {
    name: 'unknown keys never stop',
    reason: 'There is no --strict-config: an unknown key is told and has no effect.',
    direction: 'seed',
    applies: ({ startup_error, cli_args }, { notices }) =>
      cli_args?.includes('--strict-config') === true &&
      startup_error?.includes('unknown configuration field') === true &&
      notices.some(({ code }) => code === 'unknownKey'),
  },
  {
    name: 'profiles in the same file',
    reason: '`profile = "x"` with `[profiles.x]` works. Codex refuses it.',
    direction: 'seed',
    applies: ({ startup_error, config_read_error }) =>
      /`?profile`? ?=/.test(startup_error ?? config_read_error ?? ''),
  },
  {
    name: 'a folder cannot give itself full access',
    reason:
      'Full access, or a profile that writes everywhere, has no effect in the file of a folder, trusted or not.',
    direction: 'stricter',
    applies: hasCode('folderWidens'),
  },
  {
    name: 'a requirement never widens',
    reason: 'A required default or fallback that gives more than was in force leaves what both permit.',
    direction: 'stricter',
    applies: hasCode('neverWidened'),
  },
  {
    name: 'the narrower of mode and profile',
    reason: 'One file with both sandbox_mode and default_permissions gets the narrower of them.',
    direction: 'stricter',
    applies: hasCode('modeAndProfile'),
  },
  {
    name: 'a network without hosts is closed',
    reason:
      'A profile whose network is enabled without an allowed host reaches nothing; in Codex it is open.',
    direction: 'stricter',
    applies: (_vector, { notices }) =>
      notices.some(({ message }) => message.includes('switches the network on without an allowed host')),
  },
]

function hasCode(code: string) {
  return (_vector: ConfigVector, { notices }: Effective): boolean =>
    notices.some((notice) => notice.code === code)
}

const home = '/lab/home'

/** Answers a case with Gatehouse's own code. `$D` of the cases stands for a folder. */
export function answerVector(vector: ConfigVector): Effective {
  const layer = (
    name: 'system' | 'user' | 'managed' | 'folder',
    file: string,
    text: string | null | undefined,
  ) => parseLayer(name, file, typeof text === 'string' ? { state: 'text', text } : { state: 'absent' })
  const cwd = '$D/ws'
  const flags = (vector.cli_args ?? []).flatMap((arg, place, all) => {
    if (all[place - 1] === '-c') return [arg]
    if (all[place - 1] === '--enable') return [`features.${arg}=true`]
    return all[place - 1] === '--disable' ? [`features.${arg}=false`] : []
  })
  const args = vector.cli_args ?? []
  const profile = args[args.indexOf('--profile') + 1]
  return effectiveConfig({
    layers: [
      layer('system', '/etc/gatehouse/config.toml', vector.system_config_toml),
      layer('user', '/$D/home/config.toml', vector.config_toml.replaceAll('$D/', '/$D/')),
      layer('folder', '/$D/ws/.gatehouse/config.toml', vector.project_config_toml),
      parseFlags(flags, `/${cwd}`),
      layer('managed', '/etc/gatehouse/managed_config.toml', vector.managed_config_toml),
    ],
    requirements: [layer('managed', '/etc/gatehouse/requirements.toml', vector.requirements_toml)],
    cwd: `/${cwd}`,
    gitRoot: null,
    home,
    tmpdir: null,
    hostName: 'host',
    trust: null,
    profile: args.includes('--profile') && profile ? profile : null,
    session: sessionOf(vector.thread_start_overrides),
  })
}

function sessionOf(overrides: ConfigVector['thread_start_overrides']): SessionChoice {
  const policy = readPolicyChoice(overrides?.approvalPolicy)
  return {
    ...(overrides?.sandbox ? { sandboxMode: overrides.sandbox as 'read-only' } : {}),
    ...('choice' in policy ? { approvalPolicy: policy.choice } : {}),
    ...(overrides?.approvalsReviewer ? { approvalsReviewer: overrides.approvalsReviewer as 'user' } : {}),
  }
}

/** Compares Gatehouse's answer with the one in the case. */
export function compareVector(vector: ConfigVector): ConfigComparison {
  const effective = answerVector(vector)
  const fields: string[] = []
  let wider = false
  const refused = vector.startup_error ?? vector.config_read_error ?? vector.thread_start_error
  if (refused !== undefined) {
    if (effective.ok) {
      fields.push('ok')
      wider = true
    }
  } else {
    if (!effective.ok) fields.push('ok')
    const theirs = isTable(vector.effective) ? vector.effective : {}
    const ours = effective.effective
    const differs = (name: string, a: unknown, b: unknown): boolean => {
      const same = JSON.stringify(a) === JSON.stringify(b)
      if (!same) fields.push(name)
      return !same
    }
    const plain = JSON.parse(JSON.stringify(ours.sandbox).replaceAll('/$D', '$D')) as EffectiveSandbox
    if (differs('sandbox', plain, theirs['sandbox'])) {
      const sandbox = EffectiveSandbox.safeParse(theirs['sandbox'])
      wider ||= !sandbox.success || !isSandboxWithin(plain, sandbox.data)
    }
    if (differs('approvalPolicy', ours.approvalPolicy, theirs['approvalPolicy'])) {
      const policy = PolicyChoice.safeParse(theirs['approvalPolicy'])
      // Only untrusted asks before everything; the others differ in what is asked, not in what runs unasked.
      wider ||= effective.ok && (!policy.success || askingRank(ours.approvalPolicy) < askingRank(policy.data))
    }
    if (differs('approvalsReviewer', ours.approvalsReviewer, theirs['approvalsReviewer'])) {
      wider ||= ours.approvalsReviewer !== 'user'
    }
    differs('activePermissionProfile', ours.activePermissionProfile, theirs['activePermissionProfile'])
  }
  if (Array.isArray(vector.permission_profiles)) {
    const listed = new Map(vector.permission_profiles as [string, boolean][])
    const differ = effective.permissionProfiles.filter(([name, may]) => listed.get(name) !== may)
    if (refused === undefined && (differ.length > 0 || listed.size !== effective.permissionProfiles.length)) {
      fields.push('permissionProfiles')
      wider ||= differ.some(([name, may]) => may && listed.has(name))
    }
  }
  const listed = deliberateDifferences.find(({ applies }) => applies(vector, effective))
  const result =
    fields.length === 0 ? 'agrees' : listed?.direction === 'seed' ? 'seed' : wider ? 'wider' : 'stricter'
  return { result, fields, listed: fields.length > 0 ? (listed?.name ?? null) : null, effective }
}

const modeOrder = ['readOnly', 'workspaceWrite', 'dangerFullAccess']

/** Whether `a` permits nothing that `b` does not. */
function isSandboxWithin(a: EffectiveSandbox, b: EffectiveSandbox): boolean {
  if (modeOrder.indexOf(a.type) > modeOrder.indexOf(b.type)) return false
  if (b.type === 'dangerFullAccess') return true
  if (a.type === 'dangerFullAccess' || (a.networkAccess && !b.networkAccess)) return false
  if (a.type === 'readOnly' || b.type === 'readOnly') return a.type === 'readOnly'
  return (
    a.writableRoots.every((root) => b.writableRoots.includes(root)) &&
    (a.excludeSlashTmp || !b.excludeSlashTmp) &&
    (a.excludeTmpdirEnvVar || !b.excludeTmpdirEnvVar)
  )
}
