import { expect, test } from 'vitest'
import type { ApprovalId } from '../../../protocol/ids.ts'
import { type Preset, type Settings, settingsOf } from '../../../protocol/settings.ts'
import { PastQuestions } from '../../approvals/past-questions.ts'
import { edit, escalation, shell } from '../../testing/builders.ts'
import { decode } from '../../testing/decoder.ts'
import { approvalRequest } from '../../testing/requests.ts'
import { lookup } from '../../testing/rules.ts'
import { gainsAndLosses, type PresetFacts, presetChoices } from './preset-choices.ts'

const dayMs = 86_400_000
const nowMs = 100 * dayMs

function questions() {
  const past = new PastQuestions()
  let count = 0
  return {
    past,
    add(
      action: ReturnType<typeof shell> | ReturnType<typeof edit>,
      outcome: 'allowed' | 'denied',
      daysAgo: number,
      more: Parameters<typeof approvalRequest>[0] = {},
    ) {
      const requestedAtMs = nowMs - daysAgo * dayMs
      past.add(
        approvalRequest({ id: `ap_${++count}` as ApprovalId, action, requestedAtMs, ...more }),
        '/w',
        outcome,
        null,
      )
    },
  }
}

const choices = (past: PastQuestions, more: Partial<PresetFacts> = {}) =>
  new Map(
    presetChoices({
      now: settingsOf('read-only'),
      nowMs,
      past: past.since(0, null),
      context: { rules: lookup('prefix_rule(pattern=["zap"], decision="forbidden")'), decode },
      lockOf: () => null,
      ...more,
    }).map((choice) => [choice.preset, choice]),
  )

test("last week's questions are judged again under each preset", () => {
  const { past, add } = questions()
  add(shell('make'), 'allowed', 1)
  add(edit('/w/a'), 'denied', 2)
  add(edit('/out/a'), 'denied', 2, { kind: 'writeOutside' })
  add(shell('make install', { escalation: escalation({ unsandboxed: true }) }), 'denied', 3)
  add(shell('zap'), 'allowed', 3)
  add(shell('make'), 'denied', 8)
  const of = (preset: Preset) => {
    const replay = choices(past).get(preset)?.replay
    return [replay?.asks, replay?.wouldAsk, replay?.wouldRun, replay?.wouldForbid]
  }
  expect(of('read-only')).toEqual([5, 4, 0, 1])
  expect(of('auto')).toEqual([5, 2, 2, 1])
  expect(of('full-access')).toEqual([5, 0, 4, 1])
})

test('denied questions that would now run are named, and no others', () => {
  const { past, add } = questions()
  add(shell('make deny'), 'denied', 1)
  add(shell('make allow'), 'allowed', 1)
  add(shell('make wide', { escalation: escalation({ unsandboxed: true }) }), 'denied', 2)
  const of = (preset: Preset) =>
    choices(past)
      .get(preset)
      ?.replay.deniedThatWouldRun.map(({ text }) => text)
  expect(of('read-only')).toEqual([])
  expect(of('auto')).toEqual(['make deny'])
  expect(of('full-access')).toEqual(['make deny', 'make wide'])
})

test('a lock is shown where it is', () => {
  const lock = {
    setBy: 'requirements.toml',
    source: { file: '/etc/requirements.toml', line: 1 },
    reason: 'no',
  }
  const found = choices(questions().past, { lockOf: ({ id }) => (id === 'full-access' ? lock : null) })
  expect([...found.values()].map((c) => [c.preset, c.current, c.lock])).toEqual([
    ['read-only', true, null],
    ['auto', false, null],
    ['full-access', false, lock],
  ])
})

// prettier-ignore
test.each<[string, Settings, Preset, RegExp | null, RegExp | null]>([
  ['more room', settingsOf('read-only'), 'auto', /edits files in the workspace/, null],
  ['less room', settingsOf('auto'), 'read-only', null, /asked first/],
  [
    'no boundary',
    settingsOf('auto'),
    'full-access',
    /every file, key and host/,
    /the sandbox.*your eyes.*ends by itself/s,
  ],
  ['the boundary again', settingsOf('full-access'), 'auto', /your answer/, /the network/],
  [
    'no longer only what is known',
    { ...settingsOf('auto'), approvalPolicy: 'untrusted' },
    'auto',
    /not known to only read/,
    null,
  ],
  ['the same', settingsOf('auto'), 'auto', null, null],
])('gains and losses: %s', (_title, from, preset, gain, loss) => {
  const { gains, losses } = gainsAndLosses(from, settingsOf(preset), preset)
  for (const [said, wanted] of [
    [gains, gain],
    [losses, loss],
  ] as const) {
    if (wanted === null) expect(said).toEqual([])
    else expect(said.join('\n')).toMatch(wanted)
  }
})
