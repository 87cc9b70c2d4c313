import type { TestSubject } from '../../../protocol/rules.ts'
import { type ApprovalPolicy, type Preset, presetOf, type SandboxMode } from '../../../protocol/settings.ts'

export type Hint = 'unknown' | 'yes' | 'no'

/** Everything the tester's form holds; fields of other kinds keep what was typed. */
export type TestForm = {
  readonly kind: TestSubject['kind']
  readonly command: string
  readonly path: string
  readonly access: 'read' | 'write'
  readonly host: string
  readonly server: string
  readonly tool: string
  readonly readOnly: Hint
  readonly destructive: Hint
  readonly openWorld: Hint
  readonly folder: string
  readonly preset: Preset | 'custom'
  readonly sandboxMode: SandboxMode
  readonly approvalPolicy: ApprovalPolicy
}

export const emptyForm: TestForm = {
  kind: 'command',
  command: '',
  path: '',
  access: 'write',
  host: '',
  server: '',
  tool: '',
  readOnly: 'unknown',
  destructive: 'unknown',
  openWorld: 'unknown',
  folder: '',
  preset: 'auto',
  sandboxMode: 'workspace-write',
  approvalPolicy: 'on-request',
}

const hintOf = (hint: Hint): boolean | null => (hint === 'unknown' ? null : hint === 'yes')

/** What the form asks about; null while it says too little. */
export function subjectOf(form: TestForm): TestSubject | null {
  switch (form.kind) {
    case 'command':
      return form.command.trim() === '' ? null : { kind: 'command', text: form.command }
    case 'path':
      return form.path.trim() === '' ? null : { kind: 'path', path: form.path.trim(), access: form.access }
    case 'host':
      return form.host.trim() === '' ? null : { kind: 'host', host: form.host.trim() }
    case 'tool':
      if (form.server.trim() === '' || form.tool.trim() === '') return null
      return {
        kind: 'tool',
        server: form.server.trim(),
        tool: form.tool.trim(),
        readOnlyHint: hintOf(form.readOnly),
        destructiveHint: hintOf(form.destructive),
        openWorldHint: hintOf(form.openWorld),
      }
  }
}

/** The settings it would happen under. */
export function settingsOfForm(form: TestForm): {
  readonly sandboxMode: SandboxMode
  readonly approvalPolicy: ApprovalPolicy
} {
  const { sandboxMode, approvalPolicy } = form.preset === 'custom' ? form : presetOf(form.preset)
  return { sandboxMode, approvalPolicy }
}

/** Kinds that need the folder they happen in; the host insists on an absolute one. */
export const isAbsolute = (folder: string): boolean => /^(\/|[A-Za-z]:[\\/])/.test(folder)
