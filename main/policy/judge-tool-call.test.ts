import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Settings, settingsOf } from '../../protocol/settings.ts'
import { judgeToolCall, type ToolHints } from './judge-tool-call.ts'

const auto: Settings = settingsOf('auto')
const untrusted: Settings = { ...auto, approvalPolicy: 'untrusted' }
const never: Settings = { ...auto, approvalPolicy: 'never' }
const full: Settings = { ...auto, approvalPolicy: 'never', sandboxMode: 'danger-full-access' }
const granular = (mcpElicitations: boolean): Settings => ({
  ...auto,
  approvalPolicy: 'granular',
  granular: {
    sandboxApproval: true,
    rules: true,
    mcpElicitations,
    requestPermissions: true,
    skillApproval: true,
  },
})

const judge = (hints: ToolHints, settings: Settings, approvalMode: unknown = null) =>
  judgeToolCall({ server: 'files', tool: 'call', hints, approvalMode }, settings)

const reads = { readOnlyHint: true }
const destroys = { destructiveHint: true }
const harmless = { destructiveHint: false, openWorldHint: false }

// prettier-ignore
test.each<[string, ToolHints, Settings, unknown, string, string]>([
  // title                                     hints                                     settings   mode       verdict   tier
  ['reading runs', reads, auto, null, 'run', 'notable'],
  ['destroying asks', destroys, auto, null, 'review', 'critical'],
  ['destroying asks even with a read hint', { ...reads, ...destroys }, auto, null, 'review', 'critical'],
  ['no hints ask', {}, auto, null, 'review', 'serious'],
  ['harmless and inside runs', harmless, auto, null, 'run', 'routine'],
  ['harmless but open asks', { destructiveHint: false }, auto, null, 'review', 'notable'],
  ['inside but perhaps destructive asks', { openWorldHint: false }, auto, null, 'review', 'serious'],
  ['not only reading asks', { readOnlyHint: false }, auto, null, 'review', 'serious'],
  ['a hint that is no boolean is not said', { readOnlyHint: 'true' }, auto, null, 'review', 'serious'],
  [
    'a wrong destructive hint is not said',
    { ...harmless, destructiveHint: 'no' },
    auto,
    null,
    'review',
    'serious',
  ],
  ['hints of a prototype are not said', Object.create(reads) as ToolHints, auto, null, 'review', 'serious'],
  ['approve runs without hints', {}, auto, 'approve', 'run', 'serious'],
  ['approve does not silence destroying', destroys, auto, 'approve', 'review', 'critical'],
  ['prompt asks for reading', reads, auto, 'prompt', 'review', 'notable'],
  ['an unknown mode leaves it to the hints', {}, auto, 'APPROVE', 'review', 'serious'],
  ['untrusted asks for reading', reads, untrusted, null, 'review', 'notable'],
  ['never lets reading run', reads, never, null, 'run', 'notable'],
  ['never forbids what would ask', {}, never, null, 'forbid', 'serious'],
  ['never forbids destroying', destroys, never, 'approve', 'forbid', 'critical'],
  ['full access runs without hints', {}, full, null, 'run', 'serious'],
  ['full access still forbids destroying', { ...reads, ...destroys }, full, 'approve', 'forbid', 'critical'],
  ['granular asks where it is on', {}, granular(true), null, 'review', 'serious'],
  ['granular forbids where it is off', {}, granular(false), null, 'forbid', 'serious'],
  ['granular lets reading run', reads, granular(false), null, 'run', 'notable'],
])('%s', (_title, hints, settings, mode, verdict, tier) => {
  expect(judge(hints, settings, mode)).toMatchObject({ verdict, tier, asks: verdict !== 'run' })
})

test('a destructive hint never runs, whatever else is said and set', () => {
  const said = fc.constantFrom(undefined, true, false, null, 'true', 1)
  const setting = fc.constantFrom(auto, untrusted, never, full, granular(true), granular(false))
  fc.assert(
    fc.property(
      said,
      said,
      setting,
      fc.constantFrom(null, 'approve', 'prompt', 'auto'),
      (a, b, settings, mode) => {
        const hints = { readOnlyHint: a, openWorldHint: b, destructiveHint: true }
        expect(judge(hints, settings, mode).verdict).not.toBe('run')
      },
    ),
    { numRuns: 300 },
  )
})
