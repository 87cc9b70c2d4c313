import path from 'node:path'
import { type Action, type FileAccessAction, type Grant, noGrant } from '../../protocol/action.ts'
import type { ApprovalRequest, Piece, RequestKind, Slots, Tier } from '../../protocol/approvals.ts'
import type { ActionId, ApprovalId, ItemId, SessionId, TurnId } from '../../protocol/ids.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import { findContradictions } from '../policy/contradictions.ts'
import { inspectCommand } from '../policy/inspect-command.ts'
import type { DecodedCommand } from '../policy/shell/command-part.ts'
import { changesWhatRunsLater, tierOf } from '../policy/tier.ts'
import { offersFor, requestKind } from './build-offers.ts'
import type { PastAnswer } from './decision-history.ts'
import { digestOf, fingerprintOf } from './fingerprint.ts'
import { rungsOf } from './held-offers.ts'
import { heldChanges, heldEvidence, heldOrigin, heldReach, heldSubject, heldWants } from './held-words.ts'
import {
  hostChanges,
  hostEvidence,
  hostOrigin,
  hostReach,
  hostScope,
  hostSubject,
  hostWants,
} from './host-words.ts'

/** All that a card is written from. Gathered by the pipeline; nothing is looked up here. */
export type RequestFacts = {
  readonly id: ApprovalId
  readonly sessionId: SessionId
  readonly turnId: TurnId
  readonly actionId: ActionId
  readonly action: Action
  readonly verdict: Verdict
  readonly agentSays: string | null
  readonly folder: string
  readonly home: string
  readonly requestedAtMs: number
  readonly past: readonly PastAnswer[]
  /** Where the decisive value first stood in this session. */
  readonly origin: { readonly words: string; readonly foreign: string | null; readonly itemId: ItemId | null }
  /** Some path of it lies inside a protected path. */
  readonly protectedPath: boolean
  readonly ranOnce: boolean
  readonly context: ApprovalRequest['context']
  /** The command as it was read; null for every other kind. */
  readonly decoded: DecodedCommand | null
  /** For a held call: the command line whose process calls. Absent: not known. */
  readonly ofCommand?: string | null
  /** What the same command tripped over before in this session. Absent or null: nothing is known. */
  readonly missing?: Grant | null
}

const host = (text: string): Piece => ({ voice: 'host', text })
const machine = (text: string): Piece => ({ voice: 'machine', text })
const boundary = (text: string): Piece => ({ voice: 'boundary', text })
const foreign = (text: string): Piece => ({ voice: 'foreign', text })

/** A path in two parts: what leads to it, and what to look at (below the folder, or the last segment). */
function splitPath(target: string, folder: string): { readonly lead: string; readonly point: string } {
  if (target.startsWith(`${folder}/`)) return { lead: `${folder}/`, point: target.slice(folder.length + 1) }
  const at = target.lastIndexOf('/') + 1
  return { lead: target.slice(0, at), point: target.slice(at) }
}

/** For the list, where room is short: relative inside the folder, from the home otherwise. The card has it in full. */
const shortPath = (target: string, folder: string, home: string): string =>
  target.startsWith(`${folder}/`)
    ? target.slice(folder.length + 1)
    : target.startsWith(`${home}/`)
      ? `~${target.slice(home.length)}`
      : target

