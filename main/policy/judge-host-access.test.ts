import { expect, test } from 'vitest'
import type { HostAccessAction } from '../../protocol/action.ts'
import { type Settings, settingsOf } from '../../protocol/settings.ts'
import { noFacts } from './action-facts.ts'
import { judgeHostAccess } from './judge-host-access.ts'
import type { HostVerdict } from './network/judge-host.ts'

const action: HostAccessAction = {
  kind: 'hostAccess',
  runActionId: 'ac_1' as never,
  host: 'example.org',
  port: 443,
  protocol: 'https',
  via: 'connect',
  request: null,
  process: null,
  cwd: '/w',
  escalation: {
    source: 'held',
    ladder: [
      { writePaths: [], network: false, unsandboxed: false, hosts: [{ pattern: 'example.org', port: 443 }] },
    ],
    reason: null,
    violations: [],
  },
}
const says = (decision: HostVerdict['decision'], reason: HostVerdict['reason']): HostVerdict => ({
  decision,
  reason,
  rule: null,
  message: 'No rule allows example.org.',
})
const auto = settingsOf('auto')
const never: Settings = { ...auto, approvalPolicy: 'never' }
const listed: Settings = { ...auto, hosts: 'listed' }
const granted = { grantedBy: 'ap_1' as never }
const denied = { denied: { approvalId: 'ap_1' as never, note: 'no' } }

// prettier-ignore
test.each([
  // title                                          rules say                       facts    settings  verdict
  ['a host no rule knows is asked', says('ask', 'not_allowed'), {}, auto, 'review'],
  ['never asks nothing', says('ask', 'not_allowed'), {}, never, 'forbid'],
  ['an answer that holds is enough', says('ask', 'not_allowed'), granted, auto, 'run'],
  ['an answer that holds is enough for never', says('ask', 'not_allowed'), granted, never, 'run'],
  ['a line that denies is stronger than an answer', says('deny', 'denied'), granted, auto, 'forbid'],
  ['a line that allows needs no answer', says('allow', 'allowed'), {}, never, 'run'],
  ['a denial holds for the turn', says('ask', 'not_allowed'), denied, auto, 'forbid'],
  ['a list of an administrator is all there is', says('ask', 'not_allowed'), granted, listed, 'forbid'],
  ['what is on that list passes', says('allow', 'allowed'), {}, listed, 'run'],
  ['without a word of the rules it is asked', undefined, {}, auto, 'review'],
] as const)('%s', (_title, host, facts, settings, kind) => {
  const { verdict, grant } = judgeHostAccess(
    action,
    { ...noFacts, ...facts, ...(host ? { host } : {}) },
    settings,
  )
  expect(verdict.kind).toBe(kind)
  expect(grant.hosts ?? []).toHaveLength(kind === 'run' ? 1 : 0)
})
