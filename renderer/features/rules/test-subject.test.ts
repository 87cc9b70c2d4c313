import { expect, test } from 'vitest'
import { emptyForm, settingsOfForm, subjectOf } from './test-subject.ts'

test('a form that says too little asks nothing', () => {
  for (const kind of ['command', 'path', 'host', 'tool'] as const) {
    expect(subjectOf({ ...emptyForm, kind, command: '  ', server: 'github' })).toBeNull()
  }
})

test('a command is asked about exactly as it was typed', () => {
  expect(subjectOf({ ...emptyForm, command: ' git push ' })).toEqual({ kind: 'command', text: ' git push ' })
})

test('a hint that was not given is neither yes nor no', () => {
  const form = {
    ...emptyForm,
    kind: 'tool',
    server: 'github',
    tool: 'create_issue',
    destructive: 'no',
  } as const
  expect(subjectOf(form)).toMatchObject({ readOnlyHint: null, destructiveHint: false, openWorldHint: null })
})

test('a preset brings its own pair, whatever stands in the two fields', () => {
  const form = { ...emptyForm, sandboxMode: 'read-only', approvalPolicy: 'never' } as const
  expect(settingsOfForm(form)).toEqual({ sandboxMode: 'workspace-write', approvalPolicy: 'on-request' })
  expect(settingsOfForm({ ...form, preset: 'custom' })).toEqual({
    sandboxMode: 'read-only',
    approvalPolicy: 'never',
  })
})
