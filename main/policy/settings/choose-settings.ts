import type {
  ConfigOrigin,
  Json,
  NetworkSettings,
  Notice,
  PolicyChoice,
  ShellEnvironmentPolicy,
} from '../../../protocol/config.ts'
import { PolicyChoice as PolicyChoiceShape, WebSearchMode } from '../../../protocol/config.ts'
import { ReviewerName } from '../../../protocol/reviewer.ts'
import { SandboxMode } from '../../../protocol/settings.ts'
import { isTable, own } from './layer.ts'
import type { McpServer, PolicySettings } from './policy-settings.ts'
import type { ProfilePlace } from './profile-entries.ts'
import type { LayerReading } from './read-layer.ts'
import type { ProfileAnswer } from './resolve-profile.ts'
import { domainEntries, limitedNetwork } from './resolve-profile.ts'
import type { ResolvedProfile } from './resolved-profile.ts'
import { intersectProfiles, makeProfile, noNetwork, openNetwork, withoutWriting } from './resolved-profile.ts'
import type { SettingsTree } from './settings-tree.ts'

export type FolderTrustLevel = 'trusted' | 'untrusted'

/** What a session or a preset chooses over the files. Requirements hold for it all the same. */
export type SessionChoice = {
  readonly sandboxMode?: SandboxMode
  readonly approvalPolicy?: PolicyChoice
  readonly approvalsReviewer?: ReviewerName
  readonly permissionProfile?: string
}

export type ChosenSettings = {
  readonly settings: PolicySettings
  /** Nobody chose a mode or a profile; the trust in the folder decided. */
  readonly implicit: boolean
  readonly notices: readonly Notice[]
}

export type Choosing = {
  readonly tree: SettingsTree
  readonly readings: readonly LayerReading[]
  readonly resolve: (name: string) => ProfileAnswer
  readonly place: ProfilePlace
  readonly trust: FolderTrustLevel | null
  readonly session: SessionChoice
}

type Selection =
  | { readonly kind: 'mode'; readonly mode: SandboxMode }
  | {
      readonly kind: 'profile'
      readonly name: string
      readonly atMost: SandboxMode | null
      readonly origin: ConfigOrigin | null
    }
  | { readonly kind: 'implicit' }

/** Turns the joined layers into settings. Requirements are not looked at here. Never throws. */
export function chooseSettings(choosing: Choosing): ChosenSettings {
  const { tree, session, trust } = choosing
  const notices: Notice[] = []
  const selection = selectPermissions(choosing, notices)
  const { permissions, activeProfile } = permissionsOf(selection, choosing, notices)
  const policy = PolicyChoiceShape.safeParse(tree.get(['approval_policy']))
  const reviewer = ReviewerName.safeParse(tree.get(['approvals_reviewer']))
  const search = WebSearchMode.safeParse(tree.get(['web_search']))
  const maxBytes = tree.get(['history', 'max_bytes'])
  const settings: PolicySettings = {
    approvalPolicy:
      session.approvalPolicy ??
      (policy.success ? policy.data : trust === 'untrusted' ? 'untrusted' : 'on-request'),
    approvalsReviewer: session.approvalsReviewer ?? (reviewer.success ? reviewer.data : 'user'),
    permissions,
    activeProfile,
    webSearch: search.success ? search.data : permissions.mode === 'danger-full-access' ? 'live' : 'cached',
    holdShim: tree.get(['gatehouse', 'hold_shim']) === true,
    boundary: tree.get(['gatehouse', 'boundary']) === 'container' ? 'container' : 'sandbox',
    shellEnvironment: shellEnvironmentOf(tree),
    allowLoginShell: tree.get(['allow_login_shell']) !== false,
    history: {
      persistence: tree.get(['history', 'persistence']) === 'none' ? 'none' : 'save-all',
      maxBytes: typeof maxBytes === 'number' ? maxBytes : null,
    },
    otel: tableAt(tree, ['otel']),
    features: tableAt(tree, ['features']),
    mcpServers: serversOf(tree),
  }
  return { settings, implicit: selection.kind === 'implicit', notices }
}

const tableAt = (tree: SettingsTree, path: readonly string[]): Readonly<Record<string, Json>> => {
  const table = tree.get(path)
  return isTable(table) ? (table as Record<string, Json>) : {}
}

/**
 * The strongest layer that names a sandbox mode or a permission profile decides. One that names both gets the
 * profile, and never more than the mode: which of them the writer meant cannot be told.
 */
function selectPermissions(choosing: Choosing, notices: Notice[]): Selection {
  const { readings, session, tree } = choosing
  const pinned = readings.some(({ pins }) =>
    pins.some(({ path }) => path[0] === 'sandbox_mode' || path[0] === 'default_permissions'),
  )
  if (pinned) return { kind: 'mode', mode: 'read-only' }
  if (session.permissionProfile !== undefined) {
    return {
      kind: 'profile',
      name: session.permissionProfile,
      atMost: session.sandboxMode ?? null,
      origin: null,
    }
  }
  if (session.sandboxMode) return { kind: 'mode', mode: session.sandboxMode }
  for (const { layer, leaves } of readings.toReversed()) {
    const at = (name: string): Json | undefined =>
      leaves.find(({ path }) => path.length === 1 && path[0] === name)?.value
    const mode = SandboxMode.safeParse(at('sandbox_mode'))
    const name = at('default_permissions')
    if (typeof name === 'string') {
      const origin = tree.origin(['default_permissions'])
      if (mode.success) {
        notices.push({
          level: 'warning',
          code: 'modeAndProfile',
          message:
            'sandbox_mode and default_permissions are both set here; the narrower of the two holds. Keep one of them.',
          place:
            layer.file === null ? null : { file: layer.file, line: layer.lineOf(['default_permissions']) },
        })
      }
      return { kind: 'profile', name, atMost: mode.success ? mode.data : null, origin }
    }
    if (mode.success) return { kind: 'mode', mode: mode.data }
  }
  if (tree.names(['permissions']).length === 0) return { kind: 'implicit' }
  const { file, line } = tree.origin(['permissions'])
  notices.push({
    level: 'problem',
    code: 'noDefaultPermissions',
    message:
      'There are permission profiles, but default_permissions names none of them. Until it does, Read only holds.',
    place: file === null ? null : { file, line },
  })
  return { kind: 'mode', mode: 'read-only' }
}

