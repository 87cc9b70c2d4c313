import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from '../../protocol/app.ts'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { Notice } from '../../protocol/config.ts'
import { createCallMemory } from '../../protocol/host-end.ts'
import type { ApprovalId, SessionId } from '../../protocol/ids.ts'
import { presetOf, roomOf } from '../../protocol/settings.ts'
import { DecisionHistory } from '../approvals/decision-history.ts'
import { Inbox } from '../approvals/inbox.ts'
import { PastQuestions } from '../approvals/past-questions.ts'
import { RuleUses } from '../approvals/rule-use.ts'
import { defaultSystemDir } from '../config/config-places.ts'
import { FolderTrust } from '../config/folder-trust.ts'
import { PreferenceStore } from '../config/preferences.ts'
import { createSessionProxy } from '../network/session-proxy.ts'
import { systemClock } from '../platform/clock.ts'
import { lockHome } from '../platform/home-lock.ts'
import { systemIds } from '../platform/ids.ts'
import { loadShellGrammar } from '../platform/shell-grammar.ts'
import { createDecoder } from '../policy/shell/decode-command.ts'
import { createSandbox } from '../sandbox/create-sandbox.ts'
import { SessionStore } from '../sessions/session-store.ts'
import { appHandlers } from './handlers/app.ts'
import { approvalHandlers } from './handlers/approvals.ts'
import { policyHandlers } from './handlers/policy.ts'
import { rehearsalHandlers } from './handlers/rehearsal.ts'
import { ruleHandlers } from './handlers/rules.ts'
import { sandboxHandlers } from './handlers/sandbox.ts'
import { sessionHandlers } from './handlers/sessions.ts'
import { terminalHandlers } from './handlers/terminals.ts'
import { workspaceHandlers } from './handlers/workspace.ts'
import type { CreateHost, Host, MenuState } from './host.ts'
import type { HostContext } from './host-context.ts'
import { holdToPolicy } from './policy/hold-to-policy.ts'
import { permitted } from './policy/permitted.ts'
import { PolicyStore } from './policy/policy-store.ts'
import { type RuleDesk, ruleDesk } from './policy/rule-desk.ts'
import { SessionDirectory } from './session-directory.ts'
import { endSession } from './start-session.ts'

/** A request that nobody looked at is announced outside the app after this long, in milliseconds. */
const notifyAfterMs = 3000

/** How long a new rule can be taken back, in milliseconds. */
const ruleUndoMs = 8000

