import { expect, test } from 'vitest'
import type { ApprovalPolicy, Settings } from '../../protocol/settings.ts'
import { command, edit, escalation, inputTo, permissions, shell } from '../testing/builders.ts'
import { decode } from '../testing/decoder.ts'
import { lookup } from '../testing/rules.ts'
import { noFacts } from './action-facts.ts'
import { judgeAction } from './judge-action.ts'

const contained = (approvalPolicy: ApprovalPolicy): Settings => ({
  sandboxMode: 'workspace-write',
  approvalPolicy,
  preset: null,
  leaseEndsAtMs: null,
  extraWritableRoots: [],
  deniedReads: [],
  boundary: 'container',
})
const rules =
  'prefix_rule(pattern=["deploy"], decision="prompt")\nprefix_rule(pattern=["wipe"], decision="forbidden")'
const judge = (action: Parameters<typeof judgeAction>[0], policy: ApprovalPolicy = 'on-request') =>
  judgeAction(action, noFacts, { settings: contained(policy), rules: lookup(rules), decode })
const make = shell('make')

// prettier-ignore
test.each([
  ['a command runs', make, 'on-request', 'run'],
  ['what is known to only read runs', shell('git status'), 'untrusted', 'run'],
  ['untrusted asks about everything else', make, 'untrusted', 'review'],
  ['a rule asks', shell('deploy now'), 'on-request', 'review'],
  ['a rule forbids', shell('wipe all'), 'on-request', 'forbid'],
  ['a delete without a copy asks', shell('rm -rf build'), 'on-request', 'review'],
  ['nobody to ask: it is refused', shell('rm -rf build'), 'never', 'forbid'],
  [
    'there is nothing to leave',
    command(['make'], { escalation: escalation({ unsandboxed: true }) }),
    'on-request',
    'run',
  ],
  ['an edit is written', edit('/etc/x'), 'on-request', 'run'],
  ['typing is no leave', inputTo(true), 'on-request', 'run'],
  ['there is nothing to widen', permissions(), 'on-request', 'run'],
] as const)('%s', (_title, action, policy, kind) => {
  expect(judge(action, policy).verdict.kind).toBe(kind)
})

test('a verdict says what the boundary is, and gives nothing beyond it', () => {
  const { verdict, grant } = judge(command(['make'], { escalation: escalation({ unsandboxed: true }) }))
  expect(verdict.origin).toMatchObject({ kind: 'settings', boundary: 'container' })
  expect(verdict.reasoning?.at(-1)?.text).toBe('the container is the boundary')
  expect(grant).toEqual({ writePaths: [], network: false, unsandboxed: false })
})