function permissionsOf(
  selection: Selection,
  choosing: Choosing,
  notices: Notice[],
): Pick<PolicySettings, 'permissions' | 'activeProfile'> {
  const { tree, trust } = choosing
  if (selection.kind === 'mode')
    return { permissions: modeProfile(selection.mode, choosing), activeProfile: null }
  if (selection.kind === 'implicit') {
    const id = trust === null ? ':read-only' : ':workspace'
    const mode = trust === null ? 'read-only' : 'workspace-write'
    return { permissions: modeProfile(mode, choosing), activeProfile: { id, extends: null } }
  }
  const answer = choosing.resolve(selection.name)
  const place = selection.origin?.file ? { file: selection.origin.file, line: selection.origin.line } : null
  for (const message of answer.problems) {
    notices.push({
      level: 'problem',
      code: 'wrongProfile',
      message: `${message} Until this is mended it writes nothing.`,
      place,
    })
  }
  for (const message of answer.warnings) notices.push({ level: 'warning', code: 'profile', message, place })
  const { atMost } = selection
  const permissions = atMost
    ? intersectProfiles(answer.profile, modeProfile(atMost, choosing))
    : answer.profile
  // The proxy of the features adds its hosts to those of the profile.
  const proxy = proxyOf(tree)
  const network =
    permissions.network.access === 'limited' && proxy
      ? { ...permissions.network, domains: [...permissions.network.domains, ...proxy.domains] }
      : permissions.network
  return {
    permissions: { ...permissions, network },
    activeProfile:
      permissions.mode === answer.profile.mode ? { id: selection.name, extends: answer.extends } : null,
  }
}

/** A sandbox mode as a profile, with `[sandbox_workspace_write]` in it. */
function modeProfile(mode: SandboxMode, { tree, place }: Choosing): ResolvedProfile {
  const none = {
    plain: true as const,
    deniedGlobs: [],
    liftedProtection: [],
    extraWritableRoots: [],
    excludeTmpdirEnvVar: false,
    excludeSlashTmp: false,
  }
  if (mode === 'danger-full-access') {
    return makeProfile({ ...none, entries: [{ path: '/', access: 'write' }], network: openNetwork })
  }
  const reading = makeProfile({ ...none, entries: [{ path: '/', access: 'read' }], network: noNetwork })
  if (mode === 'read-only') return reading
  const at = (name: string): Json | undefined => tree.get(['sandbox_workspace_write', name])
  const given = at('writable_roots')
  const roots = Array.isArray(given) ? given.filter((one) => typeof one === 'string') : []
  const [noTmpdir, noSlashTmp] = [at('exclude_tmpdir_env_var') === true, at('exclude_slash_tmp') === true]
  const tmpdir = noTmpdir || place.tmpdir === null ? [] : [place.tmpdir]
  const writable = [...place.workspaceRoots, ...tmpdir, ...(noSlashTmp ? [] : ['/tmp']), ...roots]
  // Inside, /tmp is a place of its own anyway; a temporary folder elsewhere has to be opened.
  const plain = !noSlashTmp && tmpdir.every((path) => path === '/tmp')
  const profile = makeProfile({
    ...(plain ? { plain } : {}),
    deniedGlobs: [],
    liftedProtection: [],
    entries: [{ path: '/', access: 'read' }, ...writable.map((path) => ({ path, access: 'write' as const }))],
    network: at('network_access') === true ? (proxyOf(tree) ?? openNetwork) : noNetwork,
    extraWritableRoots: roots,
    excludeTmpdirEnvVar: noTmpdir,
    excludeSlashTmp: noSlashTmp,
  })
  return profile.mode === 'danger-full-access' ? withoutWriting(profile) : profile
}

/** `features.network_proxy` when it is on: it limits a network that is open, and never opens one. */
function proxyOf(tree: SettingsTree): NetworkSettings | null {
  const proxy = tree.get(['features', 'network_proxy'])
  if (proxy === true) return limitedNetwork({}, [])
  if (!isTable(proxy) || own(proxy, 'enabled') !== true) return null
  return limitedNetwork(proxy, domainEntries(own(proxy, 'domains'), 'settings'))
}

function shellEnvironmentOf(tree: SettingsTree): ShellEnvironmentPolicy | null {
  const table = tree.get(['shell_environment_policy'])
  if (!isTable(table)) return null
  const texts = (name: string): string[] => {
    const list = own(table, name)
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []
  }
  const inherit = own(table, 'inherit')
  const set = own(table, 'set')
  return {
    inherit: inherit === 'core' || inherit === 'none' ? inherit : 'all',
    ignoreDefaultExcludes: own(table, 'ignore_default_excludes') === true,
    exclude: texts('exclude'),
    set: isTable(set) ? (set as Record<string, string>) : {},
    includeOnly: texts('include_only'),
  }
}

function serversOf(tree: SettingsTree): Map<string, McpServer> {
  const all = new Map<string, McpServer>()
  for (const name of tree.names(['mcp_servers'])) {
    const settings = tableAt(tree, ['mcp_servers', name])
    all.set(name, { enabled: own(settings, 'enabled') !== false, settings })
  }
  return all
}
