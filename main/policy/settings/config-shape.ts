import { PolicyChoice } from '../../../protocol/config.ts'
import { SandboxMode } from '../../../protocol/settings.ts'
import { isTable } from './layer.ts'
import { readPolicyChoice } from './policy-choice.ts'
import type { Shape } from './shape.ts'
import { anything, count, flag, folders, oneOf, readFlag, readText, text, texts } from './shape.ts'
import { unusedKeys } from './unused-keys.ts'

const table = (
  keys: Readonly<Record<string, Shape>>,
  more: Omit<Extract<Shape, { kind: 'table' }>, 'kind' | 'keys'> = {},
): Shape => ({ kind: 'table', keys, ...more })

const named = (names: (name: string) => Shape): Shape => table({}, { names })

/** What may stand behind a path in a permission profile. `none` is the old word for `deny`. */
const access = oneOf(['read', 'write', 'deny'], 'deny', { none: 'deny' })

const domains: Shape = table({}, { names: () => oneOf(['allow', 'deny'], 'deny'), narrow: {} })

/** `[permissions.NAME.network]` and `[features.network_proxy]`. */
const network = (whenWrong: boolean): Readonly<Record<string, Shape>> => ({
  enabled: flag(whenWrong),
  domains,
  mode: oneOf(['limited', 'full'], 'limited'),
  unix_sockets: table({}, { names: () => oneOf(['allow', 'deny'], 'deny', { none: 'deny' }), narrow: {} }),
  allow_local_binding: flag(false),
  allow_upstream_proxy: flag(false),
  enable_socks5: flag(false),
  enable_socks5_udp: flag(false),
  proxy_url: text(),
  socks_url: text(),
  http_port: count(),
  socks_port: count(),
  dangerously_allow_non_loopback_proxy: flag(false),
  dangerously_allow_all_unix_sockets: flag(false),
})

const filesystem: Shape = table(
  { glob_scan_max_depth: count(1) },
  {
    names: () =>
      table(
        {},
        {
          names: () => access,
          or: (value, place) =>
            access.kind === 'value' && typeof value === 'string'
              ? access.read(value, place)
              : { wrong: 'must be "read", "write", "deny" or a table of paths below it' },
          narrow: 'deny',
        },
      ),
  },
)

const permissionProfile: Shape = table(
  {
    description: text(),
    extends: text(),
    workspace_roots: named(() => flag(false)),
    filesystem,
    network: table(network(false), { narrow: { enabled: false } }),
  },
  { narrow: {} },
)

const otelExporter: Shape = {
  kind: 'value',
  narrow: 'none',
  read(value) {
    const wrong = 'must be "none", { otlp-http = {…} } or { otlp-grpc = {…} }'
    if (value === 'none' || value === 'statsig') return { value }
    if (!isTable(value) || Object.keys(value).length !== 1) return { wrong }
    const [kind, settings] = Object.entries(value)[0] ?? []
    if ((kind !== 'otlp-http' && kind !== 'otlp-grpc') || !isTable(settings)) return { wrong }
    if (typeof settings['endpoint'] !== 'string') return { wrong: `needs ${kind}.endpoint` }
    if (kind === 'otlp-http' && settings['protocol'] !== 'binary' && settings['protocol'] !== 'json') {
      return { wrong: 'needs otlp-http.protocol = "binary" or "json"' }
    }
    const kept = anything()
    return kept.kind === 'value' ? kept.read(value, { base: '/', home: null }) : { wrong }
  },
}

const otel: Shape = table({
  environment: text(),
  exporter: otelExporter,
  trace_exporter: otelExporter,
  metrics_exporter: otelExporter,
  log_user_prompt: flag(false),
  log_agent_responses: flag(false),
  log_sse_deltas: flag(false),
  log_guardian_assessments: flag(false),
  tool_result: table({ max_bytes: count() }),
  span_attributes: named(text),
  tracestate: anything(),
})

/** Other keys of a server belong to whoever starts it and are handed on as they are. */
const mcpServer: Shape = table(
  {
    command: text(),
    args: texts(),
    url: text(),
    env: named(text),
    cwd: text(),
    enabled: flag(false),
    enabled_tools: texts([]),
    disabled_tools: texts(),
    default_tools_approval_mode: oneOf(['auto', 'prompt', 'writes', 'approve'], 'prompt'),
    bearer_token_env_var: text(),
  },
  { names: anything, narrow: { enabled: false } },
)

/** Everything a profile may set, which is everything but profiles themselves and trust. */
const common: Readonly<Record<string, Shape>> = {
  sandbox_mode: oneOf(SandboxMode.options, 'read-only'),
  approval_policy: {
    kind: 'value',
    narrow: 'untrusted',
    read(value) {
      const read = readPolicyChoice(value)
      return 'wrong' in read ? read : { value: PolicyChoice.parse(read.choice) }
    },
  },
  sandbox_workspace_write: table(
    {
      writable_roots: folders([]),
      network_access: flag(false),
      exclude_tmpdir_env_var: flag(true),
      exclude_slash_tmp: flag(true),
    },
    {
      narrow: {
        writable_roots: [],
        network_access: false,
        exclude_tmpdir_env_var: true,
        exclude_slash_tmp: true,
      },
    },
  ),
  default_permissions: { kind: 'value', read: readText, narrow: ':read-only' },
  permissions: named(() => permissionProfile),
  shell_environment_policy: table(
    {
      inherit: oneOf(['all', 'core', 'none'], 'none'),
      ignore_default_excludes: flag(false),
      exclude: texts(['*']),
      set: named(text),
      include_only: texts(['PATH']),
      experimental_use_profile: flag(false),
    },
    { narrow: { inherit: 'none' } },
  ),
  allow_login_shell: flag(false),
  approvals_reviewer: oneOf(['user', 'auto_review'], 'user', { guardian_subagent: 'auto_review' }),
  web_search: oneOf(['disabled', 'cached', 'live'], 'disabled'),
  features: table(
    {
      network_proxy: table(network(true), { or: readFlag, narrow: { enabled: true } }),
    },
    { names: () => ({ kind: 'table', keys: {}, names: anything, or: readFlag }) },
  ),
  history: table({ persistence: oneOf(['save-all', 'none'], 'none'), max_bytes: count() }),
  otel,
  mcp_servers: named(() => mcpServer),
  gatehouse: table(
    { hold_shim: flag(false), boundary: oneOf(['sandbox', 'container'], 'sandbox') },
    { narrow: { hold_shim: false, boundary: 'sandbox' } },
  ),
  ...unusedKeys,
}

/** Every key of `config.toml`. Sources: seed documents; Codex configuration reference. */
export const configShape: Shape = table({
  ...common,
  // A profile that cannot be told might be a narrow one: the empty name is never found.
  profile: { kind: 'value', read: readText, narrow: '' },
  profiles: named(() => table(common)),
  projects: named(() => table({ trust_level: oneOf(['trusted', 'untrusted'], 'untrusted') })),
})

export const profileShape: Shape = table(common)
