import { isAllow } from '../../protocol/approvals.ts'
import type { ActionId, ApprovalId, ItemId } from '../../protocol/ids.ts'
import type { LogLine } from '../../protocol/log-entry.ts'
import { containerWords } from '../../protocol/sandbox-proof.ts'
import {
  type ActionItem,
  type Item,
  quietShown,
  type SessionChange,
  type SessionSummary,
} from '../../protocol/sessions.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import { rehearsalNotice, rehearsalUsedNotice } from './rehearsal-notice.ts'

/**
 * Turns log lines into turns and items, for the live view and old logs alike: whoever feeds it the same lines
 * sees the same session. `apply` answers what changed.
 */
export class SessionProjection {
  readonly items: Item[] = []
  readonly usage = { inputTokens: 0, outputTokens: 0 }
  readonly kept = new Set<string>()
  readonly outside: { path: string; atMs: number }[] = []
  /** Requests without an answer so far, by id. */
  readonly open = new Map<ApprovalId, ActionId>()
  summary: SessionSummary | null = null
  /** Highest turn that began and has not ended. */
  openTurn: string | null = null
  ended = false

  readonly #index = new Map<ItemId, number>()
  readonly #byAction = new Map<ActionId, ItemId>()
  readonly #actionOf = new Map<ApprovalId, ActionId>()
  readonly #asked = new Map<ApprovalId, number>()

