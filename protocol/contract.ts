import { appContract } from './app.ts'
import { approvalsContract } from './approvals.ts'
import type { ClientOf, HandlersOf } from './endpoint.ts'
import { policyContract } from './policy.ts'
import { rehearsalContract } from './rehearsal.ts'
import { rulesContract } from './rules.ts'
import { sandboxProofContract } from './sandbox-proof.ts'
import { sessionsContract } from './sessions.ts'
import { terminalsContract } from './terminals.ts'
import { workspaceContract } from './workspace.ts'

/** Raised when a client of the old version could misread the new one. */
export const contractVersion = 1

/** Every word host and screen can say to each other. Both ends, all carriers and the test doubles derive from it. */
export const contract = {
  ...appContract,
  ...approvalsContract,
  ...policyContract,
  ...rehearsalContract,
  ...rulesContract,
  ...sandboxProofContract,
  ...sessionsContract,
  ...terminalsContract,
  ...workspaceContract,
}
export type AppContract = typeof contract
export type HostClient = ClientOf<AppContract>
export type HostHandlers = HandlersOf<AppContract>

/** Names of the calls, for tests that must cover every one. */
export const callNames: readonly string[] = Object.entries(contract)
  .filter(([, def]) => def.kind === 'call')
  .map(([name]) => name)
