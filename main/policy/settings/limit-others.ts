import type { Json, WebSearchMode } from '../../../protocol/config.ts'
import type { Applying } from './applying.ts'
import { lowered } from './applying.ts'
import { isTable, own } from './layer.ts'
import type { McpServer } from './policy-settings.ts'
import type { McpIdentity } from './requirements.ts'

/** Reviewer, web search, login shell, features, tool servers and telemetry. */
export function limitOthers(applying: Applying): void {
  limitReviewer(applying)
  limitWebSearch(applying)
  limitLoginShell(applying)
  pinFeatures(applying)
  limitServers(applying)
  overrideOtel(applying)
}

function limitReviewer(applying: Applying): void {
  const limit = applying.requirements.approvalsReviewers
  const chosen = applying.settings.approvalsReviewer
  if (!limit || limit.value.includes(chosen)) return
  // Who answers is the administrator's to say; with nothing left in common it is a person.
  const inForce = limit.value[0] ?? 'user'
  applying.settings = { ...applying.settings, approvalsReviewer: inForce }
  lowered(applying, 'approvals_reviewer', chosen, [...limit.value], inForce, inForce, limit)
}

function limitWebSearch(applying: Applying): void {
  const limit = applying.requirements.webSearchModes
  const chosen = applying.settings.webSearch
  if (!limit || chosen === 'disabled' || limit.value.includes(chosen)) return
  const inForce: WebSearchMode = chosen === 'live' && limit.value.includes('cached') ? 'cached' : 'disabled'
  applying.settings = { ...applying.settings, webSearch: inForce }
  const allowed = [...new Set<WebSearchMode>([...limit.value, 'disabled'])]
  lowered(applying, 'web_search', chosen, allowed, inForce, inForce, limit)
}

function limitLoginShell(applying: Applying): void {
  const limit = applying.requirements.allowLoginShell
  if (limit?.value !== false || !applying.settings.allowLoginShell) return
  applying.settings = { ...applying.settings, allowLoginShell: false }
  lowered(applying, 'allow_login_shell', true, false, false, false, limit)
}

function pinFeatures(applying: Applying): void {
  const { requirements, settings } = applying
  if (requirements.features.size === 0) return
  const features: Record<string, Json> = Object.assign(Object.create(null), settings.features)
  for (const [name, pin] of requirements.features) {
    const chosen = own(settings.features, name) as Json | undefined
    const on = isTable(chosen) ? own(chosen, 'enabled') === true : chosen
    if (on === pin.value) continue
    features[name] = isTable(chosen) && pin.value ? { ...chosen, enabled: true } : pin.value
    if (chosen !== undefined)
      lowered(applying, `features.${name}`, chosen, pin.value, pin.value, pin.value, pin)
  }
  applying.settings = { ...applying.settings, features }
  // Pinned on, the proxy stands in front of a network that was open; off, it takes no limit away.
  const { network } = applying.settings.permissions
  if (requirements.features.get('network_proxy')?.value !== true || network.access !== 'open') return
  const limited = {
    ...network,
    access: 'limited' as const,
    allowLocalBinding: false,
    dangerouslyAllowAllUnixSockets: false,
  }
  applying.settings = {
    ...applying.settings,
    permissions: { ...applying.settings.permissions, network: limited },
  }
}

function limitServers(applying: Applying): void {
  const { requirements, settings } = applying
  const limit = requirements.mcpServers
  if (!limit) return
  const servers = new Map<string, McpServer>()
  for (const [name, server] of settings.mcpServers) {
    const identity = limit.value.get(name)
    const fits = identity !== undefined && hasIdentity(server, identity)
    servers.set(name, fits ? server : { ...server, enabled: false })
    if (fits || !server.enabled) continue
    const reason = identity ? 'A server of this name is permitted, but it is another one.' : null
    lowered(
      applying,
      `mcp_servers.${name}`,
      'enabled',
      [...limit.value.keys()],
      'disabled',
      null,
      limit,
      reason,
    )
  }
  applying.settings = { ...settings, mcpServers: servers }
}

/** A server that names both a command and an address has no identity that could be checked. */
function hasIdentity({ settings }: McpServer, identity: McpIdentity): boolean {
  const [command, url] = [own(settings, 'command'), own(settings, 'url')]
  return identity.kind === 'command'
    ? command === identity.command && url === undefined
    : url === identity.url && command === undefined
}

function overrideOtel(applying: Applying): void {
  for (const limit of applying.requirements.otel) {
    if (!isTable(limit.value)) continue
    const otel: Record<string, Json> = Object.assign(Object.create(null), applying.settings.otel)
    for (const [name, value] of Object.entries(limit.value) as [string, Json][]) {
      const chosen = own(otel, name) as Json | undefined
      otel[name] = value
      if (chosen === undefined || JSON.stringify(chosen) === JSON.stringify(value)) continue
      lowered(applying, `otel.${name}`, chosen, value, value, value, limit)
    }
    applying.settings = { ...applying.settings, otel }
  }
}
