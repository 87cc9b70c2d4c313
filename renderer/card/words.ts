import {
  type ApprovalRequest,
  type Flag,
  isAllow,
  type Offer,
  type RequestKind,
  type Tier,
} from '../../protocol/approvals.ts'
import type { CommandName } from '../keys/keymap.ts'

export const headlines: Readonly<Record<RequestKind, string>> = {
  runCommand: 'Run a command',
  runOutside: 'Run outside the sandbox',
  writeInside: 'Write in the workspace',
  writeOutside: 'Write outside the workspace',
  writeProtected: 'Write to a protected path',
  readDenied: 'Read a denied file',
  reachHost: 'Reach a network host',
  editFiles: 'Edit files',
  typeInto: 'Type into a running process',
  addPermissions: 'Add permissions',
}

export const tierWords: Readonly<Record<Tier, string>> = {
  routine: 'Routine',
  notable: 'Notable',
  serious: 'Serious',
  critical: 'Critical',
}

const flagWords: Readonly<Record<Flag, string>> = {
  untrustedOrigin: 'values from text nobody vouched for',
  notInspectable: 'not inspectable',
  changesWhatRunsLater: 'changes what runs later',
  newHere: 'new here',
  ranOnceAlready: 'ran once inside, stopped',
}
const flagOrder: readonly Flag[] = [
  'untrustedOrigin',
  'notInspectable',
  'changesWhatRunsLater',
  'newHere',
  'ranOnceAlready',
]

/** The one thing a row says besides session and tier. */
export function mainFlag(request: Pick<ApprovalRequest, 'flags' | 'contradictions'>): string | null {
  if (request.contradictions.length > 0) return 'does not match its claim'
  const flag = flagOrder.find((each) => request.flags.includes(each))
  return flag ? flagWords[flag] : null
}

/** What the button of an offer says. The host's label where the answer lasts, since only it knows until when. */
export function offerLabel(offer: Offer): string {
  switch (offer.id) {
    case 'smaller':
      return 'Allow smaller'
    case 'once':
    case 'path':
    case 'directory':
    case 'session':
    case 'lease':
    case 'gitMetadata':
    case 'outside':
    case 'rule':
      return offer.label
    case 'deny':
      return 'Deny'
    case 'denyStop':
      return 'Deny and stop'
  }
}

/** Offers in the order of the bar, with the key of each. Anything without a single key stands in More. */
export const offerCommands: Readonly<Partial<Record<Offer['id'], CommandName>>> = {
  smaller: 'smaller',
  once: 'once',
  path: 'path',
  directory: 'directory',
  session: 'session',
  gitMetadata: 'gitMetadata',
  rule: 'rule',
  deny: 'deny',
  denyStop: 'denyStop',
}

export const allows = (offer: Offer): boolean => isAllow(offer.decision)

/** How long an allow with a rule can be taken back, in milliseconds. The rule is saved when that is over. */
export const ruleUndoMs = 8000

/** What was answered, as a sentence without its end: "Allowed once", "Denied". */
export function answerWords(decision: Offer['decision']): string {
  switch (decision) {
    case 'accept':
      return 'Allowed once'
    case 'acceptForSession':
      return 'Allowed for this session'
    case 'acceptWithAmendment':
      return 'Allowed, with a rule'
    case 'decline':
      return 'Denied'
    case 'cancel':
      return 'Denied, turn stopped'
  }
}

const withdrawnWords = {
  sandboxFrozen: 'the session was frozen',
  turnEnded: 'the turn ended',
  interrupted: 'the turn was interrupted',
  settingsChanged: 'the preset changed',
  sessionEnded: 'the session ended',
  appStopped: 'not answered: the app stopped',
  processGone: 'the process is gone',
  answeredOtherwise: 'another answer settled it',
} as const

/** Where a request stands, for rows and cards. null while it waits. */
export function stateLine(request: ApprovalRequest): string | null {
  const { state } = request
  switch (state.state) {
    case 'waiting':
      return null
    case 'parked':
      return 'Parked: the agent keeps waiting'
    case 'releasing': {
      const offer = request.offers.find(({ id }) => id === state.offerId)
      return offer ? answerWords(offer.decision) : 'Answered'
    }
    case 'decided':
      return `${answerWords(state.decision)} by ${state.by === 'user' ? 'you' : 'auto-review'}`
    case 'withdrawn':
      return `No longer needed: ${withdrawnWords[state.reason]}`
  }
}

/** What denials often say; each is only the start of a note. */
export const noteStarters: readonly string[] = ['Use … instead', 'Not this host', 'Stop and ask me first']