/** Wires everything once. The only place that says which implementation is used. @throws HomeInUse */
export const createHost: CreateHost = async ({ home, version, surface, launcher }): Promise<Host> => {
  await mkdir(path.join(home, 'state'), { recursive: true, mode: 0o700 })
  const lock = await lockHome(home)
  const clock = systemClock
  const preferences = new PreferenceStore(home)
  await preferences.load()
  const history = new DecisionHistory()
  const folders = await FolderTrust.load(home, clock)
  const startProblems: Notice[] = []
  const grammar = await loadShellGrammar().catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    startProblems.push({ level: 'problem', code: 'shellGrammarMissing', message, place: null })
    return null
  })
  const policy = new PolicyStore({
    places: { systemDir: defaultSystemDir, gatehouseHome: home },
    // Besides the system's own, so that a variable can only narrow.
    moreRequirements: process.env['GATEHOUSE_REQUIREMENTS_DIR'] ?? null,
    folders,
    clock,
    decode: createDecoder(grammar),
    startProblems,
  })
  const past = new PastQuestions()
  const uses = new RuleUses()
  let desk: RuleDesk | null = null
  const inbox = new Inbox({
    clock,
    checkRule: async (request, rule) =>
      desk ? desk.checkAnswer(request, rule) : 'The app is still starting.',
    saveRule: async (request, rule, log) => {
      const saved = await (desk as RuleDesk).save({ replaces: null, rule }, { reviewed: false })
      const ok = saved.status === 'saved'
      await log({
        type: 'ruleSaved',
        itemId: systemIds.next('it') as never,
        approvalId: request.id,
        ruleId: ok ? saved.id : null,
        file: policy.rules.ownFile,
        problem: ok ? null : saved.why,
      })
    },
    undoMs: ({ tier }: ApprovalRequest, offerId) => {
      if (offerId === 'rule') return ruleUndoMs
      const { undoMs, undoSeriousMs } = preferences.value
      return tier === 'serious' || tier === 'critical' ? undoSeriousMs : undoMs
    },
  })
  const store = new SessionStore(home, clock, systemIds)
  const sessions = new SessionDirectory(store, history)
  sessions.onPastLog((lines) => {
    past.addLog(lines, clock.nowMs())
    uses.addLog(lines)
  })
  desk = ruleDesk({ policy, clock, ids: systemIds, past, inbox })
  await policy.start()
  const commands = new Set<(command: Command) => void>()
  const menuListeners = new Set<(state: MenuState) => void>()
  let focused: SessionId | null = null
  let closing = false

  const context: HostContext = {
    home,
    version,
    surface,
    clock,
    ids: systemIds,
    sandbox: createSandbox({ launcher, stateDir: path.join(home, 'state', 'sandbox'), clock }),
    inbox,
    history,
    store,
    sessions,
    preferences,
    folders,
    policy,
    desk,
    past,
    uses,
    createProxy:
      process.platform === 'linux'
        ? (gate) => createSessionProxy({ gate, clock, ownPorts: () => surface.ownPorts?.() ?? [] })
        : null,
    demoPace: demoPace(process.env['GATEHOUSE_DEMO_PACE']),
    commands,
    focus: {
      get: () => focused,
      set: (id) => {
        focused = id
        tellMenu()
      },
    },
    closing: () => closing,
  }

  const menuState = (): MenuState => {
    const live = [...sessions.live.values()].map((s) => s.feed.summary)
    const shown = live.find((s) => s.id === focused)
    return {
      focused: shown ? { id: shown.id, title: shown.title, preset: shown.settings.preset } : null,
      sessions: live.map((s) => ({
        id: s.id,
        title: s.title,
        words: s.waiting > 0 ? `waiting ${s.waiting}` : s.state,
      })),
      waiting: inbox.waiting(),
      unbounded: live.filter((s) => s.settings.sandboxMode === 'danger-full-access').length,
    }
  }
  let menuDue = false
  function tellMenu(): void {
    if (menuDue) return
    menuDue = true
    queueMicrotask(() => {
      menuDue = false
      const state = menuState()
      surface.setBadge({ waiting: state.waiting, unbounded: state.unbounded })
      for (const listener of menuListeners) listener(state)
    })
  }

  const announced = new Map<ApprovalId, () => void>()
  inbox.onChange((change) => {
    if (change.type === 'request') {
      const { id, sessionId, state, tier } = change.request
      for (const each of [sessionId, ...(change.request.alsoFor ?? []).map((other) => other.sessionId)])
        sessions.live.get(each)?.feed.emitSummary()
      if (state.state === 'waiting' && !announced.has(id)) {
        const cancel = clock.after(notifyAfterMs, () => announce(id))
        announced.set(id, cancel)
      }
      if (state.state !== 'waiting') {
        announced.get(id)?.()
        surface.withdrawNote(sessionId)
      }
      void tier
    } else {
      announced.delete(change.id)
    }
    tellMenu()
  })
  function announce(id: ApprovalId): void {
    const request = inbox.requests.find((r) => r.id === id)
    if (request?.state.state !== 'waiting' || !preferences.value.notifications) return
    const { session } = request.context
    const count = inbox.waiting(request.sessionId)
    surface.notify({
      title: `${session} is waiting`,
      body: `${request.tier[0]?.toUpperCase()}${request.tier.slice(1)}: ${headlines[request.kind]}${count > 1 ? `, and ${count - 1} more` : ''}`,
      tag: request.sessionId,
      silent: request.tier === 'routine',
      onOpen: { type: 'show', page: 'inbox' },
    })
  }
  policy.onChange(({ changes, digest, problems }) => {
    for (const session of sessions.live.values())
      void holdToPolicy(session, context, { changes, digest, problems }).catch(() => {})
  })
  sessions.onChange(() => tellMenu())
  void context.sandbox.detect().catch(() => {})
  // Past sessions are read while the app is already usable.
  const loaded = sessions.load()

  return {
    handlers: {
      ...appHandlers(context),
      ...approvalHandlers(context),
      ...policyHandlers(context),
      ...rehearsalHandlers(context),
      ...ruleHandlers(context),
      ...sandboxHandlers(context),
      ...sessionHandlers(context),
      ...terminalHandlers(context),
      ...workspaceHandlers(context),
    },
    memory: createCallMemory(),
    onMenuState(listener) {
      menuListeners.add(listener)
      listener(menuState())
      return () => void menuListeners.delete(listener)
    },
    command(command) {
      for (const listener of commands) listener(command)
    },
    async setPreset(id, preset) {
      const session = sessions.live.get(id)
      if (!session) return
      const { to, lowered } = await permitted(
        session.feed.summary.folder,
        session.settingsFor(preset, null),
        context,
      )
      const wider = roomOf(presetOf(preset).sandboxMode) > roomOf(session.settings.sandboxMode)
      // The dialog shows what is locked, by whom and why.
      if (wider || lowered.length > 0) {
        for (const listener of commands) listener({ type: 'choosePreset', id, preset })
        return
      }
      await session.changeSettings(to, 'user', null)
    },
    async endLeases() {
      const leased = [...sessions.live.values()].filter((s) => s.settings.leaseEndsAtMs !== null)
      await Promise.all(
        leased.map((s) =>
          s.changeSettings(
            s.settingsFor('auto', null),
            'leaseEnded',
            'The screen was locked or the machine went to sleep.',
          ),
        ),
      )
    },
    async pauseAll() {
      await Promise.all([...sessions.live.values()].map((s) => s.pause(true)))
    },
    async close() {
      if (closing) return
      closing = true
      policy.dispose()
      await loaded.catch(() => {})
      const live = [...sessions.live.values()]
      await Promise.allSettled(live.map((s) => endSession(s, context, 'appClosed', 'The app was closed.')))
      await lock.release()
    },
  }
}

const headlines: Readonly<Record<ApprovalRequest['kind'], string>> = {
  runCommand: 'run a command',
  runOutside: 'run outside the sandbox',
  writeInside: 'write in the workspace',
  writeOutside: 'write outside the workspace',
  writeProtected: 'write to a protected path',
  readDenied: 'read a denied file',
  reachHost: 'reach a network host',
  editFiles: 'edit files',
  typeInto: 'type into a running program',
  addPermissions: 'add permissions',
}

/** GATEHOUSE_DEMO_PACE: 0 to 10; anything else is 1. */
function demoPace(text: string | undefined): number {
  const pace = Number(text)
  return text !== undefined && text !== '' && pace >= 0 && pace <= 10 ? pace : 1
}
