import { expect, test } from 'vitest'
import { FakeTurnPorts, ran } from '../../testing/fake-turn-ports.ts'
import type { ActionResult } from '../agent.ts'
import { describeResult } from './describe-result.ts'
import { runTool } from './run-tool.ts'
import type { ToolCall } from './tools.ts'

const patchCall = (body: string): ToolCall => ({
  name: 'apply_patch',
  args: { input: `*** Begin Patch\n${body}\n*** End Patch` },
})
/** Files as reads find them. */
const disk = (files: Record<string, string>) =>
  new FakeTurnPorts({
    read: (proposal) => {
      const content = proposal.kind === 'read' ? files[proposal.path] : undefined
      return content === undefined ? { status: 'failed', why: 'There is no such file.' } : ran(content)
    },
    edit: ran(),
  })
const edits = (ports: FakeTurnPorts) => ports.proposals.filter((proposal) => proposal.kind === 'edit')

test('a command that needs more says what and why', async () => {
  const ports = new FakeTurnPorts({ command: ran() })
  await runTool(
    {
      name: 'run_command',
      args: {
        command: 'git commit -m x',
        workdir: 'sub',
        timeout_ms: 5000,
        justification: 'to keep it',
        needs: { write_paths: ['.git'] },
      },
    },
    'I do it.',
    ports,
  )
  expect(ports.proposals).toEqual([
    {
      kind: 'command',
      argv: null,
      script: 'git commit -m x',
      cwd: 'sub',
      escalation: {
        grant: { writePaths: ['.git'], network: false, unsandboxed: false },
        reason: 'to keep it',
      },
      timeoutMs: 5000,
      yieldMs: 10_000,
      says: 'to keep it',
    },
  ])
})

test('an empty need asks for nothing', async () => {
  const ports = new FakeTurnPorts({ command: ran() })
  await runTool(
    { name: 'run_command', args: { command: 'ls', needs: { write_paths: [], network: false } } },
    'I do it.',
    ports,
  )
  expect(ports.proposals).toMatchObject([{ escalation: null }])
})

test('a patch over several files is one edit of whole files', async () => {
  const ports = disk({ a: 'one\ntwo\n', b: 'x\n' })
  const answer = await runTool(
    patchCall(
      '*** Update File: a\n-two\n+2\n*** Update File: b\n*** Move to: c\n-x\n+y\n*** Add File: ../d\n+new\n*** Delete File: e',
    ),
    'I do it.',
    ports,
  )
  expect(edits(ports)).toEqual([
    {
      kind: 'edit',
      edits: [
        { path: 'a', content: 'one\n2\n' },
        { path: 'b', content: null },
        { path: 'c', content: 'y\n' },
        { path: '../d', content: 'new\n' },
        { path: 'e', content: null },
      ],
      says: 'I do it.',
    },
  ])
  expect(answer.text).toBe('Done:\nwrote a\ndeleted b\nwrote c\nwrote ../d\ndeleted e')
})

test.each([
  [
    'a hunk that does not fit',
    { a: 'one\n', b: 'x\n' },
    '*** Update File: a\n-one\n+1\n*** Update File: b\n-z\n+y',
    /line "z"/,
  ],
  [
    'a file that is not there',
    { a: 'one\n' },
    '*** Update File: a\n-one\n+1\n*** Update File: b\n-z\n+y',
    /b could not be read.*no such file/,
  ],
  ['a patch that is none', {}, '*** What', /Line 2/],
  ['a file that is not text', { a: 'one\uFFFD\n' }, '*** Update File: a\n-one\n+1', /not plain UTF-8/],
  [
    'a file that may have been cut',
    { a: `one\n${'x'.repeat(1024 * 1024)}` },
    '*** Update File: a\n-one\n+1',
    /larger than 1 MiB/,
  ],
] as const)('%s changes nothing at all', async (_title, files, body, expected) => {
  const ports = disk(files)
  const answer = await runTool(patchCall(body), null, ports)
  expect(answer).toMatchObject({ kind: 'error', text: expect.stringMatching(expected) })
  expect(edits(ports)).toEqual([])
})

test('a search without a hit is an answer, not a problem', async () => {
  const ports = new FakeTurnPorts({ search: ran('', { exitCode: 1 }) })
  const answer = await runTool({ name: 'search', args: { pattern: 'x' } }, null, ports)
  expect(answer).toEqual({ kind: 'fine', text: '(nothing found)', turn: 'goesOn' })
})

test('a part of a file is marked as one', async () => {
  const ports = disk({ f: '1\n2\n3\n4\n' })
  const answer = (args: { offset?: number; limit?: number }) =>
    runTool({ name: 'read_file', args: { path: 'f', ...args } }, null, ports).then(({ text }) => text)
  expect(await answer({})).toBe('1\n2\n3\n4')
  expect(await answer({ offset: 2, limit: 2 })).toBe('[lines 2 to 3 of 4]\n2\n3')
  expect(await answer({ offset: 9 })).toBe('The file has 4 lines.')
})

test.each<[string, ActionResult, string, 'goesOn' | 'ends']>([
  [
    'a denial with a note',
    { status: 'refused', by: 'user', note: 'Use make.', stop: false },
    'The person denied this: Use make. Do not try it again this turn.',
    'goesOn',
  ],
  [
    'a denial with stop',
    { status: 'refused', by: 'user', note: null, stop: true },
    'The person denied this. Do not try it again this turn.',
    'ends',
  ],
  [
    'a refusal by policy',
    { status: 'refused', by: 'policy', note: 'rule 3', stop: false },
    'The policy in force does not allow this: rule 3. Nobody was asked. Take another way, or say what is missing.',
    'goesOn',
  ],
  [
    'a changed command',
    ran('ok', { edited: 'ls -l' }),
    'The person changed the command to: ls -l\nExit code 0, 0.0 s.\nok',
    'goesOn',
  ],
  [
    'a stopped attempt',
    ran('', {
      exitCode: 1,
      violations: [
        { kind: 'write', path: '/x', wants: 'file', protected: false, evidence: '' },
        { kind: 'connect', host: 'a.com', port: 443, evidence: '' },
      ],
    }),
    'Exit code 1, 0.0 s.\nThe sandbox stopped: writing /x\nThe sandbox stopped: a connection to a.com, port 443\n(no output)',
    'goesOn',
  ],
  ['an interruption', { status: 'interrupted' }, 'The person stopped the turn.', 'ends'],
])('%s is told as it is', (_title, result, text, turn) => {
  expect(describeResult(result)).toMatchObject({ text, turn })
})

test('a stopped turn does not wait for what it proposed', async () => {
  const ports = new FakeTurnPorts({ list: () => new Promise(() => {}) })
  const answer = runTool({ name: 'list_files', args: { path: '.' } }, null, ports)
  ports.interrupt()
  expect(await answer).toMatchObject({ turn: 'ends' })
})
