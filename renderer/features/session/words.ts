import type { ActionItem, AllowedBy, SessionState } from '../../../protocol/sessions.ts'
import { presetOf, type Settings } from '../../../protocol/settings.ts'
import type { Origin, Verdict } from '../../../protocol/verdict.ts'
import { fileName } from '../../state/policy-words.ts'

/** How an action came to run, for the margin of the timeline. */
export const allowedWords: Record<AllowedBy, string> = {
  sandbox: 'sandbox',
  knownSafe: 'known to only read',
  settings: 'settings',
  sessionGrant: 'this session',
  you: 'you',
  rule: 'rule',
  nobody: 'nobody',
}

export const stateWords: Record<SessionState, string> = {
  starting: 'starting',
  working: 'working',
  waiting: 'waiting for you',
  idle: 'idle',
  paused: 'paused',
  ended: 'ended',
  failed: 'stopped with a problem',
  interrupted: 'interrupted: the app stopped',
}

export const boundaryWords: Record<NonNullable<ActionItem['boundary']>, string> = {
  sandboxed: 'sandboxed',
  granted: 'sandboxed, with what was granted',
  outside: 'outside the sandbox',
  container: 'in the container, without a sandbox of its own',
}

/** Short form, for tabs and margins. */
export const boundaryTag: Record<NonNullable<ActionItem['boundary']>, string> = {
  sandboxed: 'sandboxed',
  granted: 'granted',
  outside: 'outside',
  container: 'container',
}

export const decisionWords = {
  accept: 'allowed once',
  acceptForSession: 'allowed for this session',
  acceptWithAmendment: 'allowed, with a rule',
  decline: 'denied',
  cancel: 'denied and stopped',
} as const

export const verdictWords: Record<Verdict['kind'], string> = {
  run: 'run',
  review: 'ask first',
  forbid: 'forbidden',
}

/** Where a verdict came from, as the end of "because of …". */
export function originWords(origin: Origin): string {
  switch (origin.kind) {
    case 'settings':
      return `settings: ${origin.sandboxMode}, ${origin.approvalPolicy}`
    case 'knownSafe':
      return `${origin.command} is known to only read`
    case 'sandbox':
      return `the sandbox stopped ${origin.violations} ${origin.violations === 1 ? 'attempt' : 'attempts'}`
    case 'protectedPath':
      return `protected path ${origin.path}`
    case 'deniedRead':
      return `reading ${origin.path} is denied`
    case 'ownFiles':
      return `${origin.path} belongs to Gatehouse`
    case 'quietDeny':
      return `quiet-deny list, line ${origin.line}`
    case 'outsideWorkspace':
      return `outside the workspace: ${origin.path}`
    case 'sessionGrant':
      return 'allowed before for this session'
    case 'alreadyDenied':
      return origin.note === null
        ? 'denied before in this turn'
        : `denied before in this turn: ${origin.note}`
    case 'rule':
      return `${origin.file}, line ${origin.line}`
    case 'forcedDelete':
      return `${origin.command} deletes without a copy`
    case 'notInspectable':
      return `not inspectable: ${origin.why}`
    case 'brokenFile':
      return `${origin.file} cannot be read in full`
  }
}

/** "allowed by rule default.rules:12"; the whole place stands under Why. */
export function ruleWords(verdict: Verdict | null): string {
  const origin = verdict?.origin
  return origin?.kind === 'rule'
    ? `allowed by rule ${fileName(origin.file)}:${origin.line}`
    : 'allowed by a rule'
}

/** Who changed the settings of a session, as the start of a sentence. */
export const changedByWords = {
  user: 'Preset changed',
  leaseEnded: 'The lease ended: preset changed',
  policyChanged: 'What is permitted changed: preset changed',
} as const

export const settingsWords = (settings: Settings): string =>
  settings.preset === null
    ? `${settings.sandboxMode}, ${settings.approvalPolicy}`
    : presetOf(settings.preset).name

/** "danger-full-access" carries its own word; the screen never softens it. */
export const isWidest = (settings: Settings): boolean => settings.sandboxMode === 'danger-full-access'

export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`

/** "812 B", "3.1 KB", "2.0 MB". */
export function bytesWords(n: number): string {
  if (n < 1024) return `${n} B`
  if (n < 1024 * 1024) return `${(n / 1024).toFixed(1)} KB`
  return `${(n / 1024 / 1024).toFixed(1)} MB`
}