  apply(line: LogLine): readonly SessionChange[] {
    const changes: SessionChange[] = []
    const put = (item: Item): void => {
      const at = this.#index.get(item.id)
      if (at === undefined) {
        this.#index.set(item.id, this.items.length)
        this.items.push(item)
      } else {
        this.items[at] = item
      }
      changes.push({ type: 'item', item })
    }
    const patch = (actionId: ActionId, change: Partial<ActionItem>): void => {
      const item = this.actionItem(actionId)
      if (item) put({ ...item, ...change })
    }
    const count = (key: keyof SessionSummary['counts'], by = 1): void => {
      if (this.summary)
        this.#summarise({ counts: { ...this.summary.counts, [key]: this.summary.counts[key] + by } })
    }
    const { atMs } = line
    const before = this.summary

    switch (line.type) {
      case 'sessionStart':
        this.summary = {
          id: line.sessionId,
          title: line.title,
          folder: line.folder,
          branch: line.branch,
          agent: line.agent,
          agentName: line.agentName,
          state: 'starting',
          stateReason: null,
          settings: line.settings,
          sandbox:
            line.settings.sandboxMode === 'danger-full-access' ? { state: 'off' } : { state: 'checking' },
          startedAtMs: atMs,
          lastAtMs: atMs,
          turns: 0,
          waiting: 0,
          counts: { actions: 0, byItself: 0, allowed: 0, denied: 0, unanswered: 0 },
          logProblem: null,
        }
        break
      case 'sandboxVerified':
        this.#summarise({ sandbox: { state: 'verified', backend: line.backend, probes: line.probes, atMs } })
        put({
          id: line.itemId,
          turnId: null,
          atMs,
          type: 'verified',
          backend: line.backend,
          probes: line.probes,
        })
        break
      case 'containerStands': {
        const { container, probes } = line
        this.#summarise({ sandbox: { state: 'container', container, probes, atMs } })
        put({
          id: line.itemId,
          turnId: null,
          atMs,
          type: 'notice',
          level: 'warning',
          title: 'The container is the boundary',
          detail: containerWords(container, probes.length),
        })
        break
      }
      case 'sandboxStillHolds': {
        const { sandbox } = this.summary ?? {}
        if (sandbox?.state === 'verified' || sandbox?.state === 'container')
          this.#summarise({ sandbox: { ...sandbox, atMs } })
        break
      }
      case 'sandboxUnproven':
        this.#summarise({ sandbox: { state: 'unproven', detail: line.detail, probes: line.probes, atMs } })
        break
      case 'sandboxFrozen': {
        const { why, target, detail, probes } = line
        this.#summarise({ sandbox: { state: 'frozen', why, target, detail, probes, atMs } })
        put({
          id: line.itemId,
          turnId: null,
          atMs,
          type: 'notice',
          level: 'problem',
          title:
            why === 'open'
              ? 'Frozen: the sandbox let something through'
              : 'Frozen: the sandbox is not proved',
          detail: `${target}: ${detail} Stopped: ${line.stopped}. Questions withdrawn: ${line.withdrawn}.`,
        })
        break
      }
      case 'settingsChanged':
        this.#summarise({
          settings: line.to,
          ...(line.to.sandboxMode === 'danger-full-access' && this.summary?.sandbox.state !== 'frozen'
            ? { sandbox: { state: 'off' as const } }
            : {}),
        })
        put({
          id: line.itemId,
          turnId: null,
          atMs,
          type: 'settings',
          from: line.from,
          to: line.to,
          by: line.by,
          note: line.note,
        })
        break
      case 'turnStart':
        this.openTurn = line.turnId
        this.#summarise({ turns: (this.summary?.turns ?? 0) + 1, state: 'working', stateReason: null })
        put({ id: line.itemId, turnId: line.turnId, atMs, type: 'user', text: line.prompt, queued: false })
        break
      case 'turnEnd': {
        this.openTurn = null
        const ok = line.reason === 'done'
        const words = turnEndWords[line.reason]
        this.#summarise({ state: 'idle', stateReason: line.reason === 'failed' ? line.detail : null })
        put({
          id: line.itemId,
          turnId: line.turnId,
          atMs,
          type: 'turnEnd',
          ok,
          reason: line.detail ? `${words}: ${line.detail}` : words,
        })
        break
      }
      case 'message':
        put({
          id: line.itemId,
          turnId: line.turnId,
          atMs,
          type: 'agent',
          voice: line.voice,
          text: line.text,
          streaming: false,
        })
        break
      case 'action':
        this.#byAction.set(line.actionId, line.itemId)
        count('actions')
        put(newActionItem(line))
        break
      case 'verdict':
        patch(line.actionId, {
          verdict: line.verdict,
          ...(line.verdict.kind === 'forbid' ? { state: 'refused', allowedBy: 'nobody' } : {}),
          ...(line.verdict.kind === 'run' ? { allowedBy: allowedByOf(line.verdict) } : {}),
        })
        if (line.verdict.kind === 'run') count('byItself')
        break
      case 'request':
        this.open.set(line.request.id, line.actionId)
        this.#actionOf.set(line.request.id, line.actionId)
        this.#asked.set(line.request.id, atMs)
        patch(line.actionId, { approvalId: line.request.id, card: line.request, state: 'held' })
        break
      case 'decision': {
        this.open.delete(line.approvalId)
        const allows = isAllow(line.decision.type)
        count(allows ? 'allowed' : 'denied')
        patch(line.actionId, {
          state: allows ? 'releasing' : 'refused',
          allowedBy: allows ? 'you' : 'nobody',
          editedCommand: line.decision.editedCommand,
          decision: {
            type: line.decision.type,
            note: line.decision.note,
            by: line.by,
            atMs,
            waitedMs: line.waitedMs,
            lookMs: line.lookMs,
          },
        })
        break
      }
      case 'decisionUndone':
        this.open.set(line.approvalId, line.actionId)
        count('allowed', -1)
        patch(line.actionId, { state: 'held', allowedBy: null, decision: null, editedCommand: null })
        break
      case 'withdrawn': {
        this.open.delete(line.approvalId)
        const item = this.actionItem(line.actionId)
        if (item?.decision) count('allowed', -1)
        count('unanswered')
        patch(line.actionId, {
          state: 'refused',
          allowedBy: 'nobody',
          decision: null,
          unanswered: withdrawnWords[line.reason],
        })
        break
      }
      case 'run':
        patch(line.actionId, {
          state: 'running',
          terminalId: line.terminalId,
          boundary:
            line.spec.boundary !== 'bounded'
              ? outsideOf[line.spec.boundary]
              : line.spec.network === 'host' || line.spec.grantedPaths.length > 0
                ? 'granted'
                : 'sandboxed',
        })
        break
      case 'outcome':
        patch(line.actionId, {
          state:
            line.status === 'ran'
              ? 'ran'
              : line.status === 'cutShort'
                ? 'cutShort'
                : line.status === 'stopped'
                  ? 'stopped'
                  : 'refused',
          exitCode: line.exitCode,
          durationMs: line.durationMs,
          output: line.output,
          outputBytes: line.outputBytes,
          violations: line.violations,
          problem: line.problem,
          ...(line.calls ? { calls: line.calls } : {}),
        })
        break
      case 'review':
        if (line.verb !== 'revert') {
          const key = line.hunkId ?? `file:${line.path}`
          if (line.verb === 'keep') this.kept.add(key)
          else this.kept.delete(key)
        }
        if (line.verb !== 'unkeep')
          put({
            id: line.itemId,
            turnId: null,
            atMs,
            type: 'review',
            path: line.path,
            verb: line.verb,
            what: line.what,
          })
        break
      case 'wroteOutside':
        this.outside.push({ path: line.path, atMs })
        break
      case 'usage':
        this.usage.inputTokens += line.inputTokens
        this.usage.outputTokens += line.outputTokens
        changes.push({ type: 'usage', ...this.usage })
        break
      case 'ruleSaved':
        put({
          id: line.itemId,
          turnId: null,
          atMs,
          type: 'notice',
          level: line.problem === null ? 'info' : 'warning',
          title:
            line.problem === null ? 'A rule was saved' : 'The rule was not saved; only this once was allowed',
          detail: line.problem ?? line.file,
        })
        break
      case 'policyChanged':
        put({
          id: line.itemId,
          turnId: null,
          atMs,
          type: 'notice',
          level: line.problems.length > 0 ? 'warning' : 'info',
          title: 'The policy changed; it holds for the next action',
          detail: [...line.changes.map((c) => `${c.file}: ${c.what}`), ...line.problems].join('\n'),
        })
        break
      case 'notice':
        put({
          id: line.itemId,
          turnId: line.turnId,
          atMs,
          type: 'notice',
          level: line.level,
          title: line.title,
          detail: line.detail,
        })
        break
      case 'rehearsal':
        put(rehearsalNotice(line, this.openTurn))
        break
      case 'rehearsalUsed': {
        const notice = rehearsalUsedNotice(line, this.openTurn)
        if (notice) put(notice)
        break
      }
      case 'paused':
        this.#summarise({ state: line.paused ? 'paused' : this.openTurn ? 'working' : 'idle' })
        break
      case 'sessionEnd':
        this.ended = true
        this.#summarise({
          state: line.reason === 'failed' ? 'failed' : line.reason === 'appStopped' ? 'interrupted' : 'ended',
          stateReason: line.detail,
        })
        break
      case 'heldAnswer': {
        const given = line.answer !== null && line.answer.verdict !== 'deny'
        const asked = this.actionItem(line.actionId)?.decision !== null
        patch(line.actionId, {
          state: given ? 'ran' : 'refused',
          // Without an answer of its own it was covered by another, for the session.
          ...(given && !asked ? { allowedBy: 'sessionGrant', unanswered: null } : {}),
        })
        break
      }
      case 'heldByPolicy': {
        const item = this.actionItem(line.actionId)
        if (line.verdict.origin.kind === 'quietDeny' && item)
          patch(line.actionId, { quiet: withQuiet(item.quiet ?? [], line) })
        break
      }
      case 'holding':
        this.#summarise({ holdProblem: line.holds ? null : (line.why ?? 'not known') })
        if (!line.holds)
          put({
            id: line.itemId,
            turnId: null,
            atMs,
            type: 'notice',
            level: 'info',
            title: 'File calls cannot be held here',
            detail:
              `${line.why ?? ''}\nWhat the sandbox stops is asked after the command ended, and allowing it runs the command again.`.trim(),
          })
        break
      case 'hostAnswer': {
        const asked = this.actionItem(line.actionId)?.decision !== null
        patch(line.actionId, {
          state: line.allow ? 'ran' : 'refused',
          ...(line.allow && !asked ? { allowedBy: 'sessionGrant', unanswered: null } : {}),
        })
        break
      }
      case 'flow':
      case 'hostByPolicy':
      case 'hostJoined':
      case 'heldJoined':
      case 'parked':
        break
    }
    if (this.summary) this.#summarise({ lastAtMs: atMs })
    if (this.summary && this.summary !== before) changes.push({ type: 'summary', summary: this.summary })
    return changes
  }

  actionItem(actionId: ActionId): ActionItem | null {
    const id = this.#byAction.get(actionId)
    const item = id === undefined ? undefined : this.items[this.#index.get(id) ?? -1]
    return item?.type === 'action' ? item : null
  }

  #summarise(change: Partial<SessionSummary>): void {
    if (this.summary) this.summary = { ...this.summary, ...change }
  }
}

