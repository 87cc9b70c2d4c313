import type { Command } from '../../protocol/app.ts'
import type { SessionId } from '../../protocol/ids.ts'
import type { DecisionHistory } from '../approvals/decision-history.ts'
import type { Inbox } from '../approvals/inbox.ts'
import type { PastQuestions } from '../approvals/past-questions.ts'
import type { RuleUses } from '../approvals/rule-use.ts'
import type { FolderTrust } from '../config/folder-trust.ts'
import type { PreferenceStore } from '../config/preferences.ts'
import type { Gate } from '../network/gate.ts'
import type { SessionProxy } from '../network/session-proxy.ts'
import type { Clock } from '../platform/clock.ts'
import type { Ids } from '../platform/ids.ts'
import type { Sandbox } from '../sandbox/backend.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import type { PolicyStore } from './policy/policy-store.ts'
import type { RuleDesk } from './policy/rule-desk.ts'
import type { SessionDirectory } from './session-directory.ts'
import type { Surface } from './surface.ts'

/** Everything the handlers reach, wired once by createHost. */
export type HostContext = {
  readonly home: string
  readonly version: string
  readonly surface: Surface
  readonly clock: Clock
  readonly ids: Ids
  readonly sandbox: Sandbox
  readonly inbox: Inbox
  readonly history: DecisionHistory
  readonly store: SessionStore
  readonly sessions: SessionDirectory
  readonly preferences: PreferenceStore
  readonly folders: FolderTrust
  readonly policy: PolicyStore
  readonly desk: RuleDesk
  readonly past: PastQuestions
  readonly uses: RuleUses
  /** Scales the waits of scripted agents; 1 is reading speed. */
  readonly demoPace: number
  /** Makes the way out of a session's commands; null: this machine's sandbox knows none. */
  readonly createProxy: ((gate: Gate) => Promise<SessionProxy>) | null
  readonly commands: Set<(command: Command) => void>
  readonly focus: { get(): SessionId | null; set(id: SessionId | null): void }
  /** True from the moment the host is closing: nothing new starts. */
  closing(): boolean
}
