import type { HostHandlers } from '../../protocol/contract.ts'
import type { Abilities, ConfigView, PresetChoice } from '../../protocol/policy.ts'
import type { PastCase } from '../../protocol/rules.ts'
import type { Preset } from '../../protocol/settings.ts'
import { billing, fixturePast, managedFile, ownDrafts, teamRules } from './fixture-rules.ts'

type PolicyHandlers = Pick<HostHandlers, Extract<keyof HostHandlers, `policy/${string}`>>

const configFile = '/home/dana/.gatehouse/config.toml'
const reason = 'full access is given on request, by the security desk'

const changes: Readonly<Record<Preset, Pick<PresetChoice, 'gains' | 'losses'>>> = {
  'read-only': {
    gains: [],
    losses: ['edits in the workspace are asked first', 'commands that write are asked first'],
  },
  auto: { gains: [], losses: [] },
  'full-access': {
    gains: [
      'write any file your account can write',
      'reach any host',
      'read .env.local, deploy/id_rsa and 3 more denied files',
    ],
    losses: ['every question: nothing is asked any more', 'the sandbox and its proof'],
  },
}
const replays: Readonly<Record<Preset, readonly [ask: number, run: number, forbid: number]>> = {
  'read-only': [60, 2, 0],
  auto: [19, 43, 0],
  'full-access': [0, 62, 0],
}

function presetsOf(current: Preset, past: readonly PastCase[]): PresetChoice[] {
  const denied = past.filter(({ outcome }) => outcome === 'denied')
  return (['read-only', 'auto', 'full-access'] as const).map((preset) => {
    const [wouldAsk, wouldRun, wouldForbid] = replays[preset]
    return {
      preset,
      current: preset === current,
      lock:
        preset === 'full-access'
          ? { setBy: 'acme-baseline v7', source: { file: managedFile, line: 3 }, reason }
          : null,
      ...changes[preset],
      replay: {
        days: 7,
        asks: 62,
        wouldAsk,
        wouldRun,
        wouldForbid,
        deniedThatWouldRun: preset === 'full-access' ? denied : [],
      },
    }
  })
}

const cell = (text: string, file: string | null = null, line = 1) => ({
  text,
  source: file === null ? null : { file, line },
})

const abilities = (title: string, nowMs: number): Abilities => ({
  atMs: nowMs,
  title,
  rows: [
    {
      what: 'read',
      withoutAsking: [cell(billing), cell('/usr'), cell('/home/dana/.npmrc')],
      asksFirst: [cell('elsewhere in your home')],
      cannot: [cell('**/*.env', managedFile, 9), cell('/home/dana/.ssh', managedFile, 10)],
      decidedBy: [cell('acme-baseline v7 (2)', managedFile, 9)],
    },
    {
      what: 'write',
      withoutAsking: [cell(billing), cell('/tmp'), cell('/home/dana/.cache/ms-playwright', ownDrafts, 52)],
      asksFirst: [cell('elsewhere in your home')],
      cannot: [cell('.git hooks and config'), cell('.codex'), cell('.agents')],
      decidedBy: [cell('preset Auto'), cell('lease, 11 min', ownDrafts, 52)],
    },
    {
      what: 'run',
      withoutAsking: [
        cell('anything, inside the sandbox'),
        cell('git push origin * (not main, release/*)', ownDrafts, 33),
      ],
      asksFirst: [cell('anything outside it'), cell('gh pr merge …', teamRules, 3)],
      cannot: [cell('sudo …', managedFile, 26)],
      decidedBy: [
        cell('acme-baseline v7 (2)', managedFile, 26),
        cell('team.rules (2)', teamRules, 3),
        cell('your rules (5)', ownDrafts, 4),
      ],
    },
    {
      what: 'network',
      withoutAsking: [cell('registry.npmjs.example:443', `${billing}/.codex/config.toml`, 12)],
      asksFirst: [cell('other public hosts')],
      cannot: [cell('*.paste.example', managedFile, 21), cell('private and loopback addresses')],
      decidedBy: [
        cell('acme-baseline v7 (1)', managedFile, 21),
        cell('config of the folder', `${billing}/.codex/config.toml`, 12),
      ],
    },
    {
      what: 'tools',
      withoutAsking: [cell('docs.search')],
      asksFirst: [cell('github.* that write')],
      cannot: [cell('deploy.*', managedFile, 40)],
      decidedBy: [cell('acme-baseline v7 (1)', managedFile, 40)],
    },
    {
      what: 'secrets',
      withoutAsking: [],
      asksFirst: [],
      cannot: [cell('.env.local is in the workspace and unreadable'), cell('variables named *_TOKEN, *_KEY')],
      decidedBy: [cell('the boundary itself')],
    },
  ],
  widest: `Edit any file in ${billing}, and push branches of it to origin until the lease ends.`,
  lastDay: [
    'The lease to write /home/dana/.cache/ms-playwright was not used.',
    '2 leases end before 18:00.',
    'registry.npmjs.example was reached 19 times.',
  ],
  sandbox: 'bwrap 0.8.0, verified 3 s ago by a denied write outside the workspace',
})

