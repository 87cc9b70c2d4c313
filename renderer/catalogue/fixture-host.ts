import { type Command, defaultPreferences, type Preferences, SecretName } from '../../protocol/app.ts'
import { type ApprovalRequest, isAllow } from '../../protocol/approvals.ts'
import type { Carrier } from '../../protocol/carrier.ts'
import { createClientEnd } from '../../protocol/client-end.ts'
import { contract, type HostClient, type HostHandlers } from '../../protocol/contract.ts'
import { HostError } from '../../protocol/endpoint.ts'
import { createCallMemory, serveContract } from '../../protocol/host-end.ts'
import type { ApprovalId } from '../../protocol/ids.ts'
import type { RulesState } from '../../protocol/rules.ts'
import type { SessionSummary } from '../../protocol/sessions.ts'
import { settingsOf } from '../../protocol/settings.ts'
import { createFixturePolicy } from './fixture-policy.ts'
import { createFixtureRehearsals } from './fixture-rehearsal.ts'
import { fixtureRequests } from './fixture-requests.ts'
import { createFixtureRules } from './fixture-rules-host.ts'
import { createFixtureSandbox } from './fixture-sandbox.ts'
import { fixtureDiff, fixtureSessions, fixtureSnapshot } from './fixture-sessions.ts'

export type FixtureHost = {
  readonly client: HostClient
  /** A request arrives or changes, as from a host. */
  ask(request: ApprovalRequest): void
  command(command: Command): void
  patchSession(id: string, change: Partial<SessionSummary>): void
}

type Seed = {
  readonly requests?: readonly ApprovalRequest[]
  readonly sessions?: readonly SessionSummary[]
  readonly preferences?: Partial<Preferences>
  readonly rules?: RulesState
}

/**
 * A host made of fixtures behind the real protocol: screens can be built, tested and shown without a sandbox.
 * It behaves: an allow is released after its undo time, undo brings it back, parking parks. Nothing runs.
 */
