import { expect, test } from 'vitest'
import type { SessionSummary } from '../../../protocol/sessions.ts'
import { filterSessions } from './filter-sessions.ts'

const session = (over: Partial<SessionSummary>): SessionSummary =>
  ({
    title: 'fix retry',
    folder: '/home/dana/billing-api',
    branch: 'fix/retry',
    agentName: 'Demo',
    state: 'ended',
    stateReason: null,
    ...over,
  }) as SessionSummary

const all = [
  session({}),
  session({ title: 'docs', folder: '/home/dana/docs-site', branch: null, state: 'failed' }),
]

// prettier-ignore
test.each([
  ['an empty filter keeps all', '  ', ['fix retry', 'docs']],
  ['upper case does not matter', 'BILLING', ['fix retry']],
  ['every word must be somewhere', 'docs failed', ['docs']],
  ['signs are letters, not patterns', '.*', []],
])('%s', (_title, filter, titles) => {
  expect(filterSessions(all, filter).map((s) => s.title)).toEqual(titles)
})
