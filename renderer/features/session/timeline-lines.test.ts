import { expect, test } from 'vitest'
import { command, item } from './test-items.ts'
import { type TimelineLine, timelineLines } from './timeline-lines.ts'

const act = (line: TimelineLine | undefined) => {
  if (line?.kind !== 'act') throw new Error('expected an act')
  return { subject: line.subject, allowed: line.allowed, mark: line.mark, outcome: line.outcome }
}

// prettier-ignore
test.each([
  // title                          item                                                             allowed               mark          outcome
  ['inside the sandbox', command('make'), 'sandbox', 'done', ''],
  ['known to only read', command('ls', { allowedBy: 'knownSafe' }), 'known to only read', 'done', ''],
  [
    'granted for the session',
    command('x', { allowedBy: 'sessionGrant', boundary: 'granted' }),
    'this session',
    'done',
    'granted',
  ],
  ['outside says so', command('x', { allowedBy: 'you', boundary: 'outside' }), 'you', 'done', 'outside'],
  [
    'settings without a boundary',
    command('x', { allowedBy: 'settings', boundary: 'outside' }),
    'settings',
    'done',
    'outside',
  ],
  ['a failing command', command('x', { exitCode: 2 }), 'sandbox', 'nonZero', 'exit code 2'],
  [
    'a command that was killed',
    command('x', { exitCode: null }),
    'sandbox',
    'unfinished',
    'ended by a signal',
  ],
  [
    'a command that was held',
    command('x', { state: 'held', allowedBy: null }),
    'held',
    'held',
    'waits for you',
  ],
  [
    'forbidden without a question',
    command('x', { state: 'refused', allowedBy: 'nobody', problem: 'no' }),
    'nobody',
    'refused',
    'no',
  ],
  ['cut short by the app', command('x', { state: 'cutShort' }), 'sandbox', 'unfinished', 'the app stopped'],
  [
    'stopped attempts are counted',
    command('x', { exitCode: 1, violations: [{ kind: 'read', path: '/etc/shadow', evidence: '' }] }),
    'sandbox',
    'nonZero',
    'stopped by the sandbox: 1 attempt',
  ],
] as const)('%s', (_title, action, allowed, mark, outcome) => {
  expect(act(timelineLines([action])[1])).toMatchObject({ allowed, mark, outcome })
})

test('a denial shows the words that went with it', () => {
  const denied = command('git push', {
    state: 'refused',
    allowedBy: 'nobody',
    decision: { type: 'decline', note: 'use a PR', by: 'user', atMs: 1, waitedMs: 1, lookMs: 1 },
  })
  expect(act(timelineLines([denied])[1])).toEqual({
    subject: 'git push',
    allowed: 'nobody',
    mark: 'refused',
    outcome: 'denied: use a PR',
  })
})

test('an edit that was not written shows no counts', () => {
  const edits = [{ path: '/w/a', change: 'add', added: 2, removed: 0, diff: '', content: 'x' }] as const
  const action = { kind: 'fileChange', edits, cwd: '/w', escalation: null } as const
  const line = act(timelineLines([command('', { action, exitCode: 2, problem: 'read-only' })])[1])
  expect(line).toMatchObject({ mark: 'nonZero', outcome: 'not written as asked' })
})

test('the edited command is the subject, since the original did not run', () => {
  expect(act(timelineLines([command('rm -rf /', { editedCommand: 'ls' })])[1]).subject).toBe('ls')
})

test('lines are grouped by turn, and what came before the first turn has no group', () => {
  const lines = timelineLines([
    item({ type: 'verified', backend: 'bwrap', probes: [], turnId: null }),
    item({ type: 'user', text: 'one', queued: false, turnId: 'a' }),
    command('ls', { turnId: 'a' } as never),
    item({ type: 'user', text: 'two', queued: false, turnId: 'b' }),
  ])
  expect(lines.map((line) => (line.kind === 'turn' ? line.turn : line.subject))).toEqual([
    'sandbox verified',
    1,
    'one',
    'ls',
    2,
    'two',
  ])
})

test('what was refused was allowed by nobody, whatever the item carries', () => {
  expect(act(timelineLines([command('x', { state: 'refused', allowedBy: null })])[1]).allowed).toBe('nobody')
})

test('words of the agent are not acts', () => {
  const lines = timelineLines([item({ type: 'agent', voice: 'message', text: 'I ran rm', streaming: false })])
  expect(lines.filter((line) => line.kind === 'act')).toEqual([])
})

test('arguments with spaces never look like two', () => {
  const action = {
    kind: 'command',
    argv: ['rm', '-rf', 'a b'],
    script: null,
    cwd: '/w',
    escalation: null,
  } as const
  expect(act(timelineLines([command('', { action })])[1]).subject).toBe("rm -rf 'a b'")
})

test('a probe that went through is a problem, not a proof', () => {
  const probes = [
    { kind: 'write', target: '/x', blocked: true, detail: '' },
    { kind: 'read', target: '/y', blocked: false, detail: '' },
  ]
  expect(
    act(timelineLines([item({ type: 'verified', backend: 'bwrap', probes, turnId: null })])[0]),
  ).toMatchObject({
    subject: 'the sandbox let something through',
    mark: 'problem',
    outcome: '1 of 2 probes blocked',
  })
})

test('keys are unique even when turns alternate', () => {
  const lines = timelineLines(['a', 'b', 'a'].map((turnId) => command('ls', { turnId } as never)))
  expect(new Set(lines.map((line) => line.key)).size).toBe(lines.length)
})
