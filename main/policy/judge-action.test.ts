import { expect, test } from 'vitest'
import type { Action } from '../../protocol/action.ts'
import type { ApprovalId } from '../../protocol/ids.ts'
import { settingsOf } from '../../protocol/settings.ts'
import { command, edit, escalation, inputTo, permissions } from '../testing/builders.ts'
import { decode } from '../testing/decoder.ts'
import { type ActionFacts, covers, noFacts } from './action-facts.ts'
import { judgeAction } from './judge-action.ts'
import { noLookup } from './rules/rule-lookup.ts'

const look = command(['git', 'status'])
const build = command(['make'])
const install = command(['npm', 'install'], { escalation: escalation({ network: true }) })
const here = edit('/w/a.ts')
const approval = 'ap_1' as ApprovalId
const outside: ActionFacts = { ...noFacts, outsidePath: '/etc/hosts' }
const guarded: ActionFacts = { ...noFacts, protectedPath: '/w/.git/config' }
const granted: ActionFacts = { ...noFacts, grantedBy: approval }
const denied: ActionFacts = { ...noFacts, denied: { approvalId: approval, note: 'use a PR' } }

// prettier-ignore
test.each<
  [
    string,
    Action,
    ActionFacts,
    'read-only' | 'workspace-write' | 'danger-full-access',
    'untrusted' | 'on-request' | 'never',
    'run' | 'review' | 'forbid',
  ]
>([
  // title                                  action              facts    mode                  policy        verdict
  ['reading is free', look, noFacts, 'read-only', 'untrusted', 'run'],
  ['read-only asks to build', build, noFacts, 'read-only', 'on-request', 'review'],
  ['unattended read-only runs inside', build, noFacts, 'read-only', 'never', 'run'],
  ['building in the workspace', build, noFacts, 'workspace-write', 'on-request', 'run'],
  ['untrusted asks to build', build, noFacts, 'workspace-write', 'untrusted', 'review'],
  ['leaving the sandbox asks', install, noFacts, 'workspace-write', 'on-request', 'review'],
  ['unattended, it stays inside', install, noFacts, 'workspace-write', 'never', 'forbid'],
  ['a session grant answers', install, granted, 'workspace-write', 'on-request', 'run'],
  ['a denial is final for the turn', install, denied, 'workspace-write', 'on-request', 'forbid'],
  [
    'a denial beats a grant',
    install,
    { ...granted, denied: denied.denied },
    'workspace-write',
    'on-request',
    'forbid',
  ],
  ['full access has no boundary to leave', install, noFacts, 'danger-full-access', 'never', 'run'],
  ['untrusted asks even without boundary', build, noFacts, 'danger-full-access', 'untrusted', 'review'],
  ['edits in the workspace', here, noFacts, 'workspace-write', 'on-request', 'run'],
  ['untrusted edits in the workspace', here, noFacts, 'workspace-write', 'untrusted', 'run'],
  ['read-only asks to edit', here, noFacts, 'read-only', 'on-request', 'review'],
  ['unattended read-only never edits', here, noFacts, 'read-only', 'never', 'forbid'],
  ['editing outside asks', here, outside, 'workspace-write', 'on-request', 'review'],
  ['unattended never edits outside', here, outside, 'workspace-write', 'never', 'forbid'],
  ['editing a protected path asks', here, guarded, 'workspace-write', 'untrusted', 'review'],
  ['typing into a bounded program', inputTo(false), noFacts, 'workspace-write', 'untrusted', 'run'],
  ['typing into one outside asks', inputTo(true), noFacts, 'workspace-write', 'on-request', 'review'],
  ['unattended never types outside', inputTo(true), noFacts, 'workspace-write', 'never', 'forbid'],
  ['asking for room asks', permissions(), noFacts, 'workspace-write', 'on-request', 'review'],
  ['unattended, no room is given', permissions(), noFacts, 'read-only', 'never', 'forbid'],
])('%s', (_title, action, facts, sandboxMode, approvalPolicy, expected) => {
  const settings = { ...settingsOf('auto'), sandboxMode, approvalPolicy }
  expect(judgeAction(action, facts, { settings, rules: noLookup, decode }).verdict.kind).toBe(expected)
})

test('a repeated question says who answered it and why', () => {
  const context = { settings: settingsOf('auto'), rules: noLookup, decode }
  expect(judgeAction(install, denied, context).verdict).toMatchObject({
    kind: 'forbid',
    origin: { kind: 'alreadyDenied', approvalId: approval, note: 'use a PR' },
    justification: 'use a PR',
  })
})

const grant = (writePaths: string[], network = false, unsandboxed = false) => ({
  writePaths,
  network,
  unsandboxed,
})
test('a grant covers what lies below its paths and nothing beside them', () => {
  expect(covers(grant(['/a']), grant(['/a/b']))).toBe(true)
  expect(covers(grant(['/a']), grant(['/ab']))).toBe(false)
  expect(covers(grant(['/a']), grant(['/a'], true))).toBe(false)
  expect(covers(grant([], true), grant([], true, true))).toBe(false)
  expect(covers(grant([], false, true), grant(['/x'], true))).toBe(true)
})
