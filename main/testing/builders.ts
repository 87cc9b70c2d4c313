import type {
  CommandAction,
  Escalation,
  FileChangeAction,
  Grant,
  InputAction,
  PermissionsAction,
} from '../../protocol/action.ts'
import type { TerminalId } from '../../protocol/ids.ts'

const defaultCwd = '/w'

export const escalation = (grant: Partial<Grant>, more: Partial<Escalation> = {}): Escalation => ({
  source: 'declared',
  ladder: [{ writePaths: [], network: false, unsandboxed: false, ...grant }],
  reason: null,
  violations: [],
  ...more,
})

export const command = (argv: string[], more: Partial<CommandAction> = {}): CommandAction => ({
  kind: 'command',
  argv,
  script: null,
  cwd: defaultCwd,
  escalation: null,
  ...more,
})

export const shell = (script: string, more: Partial<CommandAction> = {}): CommandAction =>
  command(['bash', '-c', script], { script, ...more })

export const edit = (path: string, more: Partial<FileChangeAction> = {}): FileChangeAction => ({
  kind: 'fileChange',
  edits: [{ path, change: 'update', added: 1, removed: 1, diff: '@@ -1 +1 @@\n-a\n+b\n', content: 'b\n' }],
  cwd: defaultCwd,
  escalation: null,
  ...more,
})

export const inputTo = (outside: boolean): InputAction => ({
  kind: 'input',
  terminalId: 'tm_1' as TerminalId,
  text: 'y\n',
  argv: ['python3'],
  cwd: defaultCwd,
  outside,
  escalation: null,
})

export const permissions = (grant: Partial<Grant> = { network: true }): PermissionsAction => ({
  kind: 'permissions',
  grant: { writePaths: [], network: false, unsandboxed: false, ...grant },
  cwd: defaultCwd,
  escalation: null,
})
