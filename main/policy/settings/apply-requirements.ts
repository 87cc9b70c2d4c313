import type { Json, Notice } from '../../../protocol/config.ts'
import type { Downgrade } from '../../../protocol/requirements.ts'
import type { SandboxMode } from '../../../protocol/settings.ts'
import { SandboxMode as Modes } from '../../../protocol/settings.ts'
import type { Applying, RequirementContext } from './applying.ts'
import { lowered } from './applying.ts'
import { limitBoundary } from './limit-boundary.ts'
import { limitNetwork } from './limit-network.ts'
import { limitOthers } from './limit-others.ts'
import { askingRank, policyText, samePolicy } from './policy-choice.ts'
import type { PolicySettings } from './policy-settings.ts'
import { requiredDenials } from './required-denials.ts'
import type { Limit, Requirements } from './requirements.ts'
import { intersectProfiles, withDeniedReads, withoutWriting } from './resolved-profile.ts'

export type Applied = {
  readonly settings: PolicySettings
  readonly downgrades: readonly Downgrade[]
  readonly notices: readonly Notice[]
}

/**
 * Lowers settings to what requirements permit. Applied last and to every way in: files, flags, presets, sessions.
 *
 * The result permits nothing the settings did not permit: where a requirement puts another value in place of a
 * chosen one, what both permit holds. A value that is not permitted becomes the one Codex falls back to:
 * read-only for the sandbox, the first listed for policies. Never throws.
 */
export function applyRequirements(
  settings: PolicySettings,
  requirements: Requirements,
  context: RequirementContext,
): Applied {
  const applying: Applying = { settings, requirements, context, downgrades: [], notices: [] }
  // The mode first: a required default must not lift what the list of modes has lowered. Then once more, for
  // the mode of that default.
  const lostFullAccess = limitMode(applying)
  limitProfile(applying, settings)
  limitMode(applying)
  denyReads(applying)
  limitBoundary(applying)
  limitPolicy(applying, lostFullAccess)
  limitOthers(applying)
  limitNetwork(applying)
  if (requirements.broken) narrowAll(applying)
  return { settings: applying.settings, downgrades: applying.downgrades, notices: applying.notices }
}

const builtinOf: Readonly<Record<SandboxMode, string>> = {
  'read-only': ':read-only',
  'workspace-write': ':workspace',
  'danger-full-access': ':danger-full-access',
}

/**
 * The profile allow-list holds for sandbox modes too: each of them is a built-in profile. What is not permitted,
 * and what nobody chose, becomes what it has in common with the required defaults.
 */
function limitProfile(applying: Applying, before: PolicySettings): void {
  const { settings, requirements, context } = applying
  const { permissionProfiles: limit, defaultPermissions: defaults } = requirements
  const chosen = before.activeProfile?.id ?? builtinOf[before.permissions.mode]
  const mayUse = (name: string): boolean => !limit || limit.value.get(name) === true
  const allowed = chosen === ':read-only' || mayUse(chosen)
  if (allowed && !(context.implicit && defaults.length > 0)) return
  let { permissions } = settings
  for (const { value, place } of defaults) {
    const answer = context.resolve(value)
    permissions = intersectProfiles(permissions, answer.profile)
    for (const message of answer.problems) {
      applying.notices.push({ level: 'problem', code: 'wrongProfile', message, place })
    }
  }
  const first = defaults[0]
  const usable = first !== undefined && mayUse(first.value)
  if (!allowed && !usable) permissions = withoutWriting(permissions)
  // The required profile is in force as such when all of its room is left.
  const whole = usable && permissions.mode === context.resolve(first.value).profile.mode
  const same = allowed && permissions.mode === settings.permissions.mode
  const activeProfile = whole ? { id: first.value, extends: null } : same ? settings.activeProfile : null
  applying.settings = { ...settings, permissions, activeProfile }
  const inForce = activeProfile?.id ?? builtinOf[permissions.mode]
  if (!allowed) {
    const names = [...(limit?.value ?? [])].filter(([, may]) => may).map(([name]) => name)
    lowered(applying, 'default_permissions', chosen, names, inForce, null, limit)
  } else if (!whole && first) {
    const words = `The required default profile ${JSON.stringify(first.value)} gives more than this folder has by itself, so ${JSON.stringify(inForce)} holds. Vouch for the folder or choose the profile.`
    tellKept(applying, words, first)
  }
}

function tellKept({ notices }: Applying, message: string, limit: Limit<unknown> | null): void {
  notices.push({ level: 'info', code: 'neverWidened', message, place: limit?.place ?? null })
}

