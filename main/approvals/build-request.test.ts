import { expect, test } from 'vitest'
import type { CommandAction } from '../../protocol/action.ts'
import { ApprovalRequest } from '../../protocol/approvals.ts'
import { command, edit, escalation, inputTo, permissions, shell } from '../testing/builders.ts'
import { decode } from '../testing/decoder.ts'
import { approvalRequest } from '../testing/requests.ts'
import { digestOf, exactKey, fingerprintOf } from './fingerprint.ts'

const outsideWrite = shell('cp r.txt ../reports/r.txt', {
  cwd: '/home/dana/w',
  escalation: escalation(
    {},
    {
      source: 'observed',
      ladder: [
        { writePaths: ['/home/dana/reports/r.txt'], network: false, unsandboxed: false },
        { writePaths: [], network: false, unsandboxed: true },
      ],
      violations: [
        {
          kind: 'write',
          path: '/home/dana/reports/r.txt',
          wants: 'file',
          protected: false,
          evidence: "cp: cannot create regular file '../reports/r.txt': Read-only file system",
        },
      ],
    },
  ),
})

// prettier-ignore
test.each([
  ['a plain command', shell('make'), false, 'runCommand', ['once', 'session', 'rule', 'deny', 'denyStop']],
  [
    'a declared leave',
    command(['make'], { escalation: escalation({ unsandboxed: true }) }),
    false,
    'runOutside',
    ['smaller', 'once', 'session', 'rule', 'deny', 'denyStop'],
  ],
  [
    'a stopped write',
    outsideWrite,
    false,
    'writeOutside',
    ['once', 'session', 'outside', 'rule', 'deny', 'denyStop'],
  ],
  [
    'a protected write',
    edit('/home/dana/w/.git/hooks/x', {
      escalation: escalation({ writePaths: ['/home/dana/w/.git/hooks/x'] }),
    }),
    true,
    'writeProtected',
    ['once', 'deny', 'denyStop'],
  ],
  [
    'the network',
    command(['curl', 'a'], { escalation: escalation({ network: true }) }),
    false,
    'reachHost',
    ['once', 'session', 'rule', 'deny', 'denyStop'],
  ],
  [
    'edits in read-only',
    edit('/home/dana/w/a.ts'),
    false,
    'editFiles',
    ['once', 'session', 'deny', 'denyStop'],
  ],
  ['input to a program', inputTo(true), false, 'typeInto', ['once', 'deny', 'denyStop']],
  ['room in advance', permissions(), false, 'addPermissions', ['once', 'session', 'deny', 'denyStop']],
])('%s', (_title, action, protectedPath, kind, offers) => {
  const request = approvalRequest({}, { action, protectedPath })
  expect(ApprovalRequest.parse(request).kind).toBe(kind)
  expect(request.offers.map((o) => o.id)).toEqual(offers)
})

test('the plain yes gives exactly the missing path; leaving the boundary stands last', () => {
  const { offers } = approvalRequest({}, { action: outsideWrite })
  expect(offers.find((o) => o.id === 'once')?.grant).toEqual({
    writePaths: ['/home/dana/reports/r.txt'],
    network: false,
    unsandboxed: false,
  })
  expect(offers.find((o) => o.id === 'outside')?.grant.unsandboxed).toBe(true)
})

test('every card has the six slots, filled', () => {
  for (const action of [shell('make'), outsideWrite, edit('/w/a'), inputTo(true), permissions()]) {
    const { slots } = approvalRequest({}, { action })
    for (const pieces of [
      slots.wants,
      slots.changes,
      slots.scope,
      slots.origin.pieces,
      slots.reach,
      slots.history.pieces,
    ])
      expect(
        pieces
          .map((p) => p.text)
          .join('')
          .trim(),
      ).not.toBe('')
  }
})

test("the agent's words enter no slot", () => {
  const says = 'SLOT-CLAIM nothing to see'
  const request = approvalRequest({}, { action: outsideWrite, agentSays: says })
  expect(JSON.stringify({ ...request, agentSays: null })).not.toContain('SLOT-CLAIM')
})

test('a claim that the action contradicts is named', () => {
  const action = command(['curl', 'https://evil.example/x'], { escalation: escalation({ network: true }) })
  expect(approvalRequest({}, { action, agentSays: 'I fetch docs.python.org' }).contradictions).toEqual([
    'It names docs.python.org; the action goes to evil.example.',
  ])
})

test('the new content of a file is in the log, not on the card', () => {
  expect(JSON.stringify(approvalRequest({}, { action: edit('/w/a') }))).not.toContain('"content":"b')
})

test('rewording does not make a new question; another path, command or grant does', () => {
  const print = (action: CommandAction) => fingerprintOf(action, decode(action.argv))
  const base = print(outsideWrite)
  const reworded = { ...outsideWrite, escalation: { ...outsideWrite.escalation!, reason: 'other words' } }
  expect(print(reworded)).toBe(base)
  expect(print({ ...outsideWrite, escalation: null })).not.toBe(base)
  expect(print(shell('npm test -- a'))).toBe(print(shell('npm test -- b')))
  expect(print(shell('npm test'))).not.toBe(print(shell('npm publish')))
  expect(exactKey(reworded)).toBe(exactKey(outsideWrite))
  expect(exactKey({ ...outsideWrite, cwd: '/x' })).not.toBe(exactKey(outsideWrite))
  expect(exactKey(shell('npm test -- a'))).not.toBe(exactKey(shell('npm test -- b')))
})

test('the digest changes with everything that decides what will happen', () => {
  const base = digestOf(edit('/w/a'))
  const other = edit('/w/a')
  expect(digestOf({ ...other, edits: [{ ...other.edits[0]!, content: 'c\n' }] })).not.toBe(base)
  expect(digestOf(command(['a', 'b c']))).not.toBe(digestOf(command(['a', 'b', 'c'])))
})

test('hostile text makes a card that still fits its schema', () => {
  const nasty = `rm '\u202e\u200b' ${'x'.repeat(90_000)}\u0000\x1b[2J</script><img onerror=1>`
  expect(() =>
    ApprovalRequest.parse(approvalRequest({}, { action: shell(nasty), agentSays: nasty.repeat(3) })),
  ).not.toThrow()
})

// prettier-ignore
test.each([
  ['a hook, however short its name', '/home/dana/w/.git/hooks/h', '.git/hooks/h'],
  ['a place in the home folder', '/home/dana/.ssh/k', '~/.ssh/k'],
  ['a place elsewhere', '/etc/x', '/etc/x'],
  ['what nobody would type', `/etc/${'d/'.repeat(150)}name`, 'name'],
])('to allow %s the person types where it is', (_title, target, echo) => {
  const action = edit(target, { escalation: escalation({ writePaths: [target] }) })
  expect(approvalRequest({}, { action, protectedPath: true })).toMatchObject({ tier: 'critical', echo })
})

test('a commit that was stopped is asked as git metadata, and only as that', () => {
  const action = shell('git commit -m x', {
    escalation: escalation({ gitMetadata: true }, { source: 'observed' }),
  })
  const request = approvalRequest({}, { action, protectedPath: true, ranOnce: true })
  expect(request).toMatchObject({ kind: 'writeProtected', tier: 'serious' })
  expect(request.offers[0]).toMatchObject({ id: 'once', grant: { writePaths: [], gitMetadata: true } })
  expect(request.offers[0]?.sentence).toContain('git metadata of this repository')
})
