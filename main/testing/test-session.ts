import type { ApprovalRequest, Offer } from '../../protocol/approvals.ts'
import type { SessionId } from '../../protocol/ids.ts'
import type { LogEntry, LogLine } from '../../protocol/log-entry.ts'
import type { RuleDraft } from '../../protocol/rule-draft.ts'
import { type Settings, settingsOf } from '../../protocol/settings.ts'
import type { ActionResult, Agent, Proposal } from '../agent/agent.ts'
import { DecisionHistory } from '../approvals/decision-history.ts'
import { Inbox } from '../approvals/inbox.ts'
import { LiveSession } from '../pipeline/run-session.ts'
import type { NetworkParts } from '../pipeline/session-network.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import { noLookup, type RuleLookup } from '../policy/rules/rule-lookup.ts'
import type { Sandbox } from '../sandbox/backend.ts'
import type { SessionLogWriter } from '../sessions/session-log-writer.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { decode } from './decoder.ts'
import { FakeSandbox } from './fake-sandbox.ts'
import { sessionStart } from './log-entries.ts'

export const shellProposal = (
  script: string,
  more: Partial<Extract<Proposal, { kind: 'command' }>> = {},
): Proposal => ({
  kind: 'command',
  argv: null,
  script,
  cwd: null,
  escalation: null,
  timeoutMs: 0,
  yieldMs: null,
  says: null,
  ...more,
})

const workspace: Workspace = {
  checkpoint: async () => 'c0ffee',
  watch: () => ({ stop: () => {} }),
  setBase: () => {},
  review: async () => ({ status: 'done', why: null }),
  noteOutside: () => {},
  dispose: async () => {},
} as unknown as Workspace

/** A real session (policy, pipeline, inbox) over a fake sandbox and a log in memory. */
export async function testSession(
  options: {
    settings?: Settings
    rules?: RuleLookup
    clock?: Clock
    /** Absolute. Absent: a folder that is nowhere. */
    folder?: string
    /** Absent: one without processes. */
    sandbox?: Sandbox
    network?: NetworkParts
    inbox?: Inbox
    id?: string
    failLog?: (entry: LogEntry) => boolean
    /** A line of the log takes as long as this; absent: no time. */
    slowLog?: (entry: LogEntry) => Promise<void> | undefined
  } = {},
) {
  const id = (options.id ?? 'se_1') as SessionId
  const clock = options.clock ?? systemClock
  const sandbox = new FakeSandbox()
  const log: LogLine[] = []
  let n = 0
  const saved: RuleDraft[] = []
  const inbox =
    options.inbox ??
    new Inbox({
      clock: systemClock,
      undoMs: () => 0,
      checkRule: async () => null,
      saveRule: async (_request, rule) => void saved.push(rule),
    })
  const writer = {
    async append(entry: LogEntry) {
      if (options.failLog?.(entry)) throw new Error('disk full')
      await options.slowLog?.(entry)
      const line = { ...entry, seq: log.length, atMs: 1000 + log.length, prev: '' } as LogLine
      log.push(line)
      return line
    },
    close: async () => {},
  } as unknown as SessionLogWriter

  let propose: (proposal: Proposal) => Promise<ActionResult> = async () => {
    throw new Error('No turn runs.')
  }
  const begun = Promise.withResolvers<void>()
  const agent: Agent = {
    name: 'Test',
    dispose: async () => {},
    async runTurn(_prompt, ports) {
      propose = ports.propose
      begun.resolve()
      await new Promise<void>((resolve) => ports.signal.addEventListener('abort', () => resolve()))
      return { reason: 'interrupted' }
    },
  }
  const session = new LiveSession({
    id,
    folder: options.folder ?? '/w',
    gatehouseHome: '/home/dana/.gatehouse',
    clock,
    ids: { next: (prefix) => `${prefix}_${id === 'se_1' ? '' : `${id}_`}${++n}` },
    sandbox: options.sandbox ?? sandbox,
    ...(options.network ? { network: options.network } : {}),
    inbox,
    history: new DecisionHistory(),
    agent,
    env: {},
    writer,
    settings: options.settings ?? settingsOf('auto'),
    policy: { rules: async () => options.rules ?? noLookup, decode, noteUse: () => {}, noteAnswer: () => {} },
    workspace: Promise.resolve(workspace),
    proof: { backend: 'fake', atMs: clock.nowMs() },
    scan: async () => ({ gitDirs: [], hardLinks: [], cut: null }),
  })
  await session.note(sessionStart({ settings: options.settings ?? settingsOf('auto') }))
  session.prompt('go')
  await begun.promise

  const shown: ApprovalRequest[] = []
  inbox.onChange((c) => {
    if (c.type === 'request' && !shown.some((r) => r.id === c.request.id)) shown.push(c.request)
  })
  return {
    session,
    sandbox,
    inbox,
    log,
    shown,
    saved,
    types: () => log.map((l) => l.type),
    propose: (proposal: Proposal) => propose(proposal),
    /** Answers questions in order; complains when nobody scripted an answer. */
    answer(...answers: { offerId: Offer['id']; note?: string; editedCommand?: string; echo?: string }[]) {
      inbox.onChange((c) => {
        if (c.type !== 'request' || c.request.state.state !== 'waiting') return
        const next = answers.shift()
        if (!next) throw new Error(`Nobody scripted an answer to: ${c.request.subject}`)
        const { id, revision } = c.request
        queueMicrotask(() => void inbox.decide({ id, revision, lookMs: 1, ...next }, 'user'))
      })
    },
  }
}
