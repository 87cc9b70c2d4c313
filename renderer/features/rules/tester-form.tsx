import type { Ref } from 'react'
import type { ApprovalPolicy, SandboxMode } from '../../../protocol/settings.ts'
import { presets } from '../../../protocol/settings.ts'
import { folderName } from '../../card/scope/terms.tsx'
import { TextField } from '../../ui/field.tsx'
import { Segmented, Select } from '../../ui/segmented.tsx'
import { type Hint, isAbsolute, type TestForm } from './test-subject.ts'

type Props = {
  readonly form: TestForm
  readonly folders: readonly string[]
  readonly firstRef: Ref<HTMLDivElement>
  onChange(form: TestForm): void
}

const modes: readonly SandboxMode[] = ['read-only', 'workspace-write', 'danger-full-access']
// `granular` needs its switches, which only a session or a file has.
const policies: readonly ApprovalPolicy[] = ['untrusted', 'on-request', 'never']
const same = <T extends string>(values: readonly T[]) => values.map((value) => ({ value, label: value }))

/** What would happen, where, and under which settings. */
export function TesterForm({ form, folders, firstRef, onChange }: Props) {
  const set = (change: Partial<TestForm>): void => onChange({ ...form, ...change })
  return (
    <div className="tester-form">
      <Segmented
        label="What"
        hideLabel
        value={form.kind}
        choices={[
          { value: 'command', label: 'Command' },
          { value: 'path', label: 'Path' },
          { value: 'host', label: 'Host' },
          { value: 'tool', label: 'Tool' },
        ]}
        onChange={(kind) => set({ kind })}
      />
      <div ref={firstRef} className="tester-what">
        <What form={form} set={set} />
      </div>
      <div className="tester-in">
        {folders.length > 0 ? (
          <Select
            label="In"
            value={form.folder}
            choices={folders.map((folder) => ({ value: folder, label: folderName(folder) }))}
            onChange={(folder) => set({ folder })}
          />
        ) : (
          <TextField
            label="In the folder"
            machine
            placeholder="/home/…"
            value={form.folder}
            problem={form.folder === '' || isAbsolute(form.folder) ? null : 'Type the whole path.'}
            onChange={(event) => set({ folder: event.target.value })}
          />
        )}
        <Select
          label="Preset"
          value={form.preset}
          choices={[
            ...presets.map(({ id, name }) => ({ value: id, label: name })),
            { value: 'custom' as const, label: 'Mode and policy' },
          ]}
          onChange={(preset) => set({ preset })}
        />
        {form.preset === 'custom' && (
          <>
            <Select
              label="Sandbox mode"
              value={form.sandboxMode}
              choices={same(modes)}
              onChange={(sandboxMode) => set({ sandboxMode })}
            />
            <Select
              label="Approval policy"
              value={form.approvalPolicy}
              choices={same(policies)}
              onChange={(approvalPolicy) => set({ approvalPolicy })}
            />
          </>
        )}
      </div>
    </div>
  )
}

type WhatProps = { readonly form: TestForm; set(change: Partial<TestForm>): void }

const hints = [
  { value: 'unknown', label: 'not said' },
  { value: 'yes', label: 'yes' },
  { value: 'no', label: 'no' },
] as const satisfies readonly { value: Hint; label: string }[]

function What({ form, set }: WhatProps) {
  switch (form.kind) {
    case 'command':
      return (
        <TextField
          label="Command, as a shell would get it"
          machine
          maxLength={20_000}
          placeholder="git push origin main"
          value={form.command}
          onChange={(event) => set({ command: event.target.value })}
        />
      )
    case 'path':
      return (
        <>
          <TextField
            label="Path"
            machine
            maxLength={4096}
            placeholder="~/.config/pnpm/rc"
            value={form.path}
            onChange={(event) => set({ path: event.target.value })}
          />
          <Segmented
            label="Is"
            value={form.access}
            choices={[
              { value: 'read', label: 'read' },
              { value: 'write', label: 'written' },
            ]}
            onChange={(access) => set({ access })}
          />
        </>
      )
    case 'host':
      return (
        <TextField
          label="Host, with its port if it has one"
          machine
          maxLength={300}
          placeholder="registry.npmjs.example:443"
          value={form.host}
          onChange={(event) => set({ host: event.target.value })}
        />
      )
    case 'tool':
      return (
        <>
          <div className="tester-pair">
            <TextField
              label="Server"
              machine
              maxLength={200}
              placeholder="github"
              value={form.server}
              onChange={(event) => set({ server: event.target.value })}
            />
            <TextField
              label="Tool"
              machine
              maxLength={200}
              placeholder="create_issue"
              value={form.tool}
              onChange={(event) => set({ tool: event.target.value })}
            />
          </div>
          <div className="tester-hints">
            <Select
              label="Says it only reads"
              value={form.readOnly}
              choices={hints}
              onChange={(readOnly) => set({ readOnly })}
            />
            <Select
              label="Says it destroys"
              value={form.destructive}
              choices={hints}
              onChange={(destructive) => set({ destructive })}
            />
            <Select
              label="Says it reaches out"
              value={form.openWorld}
              choices={hints}
              onChange={(openWorld) => set({ openWorld })}
            />
          </div>
        </>
      )
  }
}