function withQuiet(
  before: NonNullable<ActionItem['quiet']>,
  { held, verdict }: Extract<LogLine, { type: 'heldByPolicy' }>,
): NonNullable<ActionItem['quiet']> {
  const one = { path: held.path, call: held.call, reason: verdict.justification ?? '' }
  return before.length >= quietShown ? before : [...before, one]
}

const newActionItem = (line: Extract<LogLine, { type: 'action' }>): ActionItem => ({
  id: line.itemId,
  turnId: line.turnId,
  atMs: line.atMs,
  type: 'action',
  actionId: line.actionId,
  action:
    line.action.kind === 'fileChange'
      ? { ...line.action, edits: line.action.edits.map((e) => ({ ...e, content: null })) }
      : line.action,
  causedBy: line.causedBy,
  verdict: null,
  approvalId: null,
  state: 'judging',
  allowedBy: null,
  editedCommand: null,
  decision: null,
  unanswered: null,
  boundary: null,
  terminalId: null,
  exitCode: null,
  durationMs: null,
  output: '',
  outputBytes: 0,
  violations: [],
  problem: null,
})

/** Where a command ran that had no boundary of ours. */
const outsideOf = { none: 'outside', container: 'container' } as const

function allowedByOf({ origin }: Verdict): ActionItem['allowedBy'] {
  switch (origin.kind) {
    case 'knownSafe':
      return 'knownSafe'
    case 'sessionGrant':
      return 'sessionGrant'
    case 'rule':
      return 'rule'
    case 'settings':
      return origin.sandboxMode === 'danger-full-access' || origin.boundary ? 'settings' : 'sandbox'
    case 'sandbox':
    case 'protectedPath':
    case 'deniedRead':
    case 'ownFiles':
    case 'quietDeny':
    case 'outsideWorkspace':
    case 'alreadyDenied':
    case 'forcedDelete':
    case 'notInspectable':
    case 'brokenFile':
      return 'sandbox'
  }
}

const turnEndWords = {
  done: 'Turn ended',
  interrupted: 'Stopped by you',
  stoppedByDenial: 'Stopped by your answer',
  failed: 'The turn could not go on',
  appStopped: 'The app stopped',
  sessionEnded: 'Session ended',
  frozen: 'Stopped: the sandbox was not proved',
} as const

const withdrawnWords = {
  sandboxFrozen: 'the session was frozen',
  turnEnded: 'the turn ended',
  interrupted: 'the turn was stopped',
  settingsChanged: 'the preset was narrowed',
  sessionEnded: 'the session ended',
  appStopped: 'the app stopped',
  processGone: 'the process is gone',
  answeredOtherwise: 'another answer settled it',
} as const
