import type { Settings } from '../../protocol/settings.ts'

/** Kinds of questions, as `granular` tells them apart. A forced delete is asked in every policy but `never`. */
export type Category = 'sandbox' | 'rules' | 'forcedDelete' | 'permissions' | 'tools'

/** Whether the approval policy lets a question of this kind reach a reviewer. */
export function asksFor(category: Category, { approvalPolicy, granular }: Settings): boolean {
  switch (approvalPolicy) {
    case 'never':
      return false
    case 'untrusted':
    case 'on-request':
      return true
    case 'granular':
      switch (category) {
        case 'sandbox':
          return granular?.sandboxApproval === true
        case 'rules':
          return granular?.rules === true
        case 'permissions':
          return granular?.requestPermissions === true
        case 'tools':
          return granular?.mcpElicitations === true
        case 'forcedDelete':
          return true
      }
  }
}