export function createFixtureHost(seed: Seed = {}): FixtureHost {
  const start = Date.now()
  let preferences: Preferences = { ...defaultPreferences, ...seed.preferences }
  const requests = new Map((seed.requests ?? fixtureRequests(start)).map((each) => [each.id, each]))
  const sessions = new Map((seed.sessions ?? fixtureSessions(start)).map((each) => [each.id, each]))
  let notes = ['use a branch', 'no uploads; attach it to the session']
  const stored = new Set<string>(['model.anthropic'])
  const releases = new Map<string, ReturnType<typeof setTimeout>>()
  const inboxes = broadcaster<Parameters<Parameters<HostHandlers['approvals/watch']>[1]['change']>[0]>()
  const lists = broadcaster<Parameters<Parameters<HostHandlers['sessions/watch']>[1]['change']>[0]>()
  const prefs = broadcaster<Preferences>()
  const commands = broadcaster<Command>()

  const ask = (request: ApprovalRequest): void => {
    requests.set(request.id, request)
    inboxes.send({ type: 'request', request })
  }
  const change = (id: ApprovalId, state: ApprovalRequest['state']): void => {
    const request = requests.get(id)
    if (request) ask({ ...request, state })
  }
  const patchSession = (id: string, patch: Partial<SessionSummary>): void => {
    const session = [...sessions.values()].find((each) => each.id === id)
    if (!session) return
    const next = { ...session, ...patch }
    sessions.set(session.id, next)
    lists.send({ type: 'session', session: next })
  }

  const rules = createFixtureRules(start, (id) => requests.get(id), seed.rules)
  const policy = createFixturePolicy(start, (id) => {
    const session = [...sessions.values()].find((each) => each.id === id)
    return session && { title: session.title, preset: session.settings.preset }
  })

  const handlers: HostHandlers = {
    ...rules.handlers,
    ...policy,
    'app/info': () => ({
      version: '0.1.0',
      home: '/home/dana/.gatehouse',
      platform: 'linux',
      surroundings: 'serve',
      picksFolders: false,
      secretsKeptIn: 'a file only you can read (/home/dana/.gatehouse/state/secrets.json)',
      sandbox: { state: 'available', backend: 'bwrap', version: '0.8.0' },
    }),
    'app/watchPreferences': (_, sink) => ({ snapshot: preferences, stop: prefs.add(sink) }),
    'app/setPreferences': (patch) => {
      preferences = {
        ...preferences,
        ...(Object.fromEntries(
          Object.entries(patch).filter(([, v]) => v !== undefined),
        ) as Partial<Preferences>),
      }
      prefs.send(preferences)
      return preferences
    },
    'app/problems': () => ({ problems: [] }),
    'app/commands': (_, sink) => ({ snapshot: {}, stop: commands.add(sink) }),
    'app/focus': () => ({}),
    'app/pickFolder': () => ({ path: null }),
    'app/openLink': () => ({ status: 'refused' }),
    'secrets/list': () => SecretName.options.map((name) => ({ name, stored: stored.has(name) })),
    'secrets/set': ({ name }) => {
      stored.add(name)
      return { status: 'stored', why: null }
    },
    'secrets/remove': ({ name }) => {
      stored.delete(name)
      return {}
    },
    'approvals/watch': (_, sink) => ({
      snapshot: { requests: [...requests.values()], recentNotes: notes },
      stop: inboxes.add(sink),
    }),
    'approvals/decide': ({ id, revision, offerId, note, echo, rule }) => {
      const request = requests.get(id)
      if (!request || request.state.state === 'withdrawn') return { status: 'noLongerNeeded' }
      if (request.state.state === 'decided') return { status: 'alreadyDecided', by: 'user' }
      if (request.revision !== revision) return { status: 'changedSinceShown', revision: request.revision }
      const offer = request.offers.find((each) => each.id === offerId)
      if (!offer) return { status: 'notOffered' }
      const allows = isAllow(offer.decision)
      if (allows && request.echo !== null && echo !== request.echo) return { status: 'echoWrong' }
      if (offerId === 'rule') {
        const saved = rule ? rules.save(rule, null, false) : { why: 'The answer came without its rule.' }
        if ('why' in saved) return { status: 'ruleRefused', why: saved.why }
      }
      if (note) {
        notes = [note, ...notes.filter((each) => each !== note)].slice(0, 4)
        inboxes.send({ type: 'notes', recentNotes: notes })
      }
      const serious = request.tier === 'serious' || request.tier === 'critical'
      const undoMs = serious ? preferences.undoSeriousMs : preferences.undoMs
      const waitMs = allows ? (offerId === 'rule' ? 8000 : undoMs) : 0
      const releaseAtMs = Date.now() + waitMs
      const done = (): void =>
        change(id, { state: 'decided', decision: offer.decision, by: 'user', atMs: Date.now() })
      if (waitMs === 0) done()
      else {
        change(id, { state: 'releasing', offerId, releaseAtMs })
        releases.set(id, setTimeout(done, waitMs))
      }
      return { status: 'recorded', releaseAtMs }
    },
    'approvals/undo': ({ id }) => {
      if (requests.get(id)?.state.state !== 'releasing') return { status: 'tooLate' }
      clearTimeout(releases.get(id))
      change(id, { state: 'waiting' })
      return { status: 'restored' }
    },
    'approvals/park': ({ id, parked }) => {
      change(id, parked ? { state: 'parked', atMs: Date.now() } : { state: 'waiting' })
      return { status: 'recorded' }
    },
    ...createFixtureRehearsals((id) => {
      const open = requests.get(id)?.state.state === 'waiting'
      if (open) change(id, { state: 'decided', decision: 'accept', by: 'user', atMs: Date.now() })
      return open
    }),
    ...createFixtureSandbox((id) => sessions.get(id), patchSession),
    'sessions/watch': (_, sink) => ({
      snapshot: { sessions: [...sessions.values()], complete: true },
      stop: lists.add(sink),
    }),
    'sessions/open': ({ id }) => {
      const session = sessions.get(id)
      if (!session) throw new HostError('notFound', 'There is no log of this session.')
      return { snapshot: fixtureSnapshot(session, Date.now()), stop: () => {} }
    },
    'sessions/start': () => ({ status: 'refused', why: 'These are fixtures: nothing can be started.' }),
    'sessions/prompt': () => ({ status: 'queued' }),
    'sessions/interrupt': () => ({ status: 'done' }),
    'sessions/pause': ({ id, paused }) => {
      patchSession(id, { state: paused ? 'paused' : 'working' })
      return { status: 'done' }
    },
    'sessions/end': ({ id }) => {
      patchSession(id, { state: 'ended', waiting: 0 })
      return { status: 'done' }
    },
    'sessions/setPreset': ({ id, preset, leaseMinutes, echo, note }) => {
      const session = sessions.get(id)
      if (!session) return { status: 'refused', why: 'This session has ended.' }
      const name = session.folder.split('/').at(-1)
      if (preset === 'full-access' && (echo !== name || !note || leaseMinutes === null)) {
        return {
          status: 'refused',
          why: `Full access needs the folder's name, ${name}, a reason and an end.`,
        }
      }
      const settings = settingsOf(preset, leaseMinutes === null ? null : Date.now() + leaseMinutes * 60_000)
      patchSession(id, { settings, sandbox: preset === 'full-access' ? { state: 'off' } : session.sandbox })
      return { status: 'switched', settings, stopped: 0, withdrawn: 0 }
    },
    'terminals/output': ({ fromOffset }, sink) => {
      const text = new TextEncoder().encode(
        '$ npm test -- retry\r\n\x1b[32m✓\x1b[0m retry.test.ts (14 tests)\r\n',
      )
      sink.push(text.subarray(Math.max(0, fromOffset)))
      return () => {}
    },
    'terminals/input': () => ({ status: 'notWritable' }),
    'terminals/resize': () => ({ status: 'done' }),
    'workspace/watchDiff': ({ scope }) => ({ snapshot: fixtureDiff(scope, Date.now()), stop: () => {} }),
    'workspace/review': () => ({ status: 'done', why: null }),
    'folders/inspect': ({ path }) => ({
      status: 'ok',
      facts: {
        path,
        git: { branch: 'main', head: 'a1b2c3d', remotes: 1, changedFiles: 2, yourCommits: 14 },
        brings: [
          { path: '.claude/settings.json', what: '2 allow rules, 1 hook (shell command)' },
          { path: '.vscode/tasks.json', what: '1 task that runs on folder open' },
        ],
        secrets: ['.env', '.env.local', 'deploy/id_rsa'],
        trusted: false,
        recommended: 'auto',
        because: 'This folder is under version control and you work here, so edits can be undone.',
        warnings: [],
      },
    }),
    'folders/check': async () => ({
      state: 'verified',
      backend: 'bwrap 0.8.0',
      tookMs: 34,
      probes: [
        {
          kind: 'write',
          target: 'write to /home/dana/.bashrc',
          blocked: true,
          detail: 'Read-only file system',
        },
        {
          kind: 'connect',
          target: 'connect to 192.0.2.1:443',
          blocked: true,
          detail: 'Network is unreachable',
        },
        { kind: 'read', target: 'read .env.local', blocked: true, detail: 'Permission denied' },
      ],
    }),
    'folders/browse': ({ path }) => ({
      status: 'ok',
      path: path ?? '/home/dana/src',
      parent: '/home/dana',
      folders: ['billing-api', 'docs-site', 'infra', 'web-checkout'].map((name) => ({ name, git: true })),
    }),
    'folders/recent': () => [
      { path: '/home/dana/src/billing-api', lastAtMs: start - 3_600_000, trusted: true },
      { path: '/home/dana/src/docs-site', lastAtMs: start - 86_400_000, trusted: false },
    ],
    'folders/makeDemo': () => ({ path: '/home/dana/gatehouse-demo' }),
  }

  const client = createClientEnd(contract, 'catalogue')
  const [screen, served] = carrierPair()
  serveContract(contract, handlers, served, { client: 'catalogue', carrier: 'test' }, createCallMemory())
  client.attach(screen)
  return { client, ask, command: (command) => commands.send(command), patchSession }
}

function broadcaster<C>() {
  const sinks = new Set<{ change(change: C): void }>()
  return {
    add(sink: { change(change: C): void }) {
      sinks.add(sink)
      return () => void sinks.delete(sink)
    },
    send(change: C) {
      for (const sink of sinks) sink.change(change)
    },
  }
}

/** Two ends of one carrier in memory; frames arrive later, as they do over a wire. */
function carrierPair(): [Carrier, Carrier] {
  const make = () => ({ frame: (() => {}) as (frame: string | Uint8Array) => void })
  const a = make()
  const b = make()
  const end = (own: typeof a, other: typeof a): Carrier => ({
    send: (frame) => queueMicrotask(() => other.frame(frame)),
    onFrame: (listener) => void (own.frame = listener),
    onClose: () => {},
    close: () => {},
  })
  return [end(a, b), end(b, a)]
}