/** @returns whether full access was chosen and is not permitted */
function limitMode(applying: Applying): boolean {
  const { settings, requirements } = applying
  const { mode } = settings.permissions
  const permitted = permittedModes(requirements)
  if (permitted.modes.includes(mode)) return false
  applying.settings = { ...settings, permissions: withoutWriting(settings.permissions), activeProfile: null }
  const nearest = permitted.modes
    .filter((one) => Modes.options.indexOf(one) < Modes.options.indexOf(mode))
    .at(-1)
  lowered(
    applying,
    'sandbox_mode',
    mode,
    [...permitted.modes],
    'read-only',
    nearest ?? null,
    permitted.by,
    permitted.why,
  )
  return mode === 'danger-full-access'
}

/** Modes that may be used, narrowest first. Denied reads cannot be kept without a sandbox. */
export function permittedModes({ sandboxModes, deniedReads }: Requirements): {
  readonly modes: readonly SandboxMode[]
  readonly by: Limit<unknown> | null
  readonly why: string | null
} {
  const listed = Modes.options.filter(
    (mode) => mode === 'read-only' || !sandboxModes || sandboxModes.value.includes(mode),
  )
  const denied = deniedReads[0]
  if (!denied || !listed.includes('danger-full-access')) return { modes: listed, by: sandboxModes, why: null }
  return {
    modes: listed.filter((mode) => mode !== 'danger-full-access'),
    by: { value: null, place: denied.place },
    why: 'Files that must not be read can only be kept closed inside a sandbox.',
  }
}

function denyReads(applying: Applying): void {
  const { settings, requirements, context } = applying
  if (requirements.deniedReads.length === 0) return
  const { paths, globs } = requiredDenials(requirements.deniedReads, context.place)
  applying.settings = { ...settings, permissions: withDeniedReads(settings.permissions, paths, globs) }
}

function limitPolicy(applying: Applying, lostFullAccess: boolean): void {
  const { requirements } = applying
  const limit = requirements.approvalPolicies
  const chosen = applying.settings.approvalPolicy
  const permits = !limit || limit.value.some((one) => samePolicy(one, chosen))
  if (chosen === 'never' && lostFullAccess && permits) {
    const listed = limit?.value ?? (['untrusted'] as const)
    const strictest = listed.toSorted((a, b) => askingRank(b) - askingRank(a))[0] ?? 'untrusted'
    applying.settings = { ...applying.settings, approvalPolicy: strictest }
    const message = `approval_policy = "never" was meant for full access, which is not permitted. Read only holds, with approval_policy = "${policyText(strictest)}". Choose a permitted sandbox mode or another policy.`
    const place = permittedModes(requirements).by?.place ?? null
    applying.notices.push({ level: 'problem', code: 'neverWithoutFullAccess', message, place })
    return
  }
  const asksLess = requirements.policyLists.some(
    (list) => chosen === 'untrusted' && !list.value.includes('untrusted'),
  )
  // One source alone would have put "untrusted" here; another one must not make that less.
  const mayHaveAsked =
    !permits &&
    requirements.policyLists.length > 1 &&
    requirements.policyLists.some((list) => list.value.includes('untrusted'))
  if (limit && !permits) {
    // Lists of several sources that have nothing in common leave the policy that asks most.
    const first = limit.value[0] ?? 'untrusted'
    applying.settings = { ...applying.settings, approvalPolicy: first }
    const nearest = limit.value.toSorted((a, b) => distance(a, chosen) - distance(b, chosen))[0]
    const allowed = limit.value.map((one): Json => one)
    lowered(applying, 'approval_policy', chosen, allowed, first, nearest ?? null, limit)
  }
  if (!asksLess && !mayHaveAsked) return
  // Fewer questions than were chosen: what then runs unasked must at least not write.
  const { settings } = applying
  if (settings.permissions.mode === 'read-only' && settings.permissions.network.access === 'off') return
  applying.settings = { ...settings, permissions: withoutWriting(settings.permissions), activeProfile: null }
  const words = `"untrusted" is not permitted, and "${policyText(settings.approvalPolicy)}" asks less, so Read only holds until a policy is chosen that is permitted.`
  tellKept(applying, words, limit)
}

const distance = (a: PolicySettings['approvalPolicy'], b: PolicySettings['approvalPolicy']): number =>
  Math.abs(askingRank(a) - askingRank(b))

/** Some limit could not be read, so everything it may have meant to close is closed. */
function narrowAll(applying: Applying): void {
  const { settings, requirements } = applying
  const listed = requirements.approvalPolicies?.value ?? []
  const asks =
    listed.length === 0 || listed.includes('untrusted')
      ? 'untrusted'
      : listed.includes('on-request')
        ? 'on-request'
        : 'untrusted'
  applying.settings = {
    ...settings,
    permissions: withoutWriting(settings.permissions),
    activeProfile: null,
    approvalPolicy: asks,
    approvalsReviewer: 'user',
    webSearch: 'disabled',
    holdShim: false,
    boundary: 'sandbox',
    allowLoginShell: false,
    mcpServers: new Map(
      [...settings.mcpServers].map(([name, server]) => [name, { ...server, enabled: false }]),
    ),
    otel: {},
  }
}
