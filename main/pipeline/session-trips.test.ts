import { expect, test } from 'vitest'
import type { Grant } from '../../protocol/action.ts'
import type { HeldCall, Violation } from '../../protocol/sandbox.ts'
import { shell } from '../testing/builders.ts'
import { decode } from '../testing/decoder.ts'
import { aHeldCall } from '../testing/fake-sandbox.ts'
import { shellProposal, testSession } from '../testing/test-session.ts'
import { SessionTrips } from './session-trips.ts'

const write = (path: string): Violation => ({
  kind: 'write',
  path,
  wants: 'file',
  protected: false,
  evidence: 'denied',
})
const connect: Violation = { kind: 'connect', host: 'example.org', port: 443, evidence: '' }
const held = (path: string, more: Partial<HeldCall> = {}): HeldCall => ({ ...aHeldCall, path, ...more })

// prettier-ignore
test.each([
  ['nothing is known of nothing', [], [], null],
  ['one path', [write('/srv/a')], [], { writePaths: ['/srv/a'], network: false }],
  ['one host', [connect], [], { writePaths: [], network: true }],
  ['a path and a host', [write('/srv/a'), connect], [], { writePaths: ['/srv/a'], network: true }],
  ['a call that waited', [], [held('/srv/a')], { writePaths: ['/srv/a'], network: false }],
  [
    'both ends of a move',
    [],
    [held('/srv/a', { call: 'rename', path2: '/srv/b' })],
    { writePaths: ['/srv/a', '/srv/b'] },
  ],
  ['a denied read', [], [held('/w/.env', { kind: 'read' })], { writePaths: [], readPaths: ['/w/.env'] }],
  [
    'records of a repository are one thing',
    [],
    ['index.lock', 'HEAD', 'objects/ab', 'logs/HEAD', 'refs/heads/x', 'index'].map((n) =>
      held(`/w/.git/${n}`),
    ),
    { writePaths: [], gitMetadata: true },
  ],
  [
    'a git directory that git metadata opens',
    [{ ...write('/w/.git'), gitMetadata: true }],
    [],
    { writePaths: [], gitMetadata: true },
  ],
  [
    'more places than a person can look at',
    ['a', 'b', 'c', 'd', 'e', 'f'].map((n) => write(`/srv/${n}`)),
    [],
    null,
  ],
  ['what decides what runs later is no smaller thing', [write('/home/dana/.bashrc')], [], null],
  ['a hook is none either', [], [held('/w/.git/hooks/pre-commit')], null],
] as const)('%s', (_title, violations, calls, expected) => {
  const trips = new SessionTrips(decode)
  trips.note(shell('make report'), violations, calls)
  const missing = trips.missing(shell('make report'), '/home/dana')?.grant ?? null
  if (expected === null) expect(missing).toBeNull()
  else expect(missing).toMatchObject(expected)
})

test('the last time it tripped counts, for the same command with whatever room it asks for', () => {
  const trips = new SessionTrips(decode)
  trips.note(shell('make report'), [write('/srv/a')], [])
  trips.note(shell('make report'), [write('/srv/b')], [])
  trips.note(shell('make report'), [], [])
  expect(trips.missing(shell('make report'), '/h')?.grant.writePaths).toEqual(['/srv/b'])
  expect(trips.missing(shell('npm test'), '/h')).toBeNull()
})

const leave: Grant = { writePaths: [], network: false, unsandboxed: true }
const outside = shellProposal('cp r /srv/r', { escalation: { grant: leave, reason: 'it was refused' } })

test('after a refused call, an agent that asks to leave the boundary is offered the one path first', async () => {
  const t = await testSession()
  t.sandbox.script = async (run) => {
    const given = run.spec.grantedPaths.includes('/srv/r') || (await run.hold({ path: '/srv/r' })).verdict
    run.exit(given === 'deny' ? 1 : 0)
  }
  t.answer({ offerId: 'deny' }, { offerId: 'smaller' })
  expect(await t.propose(shellProposal('cp r /srv/r'))).toMatchObject({ exitCode: 1 })
  expect(await t.propose(outside)).toMatchObject({ exitCode: 0 })
  const [first] = t.shown[1]?.offers ?? []
  expect(first).toMatchObject({
    id: 'smaller',
    grant: { writePaths: ['/srv/r'], unsandboxed: false },
    sentence: 'inside the sandbox, with /srv/r writable: what stopped it before',
  })
  expect(t.sandbox.runs.map((r) => [r.spec.boundary, r.spec.grantedPaths])).toEqual([
    ['bounded', []],
    ['bounded', ['/srv/r']],
  ])
})

test('an observed violation is offered as well; with nothing known, the inside without more', async () => {
  const t = await testSession()
  t.sandbox.violations = ({ spec }) => (spec.grantedPaths.length > 0 ? [] : [write('/srv/r')])
  t.answer({ offerId: 'smaller' }, { offerId: 'deny' }, { offerId: 'denyStop' })
  await t.propose(outside)
  await t.propose(outside)
  const offers = t.shown.filter((r) => r.kind === 'runOutside').map((r) => r.offers[0])
  expect(offers).toMatchObject([
    { id: 'smaller', grant: { writePaths: [] } },
    { id: 'smaller', grant: { writePaths: ['/srv/r'] } },
  ])
})

test('a wide wish declared in advance is met with what was missing', async () => {
  const t = await testSession()
  t.sandbox.script = async (run) => run.exit((await run.hold({ path: '/srv/r' })).verdict === 'deny' ? 1 : 0)
  const wide: Grant = { writePaths: ['/srv'], network: true, unsandboxed: false }
  t.answer({ offerId: 'deny' }, { offerId: 'deny' })
  await t.propose(shellProposal('cp r /srv/r'))
  await t.propose(shellProposal('cp r /srv/r', { escalation: { grant: wide, reason: null } }))
  expect(t.shown[1]?.offers[0]).toMatchObject({
    id: 'smaller',
    grant: { writePaths: ['/srv/r'], network: false },
  })
})