/** Writes the card from the decoded action. Pure; the agent's words only enter `agentSays`. */
export function buildRequest(f: RequestFacts): ApprovalRequest {
  const { action } = f
  const kind = requestKind(action, f.protectedPath, f.folder)
  const widest = shownGrant(action, kind)
  const allowed = f.past.filter((p) => p.outcome === 'allowed').length
  const denied = f.past.filter((p) => p.outcome === 'denied').length
  const { tier, reasons, flags } = tierOf(action, {
    folder: f.folder,
    home: f.home,
    grant: widest,
    allowedBefore: allowed,
    deniedBefore: denied,
    ranOnce: f.ranOnce,
    foreignOrigin: f.origin.foreign !== null,
    decoded: f.decoded,
    protectedPath: f.protectedPath,
  })
  const opaque = f.decoded ? inspectCommand(f.decoded).opaque : null
  const offers = offersFor(
    action,
    kind,
    tier,
    f.decoded?.notInspectable === null || action.kind === 'fileChange' || action.kind === 'fileAccess',
    f.missing ?? null,
  )
  const evidence: ApprovalRequest['evidence'] = [
    { label: 'Why it was held', pieces: [host(whyHeld(f))] },
    { label: `Why ${tier}`, pieces: [host(reasons.join('; '))] },
  ]
  if (opaque !== null)
    evidence.unshift({
      label: 'Not inspectable',
      pieces: [host(`${opaque}. Nobody can tell from the text what it will do.`)],
    })
  for (const violation of action.escalation?.violations ?? [])
    evidence.push({ label: 'What was stopped', pieces: [foreign(violation.evidence)] })
  if (action.kind === 'command') evidence.push({ label: 'Runs in', pieces: [machine(action.cwd)] })
  if (action.kind === 'fileAccess')
    evidence.push(...heldEvidence(action, `${f.origin.words}${f.origin.foreign ?? ''}`))
  if (action.kind === 'hostAccess')
    evidence.push(...hostEvidence(action, `${f.origin.words}${f.origin.foreign ?? ''}`))
  if (action.kind === 'fileChange')
    for (const edit of action.edits)
      evidence.push({
        label: edit.change,
        pieces: [machine(`${edit.path}\n`), foreign(edit.diff.slice(0, 20_000))],
      })

  return {
    id: f.id,
    sessionId: f.sessionId,
    turnId: f.turnId,
    actionId: f.actionId,
    revision: 1,
    kind,
    // The new contents stand in the log's action; the card shows the diff.
    action: withoutContents(action),
    verdict: f.verdict,
    tier,
    tierReasons: [...reasons],
    flags: [...flags],
    subject: subjectOf(f, kind),
    slots: slotsOf(f, kind, widest, allowed, denied, tier),
    contradictions: [...findContradictions(action, f.agentSays)],
    agentSays: f.agentSays?.slice(0, 20_000) ?? null,
    evidence,
    offers: [...offers],
    editable: action.kind === 'command' ? (action.script ?? quoteArgv(action.argv)) : null,
    echo: tier === 'critical' ? echoWord(action, widest, f.folder, f.home) : null,
    stopsAgent: true,
    digest: digestOf(action),
    fingerprint: fingerprintOf(action, f.decoded),
    requestedAtMs: f.requestedAtMs,
    state: { state: 'waiting' },
    context: f.context,
  }
}

/** The grant that decides the tier: the one behind the plainest yes. */
const shownGrant = (action: Action, kind: RequestKind): Grant =>
  kind === 'addPermissions' && action.kind === 'permissions'
    ? action.grant
    : action.kind === 'fileAccess'
      ? (rungsOf(action).git ?? rungsOf(action).own)
      : (action.escalation?.ladder[0] ?? noGrant)

export function withoutContents<A extends Action>(action: A): A {
  if (action.kind !== 'fileChange') return action
  return { ...action, edits: action.edits.map((e) => ({ ...e, content: null })) }
}