const config = (): ConfigView => ({
  values: [
    { key: 'sandbox_mode', value: 'workspace-write', origin: { layer: 'user', file: configFile, line: 3 } },
    { key: 'approval_policy', value: 'on-request', origin: { layer: 'managed', file: managedFile, line: 4 } },
    {
      key: 'sandbox_workspace_write.network_access',
      value: false,
      origin: { layer: 'builtin', file: null, line: null },
    },
    {
      key: 'sandbox_workspace_write.writable_roots',
      value: ['/home/dana/src/shared-protos'],
      origin: { layer: 'folder', file: `${billing}/.codex/config.toml`, line: 4 },
    },
    { key: 'web_search', value: 'cached', origin: { layer: 'managed', file: managedFile, line: 6 } },
    { key: 'approvals_reviewer', value: 'user', origin: { layer: 'builtin', file: null, line: null } },
    {
      key: 'shell_environment_policy.exclude',
      value: ['AWS_*', 'AZURE_*'],
      origin: { layer: 'user', file: configFile, line: 14 },
    },
    { key: 'history.persistence', value: 'save-all', origin: { layer: 'flags', file: null, line: null } },
  ],
  layers: [
    { name: 'builtin', file: null, state: 'read', why: null },
    { name: 'system', file: '/etc/gatehouse/config.toml', state: 'absent', why: null },
    { name: 'user', file: configFile, state: 'read', why: null },
    { name: 'profile', file: null, state: 'absent', why: null },
    { name: 'folder', file: `${billing}/.codex/config.toml`, state: 'read', why: null },
    { name: 'flags', file: null, state: 'read', why: null },
    { name: 'managed', file: managedFile, state: 'read', why: null },
  ],
  notices: [
    {
      level: 'problem',
      code: 'unknownKey',
      message: 'Unknown key “aproval_policy”. It has no effect. Did you mean approval_policy?',
      place: { file: configFile, line: 9 },
    },
    {
      level: 'warning',
      code: 'noEffect',
      message: 'features.network_proxy is on, but no domain is listed; nothing can be reached through it.',
      place: { file: configFile, line: 18 },
    },
  ],
  downgrades: [
    {
      key: 'approval_policy',
      chosen: 'never',
      allowed: ['untrusted', 'on-request'],
      inForce: 'on-request',
      nearest: 'on-request',
      setBy: `${managedFile}:4`,
      reason: 'somebody answers for what agents do here',
    },
    {
      key: 'web_search',
      chosen: 'live',
      allowed: ['disabled', 'cached'],
      inForce: 'cached',
      nearest: 'cached',
      setBy: `${managedFile}:6`,
      reason: null,
    },
  ],
})

/** Presets with a lock, abilities, settings with origins and downgrades, as acme-baseline v7 leaves them to Dana. */
export function createFixturePolicy(
  startMs: number,
  sessionOf: (id: string) => { readonly title: string; readonly preset: Preset | null } | undefined,
): PolicyHandlers {
  let revision = 1
  let view = config()
  const sinks = new Set<{ change(change: { revision: number; problems: ConfigView['notices'] }): void }>()
  const state = () => ({ revision, problems: view.notices.filter(({ level }) => level === 'problem') })
  return {
    'policy/watch': (_, sink) => {
      sinks.add(sink)
      return { snapshot: state(), stop: () => void sinks.delete(sink) }
    },
    'policy/config': () => view,
    'policy/setConfig': ({ key, value }) => {
      if (!/^[a-z_]+(\.[A-Za-z_-]+)*$/.test(key))
        return { status: 'refused', why: `${key} is no key of config.toml.` }
      const values = view.values.filter((each) => each.key !== key)
      const origin = { layer: 'user' as const, file: configFile, line: 22 }
      view = { ...view, values: value === null ? values : [...values, { key, value, origin }] }
      revision += 1
      for (const sink of sinks) sink.change(state())
      return { status: 'saved' }
    },
    'policy/presets': ({ sessionId }) =>
      presetsOf((sessionId && sessionOf(sessionId)?.preset) || 'auto', fixturePast(startMs)),
    'policy/abilities': ({ sessionId }) => {
      const session = sessionOf(sessionId)
      if (!session) return { status: 'refused', why: 'This session has ended.' }
      return { status: 'answered', abilities: abilities(session.title, Date.now()) }
    },
  }
}
