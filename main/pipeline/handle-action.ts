import type { Action, CommandAction, Grant } from '../../protocol/action.ts'
import type { ApprovalRequest, Decision } from '../../protocol/approvals.ts'
import type { ActionId, ItemId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { HeldCounts, Violation } from '../../protocol/sandbox.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import type { ActionResult } from '../agent/agent.ts'
import type { Answer } from '../approvals/inbox.ts'
import { escalate } from './observe-violations.ts'

/** How a run ended, as it stands in the log. */
export type Outcome = {
  readonly status: 'ran' | 'stopped' | 'notStarted'
  readonly exitCode: number | null
  readonly signal: string | null
  readonly durationMs: number
  readonly timedOut: boolean
  readonly output: string
  readonly outputBytes: number
  readonly violations: readonly Violation[]
  readonly problem: string | null
  /** Its file calls that waited. Absent or null: none did. */
  readonly calls?: HeldCounts | null
}

/** A run under way. `outcome` settles once it ended and its outcome is on the disk. */
export type Started = {
  readonly outcome: Promise<Outcome>
  readonly processId: string | null
  soFar(): string
  /** Settles when none of its file calls waits for an answer; true: one did. Absent: none ever does. */
  nothingHeld?(): Promise<boolean>
  /** What the agent is to be told of answers to held calls, one sentence each; told once. */
  takeNotes?(): readonly string[]
}

/** What the pipeline needs from its neighbours. Tests pass fakes, `runSession` passes the real ones. */
export type PipelinePorts = {
  newId(prefix: string): string
  readonly turnId: string | null
  log(entry: LogEntry): Promise<unknown>
  /** The verdict for an action, and the grant a session grant gives it. */
  judge(action: Action): Promise<{ verdict: Verdict; grant: Grant }>
  request(about: {
    actionId: ActionId
    action: Action
    verdict: Verdict
    says: string | null
    causedBy: ActionId | null
  }): Promise<ApprovalRequest>
  review(request: ApprovalRequest): Promise<Answer>
  remember(request: ApprovalRequest, decision: Decision): void
  /** Waits while the session is paused. false: the turn was stopped. */
  ready(): Promise<boolean>
  /** Writes what will run, then starts it; writes the outcome when it ended. */
  run(actionId: ActionId, action: Action, grant: Grant): Promise<Started>
  /** Whether a stopped attempt may become a question (not with `never`, and not without a boundary). */
  mayAskAgain(): boolean
}

export type Handling = {
  readonly action: Action
  readonly says: string | null
  /** Milliseconds until a running command is answered as `running`; null waits. */
  readonly yieldMs: number | null
  readonly wait: (ms: number) => Promise<void>
}

type Cause = {
  readonly actionId: ActionId
  readonly depth: number
  readonly ranFirst: { exitCode: number | null; output: string }
}

/** Re-runs of one command that tripped again; more would only wear out the person. */
const maxDepth = 4

/** The life of one action. Every step is on the disk before the next one starts. */
export async function handleAction(
  handling: Handling,
  ports: PipelinePorts,
  cause: Cause | null = null,
): Promise<ActionResult> {
  const { action, says } = handling
  const actionId = ports.newId('ac') as ActionId
  const causedBy = cause?.actionId ?? null
  const ranFirst = cause ? { ranFirst: cause.ranFirst } : {}
  await ports.log({
    type: 'action',
    actionId,
    itemId: ports.newId('it') as ItemId,
    turnId: ports.turnId as never,
    action,
    agentSays: says,
    causedBy,
  })

  const { verdict, grant: granted } = await ports.judge(action)
  await ports.log({ type: 'verdict', actionId, verdict })
  if (verdict.kind === 'forbid')
    return { status: 'refused', by: 'policy', note: forbidWords(verdict), stop: false, ...ranFirst }

  let toRun: Action = action
  let grant = granted
  if (verdict.kind === 'review') {
    const request = await ports.request({ actionId, action, verdict, says, causedBy })
    // `review` writes request and decision before it answers.
    const answer = await ports.review(request)
    if (answer.kind === 'withdrawn') {
      if (answer.reason !== 'settingsChanged') return { status: 'interrupted' }
      return {
        status: 'refused',
        by: 'policy',
        note: 'The person narrowed the permissions while this waited.',
        stop: false,
        ...ranFirst,
      }
    }
    const { decision } = answer
    ports.remember(request, decision)
    if (decision.type === 'decline' || decision.type === 'cancel')
      return {
        status: 'refused',
        by: 'user',
        note: decision.note,
        stop: decision.type === 'cancel',
        ...ranFirst,
      }
    grant = decision.grant
    if (decision.editedCommand !== null && action.kind === 'command')
      toRun = edited(action, decision.editedCommand)
  }

  if (!(await ports.ready())) return { status: 'interrupted' }
  if (toRun.kind === 'permissions') {
    await ports.run(actionId, toRun, grant)
    return { status: 'granted', grant: toRun.grant, until: 'as the person said' }
  }
  const started = await ports.run(actionId, toRun, grant)
  const outcome = await firstOf(started, handling)
  if (outcome === 'running')
    return {
      status: 'running',
      processId: started.processId ?? '',
      output: withNotes(started.soFar(), started.takeNotes?.() ?? []),
    }
  if (outcome.status === 'stopped' && !outcome.timedOut) return { status: 'interrupted' }
  if (outcome.status === 'notStarted')
    return { status: 'failed', why: outcome.problem ?? 'It could not be started.' }

  const output = withNotes(outcome.output, started.takeNotes?.() ?? [])
  const again = toRun.kind === 'command' ? escalate(toRun, grant, outcome.violations) : null
  if (again && ports.mayAskAgain() && (cause?.depth ?? 0) < maxDepth) {
    const next = {
      actionId,
      depth: (cause?.depth ?? 0) + 1,
      ranFirst: { exitCode: outcome.exitCode, output },
    }
    return handleAction({ ...handling, action: again }, ports, next)
  }
  return {
    status: 'ran',
    exitCode: outcome.exitCode,
    output,
    durationMs: outcome.durationMs,
    timedOut: outcome.timedOut,
    violations: outcome.violations,
    edited: toRun !== action && toRun.kind === 'command' ? toRun.script : null,
  }
}

const edited = (action: CommandAction, script: string): CommandAction => ({
  ...action,
  argv: ['bash', '-c', script],
  script,
})

async function firstOf(started: Started, { yieldMs, wait }: Handling): Promise<Outcome | 'running'> {
  if (yieldMs === null || started.processId === null) return started.outcome
  const running = async (): Promise<'running'> => {
    // While the person is asked there is nothing new to look at; after the answer its time begins again.
    do await wait(yieldMs)
    while (await started.nothingHeld?.())
    return 'running'
  }
  return Promise.race([started.outcome, running()])
}

/** A program's output with what the agent is told besides; marked, since a program could print the like. */
export const withNotes = (output: string, notes: readonly string[]): string =>
  notes.length === 0
    ? output
    : `${output}${output === '' || output.endsWith('\n') ? '' : '\n'}${notes.map((n) => `[Gatehouse: ${n}]\n`).join('')}`

export function forbidWords(verdict: Verdict): string {
  switch (verdict.origin.kind) {
    case 'alreadyDenied':
      return `Already denied in this turn${verdict.justification ? `: ${verdict.justification}` : ''}. The question is not asked again.`
    case 'settings':
      return `Approval policy ${verdict.origin.approvalPolicy} never asks, and sandbox mode ${verdict.origin.sandboxMode} does not allow it.`
    case 'rule':
      return (
        verdict.justification ?? `A rule forbids it: ${verdict.origin.file}, line ${verdict.origin.line}.`
      )
    case 'forcedDelete':
      return `${verdict.origin.command} deletes without a copy, and nobody is asked here. Use a way that can be taken back.`
    case 'notInspectable':
      return `It cannot be told by reading what this would do (${verdict.origin.why}), and nobody is asked here.`
    case 'brokenFile':
      return `${verdict.origin.file} cannot be read in full, so what it might restrict is refused.`
    case 'knownSafe':
    case 'deniedRead':
    case 'ownFiles':
    case 'quietDeny':
    case 'outsideWorkspace':
    case 'protectedPath':
    case 'sandbox':
    case 'sessionGrant':
      return verdict.justification ?? 'Not allowed with the permissions in force.'
  }
}