/** Words of an argv as one editable shell line; plain words stay plain. */
export const quoteArgv = (argv: readonly string[]): string =>
  argv.map((w) => (/^[\w@%+=:,./-]+$/.test(w) ? w : `'${w.replaceAll("'", `'\\''`)}'`)).join(' ')

const commandText = (action: Extract<Action, { kind: 'command' }>): string =>
  action.script ?? quoteArgv(action.argv)

function subjectOf({ action, folder, home, ofCommand }: RequestFacts, kind: RequestKind): string {
  switch (action.kind) {
    case 'hostAccess':
      return hostSubject(action, ofCommand ?? null)
    case 'command':
      return commandText(action).slice(0, 300)
    case 'fileChange': {
      const [first, ...rest] = action.edits
      return `${kind === 'editFiles' ? 'edit' : 'write'} ${shortPath(first?.path ?? '', folder, home)}${rest.length > 0 ? ` and ${rest.length} more` : ''}`
    }
    case 'input':
      return `type ${JSON.stringify(action.text).slice(0, 200)}`
    case 'permissions':
      return grantWords(action.grant).join(', ')
    case 'fileAccess':
      if (rungsOf(action).git && ofCommand) return `${ofCommand}, in the git directory`.slice(0, 300)
      return `${heldSubject(action.held, folder, home)}${ofCommand ? `, by ${ofCommand}` : ''}`.slice(0, 300)
  }
}

/** A grant as it would be recorded, one line a part. */
export function grantWords(grant: Grant): string[] {
  if (grant.unsandboxed) return ['no boundary']
  const words = grant.writePaths.map((p) => `write ${p}`)
  words.push(...(grant.readPaths ?? []).map((p) => `read ${p}`))
  if (grant.gitMetadata) words.push('git metadata of this repository')
  words.push(
    ...(grant.hosts ?? []).map(({ pattern, port }) => `reach ${pattern}${port === null ? '' : `:${port}`}`),
  )
  if (grant.network) words.push('network open')
  return words.length > 0 ? words : ['nothing beyond the sandbox']
}

/** Longer than this nobody types a path; its end does then. */
const longestEcho = 200

/** What a person types to allow a critical request: of a path enough to tell it from every other one. */
const echoWord = (action: Action, grant: Grant, folder: string, home: string): string => {
  const target =
    grant.writePaths[0] ??
    grant.readPaths?.[0] ??
    (action.kind === 'fileChange' ? action.edits[0]?.path : undefined)
  if (target !== undefined) {
    const short = shortPath(target, folder, home)
    return short.length > longestEcho ? path.basename(target).slice(-longestEcho) : short
  }
  return action.kind === 'command' ? (commandText(action).split(/\s+/)[0] ?? 'run').slice(0, 40) : 'allow'
}

function whyHeld({ verdict }: RequestFacts): string {
  const { origin } = verdict
  switch (origin.kind) {
    case 'settings':
      return `${origin.boundary ? 'The container is the boundary. ' : ''}Sandbox mode ${origin.sandboxMode} with approval policy ${origin.approvalPolicy} asks about this.`
    case 'sandbox':
      return 'It ran inside the sandbox first, and the sandbox stopped a part of it.'
    case 'protectedPath':
      return `${origin.path} is protected: what is in it decides what runs later.`
    case 'outsideWorkspace':
      return `${origin.path} lies outside what this session may write.`
    case 'deniedRead':
      return `The settings deny reading ${origin.path}, and a running command wants to.`
    case 'rule':
      return `${verdict.justification ? `${verdict.justification} ` : ''}${origin.file}, line ${origin.line}.`
    case 'forcedDelete':
      return `${origin.command} deletes without a copy; that is asked in every mode.`
    case 'notInspectable':
      return `It cannot be told by reading what it does: ${origin.why}.`
    case 'brokenFile':
      return `${origin.file} cannot be read in full, so what it might restrict is asked.`
    case 'knownSafe':
    case 'sessionGrant':
    case 'ownFiles':
    case 'quietDeny':
    case 'alreadyDenied':
      return verdict.justification ?? ''
  }
}

function slotsOf(
  f: RequestFacts,
  kind: RequestKind,
  grant: Grant,
  allowed: number,
  denied: number,
  tier: Tier,
): Slots {
  const { action } = f
  const first = action.escalation?.violations[0]
  if (action.kind === 'fileAccess') return heldSlots(f, action, grant, allowed, denied, tier)
  if (action.kind === 'hostAccess')
    return {
      wants: hostWants(action),
      changes: hostChanges(action),
      scope: hostScope(action),
      origin: { pieces: hostOrigin(action, f.ofCommand ?? null), itemId: f.origin.itemId },
      reach: [...hostReach],
      history: historySlot(f, allowed, denied),
    }
  return {
    wants: wants(f),
    changes: changes(action, grant),
    scope: scope(kind, grant, first && first.kind === 'connect' ? first : null),
    origin: {
      pieces: [host(f.origin.words), ...(f.origin.foreign === null ? [] : [foreign(f.origin.foreign)])],
      itemId: f.origin.itemId,
    },
    reach: reach(grant, action, f),
    history: historySlot(f, allowed, denied),
  }
}

const historySlot = (f: RequestFacts, allowed: number, denied: number): Slots['history'] => ({
  pieces: [host(historyWords(f.past, allowed, denied, f.requestedAtMs))],
  ticks: f.past.map((p) => p.outcome),
})

function heldSlots(
  f: RequestFacts,
  action: FileAccessAction,
  grant: Grant,
  allowed: number,
  denied: number,
  tier: Tier,
): Slots {
  return {
    wants: heldWants(action),
    changes: heldChanges(action),
    scope: grantWords(grant).flatMap((w, i) => [...(i > 0 ? [host(', ')] : []), machine(w)]),
    origin: { pieces: heldOrigin(action, f.ofCommand ?? null), itemId: f.origin.itemId },
    reach: heldReach(action, tier, grant),
    history: historySlot(f, allowed, denied),
  }
}

function wants({ action, folder }: RequestFacts): Piece[] {
  switch (action.kind) {
    case 'fileAccess':
      return heldWants(action)
    case 'hostAccess':
      return hostWants(action)
    case 'command': {
      const text = commandText(action)
      const marks = (action.escalation?.ladder[0]?.writePaths ?? []).flatMap((p) => [p, path.basename(p)])
      for (const v of action.escalation?.violations ?? [])
        if (v.kind === 'connect' && v.host)
          marks.unshift(v.host, ...(/^(?:127\.|::1$)/.test(v.host) ? ['localhost'] : []))
      const mark = marks.find((m) => m.length > 2 && text.includes(m))
      if (mark === undefined) return [machine(text)]
      const at = text.indexOf(mark)
      return [machine(text.slice(0, at)), boundary(mark), machine(text.slice(at + mark.length))].filter(
        (p) => p.text !== '',
      )
    }
    case 'fileChange':
      return action.edits.slice(0, 4).flatMap((e, i) => {
        const { lead, point } = splitPath(e.path, folder)
        return [...(i > 0 ? [host(', ')] : []), machine(`${e.change} ${lead}`), boundary(point)]
      })
    case 'input':
      return [machine(JSON.stringify(action.text)), host(' into '), machine(quoteArgv(action.argv))]
    case 'permissions':
      return grantWords(action.grant).flatMap((w, i) => [...(i > 0 ? [host(', ')] : []), boundary(w)])
  }
}

function changes(action: Action, grant: Grant): Piece[] {
  if (action.kind === 'fileChange') {
    const added = action.edits.reduce((n, e) => n + e.added, 0)
    const removed = action.edits.reduce((n, e) => n + e.removed, 0)
    const files = action.edits.length === 1 ? '1 file' : `${action.edits.length} files`
    return [host(`${files}, `), machine(`+${added} -${removed}`)]
  }
  if (action.kind === 'permissions') return [host('nothing by itself; it widens what later commands can do')]
  if (action.kind === 'input') return [host('not predictable: the program decides what it makes of it')]
  if (action.kind === 'fileAccess') return heldChanges(action)
  if (action.kind === 'hostAccess') return hostChanges(action)
  const commit = /\bgit\s+commit\b/.test(commandText(action))
  const records = grant.gitMetadata ? ['git metadata'] : []
  const at = [...grant.writePaths.map((p) => path.basename(p)), ...records].join(', ')
  if (commit) return [host('creates a commit; '), machine(at), host(' changes')]
  if (at) return [host('writes below '), machine(at), host('; what exactly is not predictable')]
  return [host('not predictable from the text')]
}

function scope(
  kind: RequestKind,
  grant: Grant,
  connect: { host: string | null; port: number | null } | null,
): Piece[] {
  if (kind === 'reachHost') {
    const target = connect?.host ? `${connect.host}${connect.port === null ? '' : `:${connect.port}`}` : null
    return [
      ...(target ? [host('wanted: '), machine(target), host('. ')] : []),
      host(
        'Granted would be the whole network while it runs: this sandbox cannot yet narrow it to one host.',
      ),
    ]
  }
  if (kind === 'runCommand' || kind === 'typeInto') return [host('inside the sandbox, once')]
  if (kind === 'editFiles') return [host('these edits, once')]
  return grantWords(grant).flatMap((w, i) => [...(i > 0 ? [host(', ')] : []), machine(w)])
}

function reach(grant: Grant, action: Action, { ranOnce, home, folder }: RequestFacts): Piece[] {
  const again = ranOnce ? ' It runs again from the start; what it did the first time stays done.' : ''
  if (grant.unsandboxed)
    return [host(`Every file, key and host your account can reach. Cannot be undone.${again}`)]
  if (grant.network)
    return [host(`Any host, and any file this session can read could be sent. Cannot be undone.${again}`)]
  const paths = action.kind === 'fileChange' ? action.edits.map((e) => e.path) : grant.writePaths
  if (paths.some((p) => changesWhatRunsLater(p, home)))
    return [host(`Runs later as you, outside any sandbox, until somebody removes it.${again}`)]
  if (grant.gitMetadata || grant.writePaths.some((p) => p.endsWith('/.git')))
    return [host(`Commits, branches and the index of this repository. Hooks and config stay closed.${again}`)]
  if (grant.writePaths.length > 0)
    return grant.writePaths.every((p) => p.startsWith(`${folder}/`))
      ? [host(`Can be put back from the checkpoint of this turn.${again}`)]
      : [host(`These paths become writable; no checkpoint covers them.${again}`)]
  if (action.kind === 'fileChange') return [host('Can be put back from the checkpoint of this turn.')]
  return [host(`Nothing beyond the sandbox.${again}`)]
}

function historyWords(past: readonly PastAnswer[], allowed: number, denied: number, nowMs: number): string {
  if (past.length === 0) return 'Never asked here before.'
  const lastDenial = past.findLast((p) => p.outcome === 'denied')
  const parts = [
    `Asked ${past.length} ${past.length === 1 ? 'time' : 'times'} here: ${allowed} allowed, ${denied} denied.`,
  ]
  if (lastDenial) {
    const days = Math.floor((nowMs - lastDenial.atMs) / 86_400_000)
    const when = days === 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`
    parts.push(`Last denied ${when}${lastDenial.note ? `: “${lastDenial.note}”` : ''}.`)
  }
  return parts.join(' ')
}
