import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { LogEntry } from '../../protocol/log-entry.ts'
import { type Settings, settingsOf } from '../../protocol/settings.ts'
import { connectTo } from '../network/dial.ts'
import { createSessionProxy } from '../network/session-proxy.ts'
import { settingsOf as proxySettings, publicAddress } from '../network/testing/lab.ts'
import { systemClock } from '../platform/clock.ts'
import { createSandbox } from '../sandbox/create-sandbox.ts'
import { shellProposal, testSession } from '../testing/test-session.ts'
import type { NetworkParts } from './session-network.ts'

const launcher = new URL('../../native-sandbox/out/launcher', import.meta.url).pathname

/** Only what never comes waits this long. */
const patient = { timeout: 20_000 }

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const one of undo.splice(0).toReversed()) await one()
})

/** A session with the real sandbox and proxy; every name leads to a server of the test, and nothing else is dialled. */
async function networked(
  domains: Record<string, 'allow' | 'deny'> = {},
  settings: Settings = settingsOf('auto'),
  noProxy: NetworkParts['createProxy'] | null = null,
  failLog: (entry: LogEntry) => boolean = () => false,
) {
  const base = process.platform === 'linux' ? '/var/tmp' : '/tmp'
  const root = await mkdtemp(`${base}/gatehouse-network-`)
  undo.push(() => rm(root, { recursive: true, force: true }))
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.headers.host}${request.url}`)
    response.end('hello from outside\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const sandbox = createSandbox({ launcher, stateDir: `${root}/state`, clock: systemClock })
  const t = await testSession({
    settings,
    failLog,
    folder: root,
    sandbox,
    network: {
      settings: async () => proxySettings(domains),
      createProxy:
        noProxy ??
        ((gate) =>
          createSessionProxy({
            gate,
            resolve: async () => [publicAddress],
            connect: (address, to) => connectTo(address === publicAddress ? '127.0.0.1' : '203.0.113.1', to),
            findUpstream: () => 'none',
          })),
    },
  })
  undo.push(() => t.session.end('user', null))
  return { ...t, root, port, seen }
}

const typesOf = (t: { log: readonly { type: string }[] }): string[] =>
  t.log.map((l) => l.type).filter((type) => type.startsWith('host') || type === 'flow')

const get = (path: string): string => `curl -sS http://unknown.example:${path}`

test('a command waits for the answer and goes on', async () => {
  const t = await networked()
  t.answer({ offerId: 'once' })
  const ran = await t.propose(shellProposal(`${get(`${t.port}/a`)}; ${get(`${t.port}/b`)}`))
  expect(ran).toMatchObject({
    status: 'ran',
    exitCode: 0,
    output: 'hello from outside\nhello from outside\n',
  })
  expect(t.shown).toMatchObject([
    {
      kind: 'reachHost',
      subject: expect.stringContaining(`reach unknown.example:${t.port}, by curl`) as string,
      action: {
        kind: 'hostAccess',
        host: 'unknown.example',
        via: 'http',
        request: { method: 'GET', path: '/a' },
        process: { exe: expect.stringContaining('curl') as string },
      },
    },
  ])
  expect(t.seen).toHaveLength(2)
  await expect.poll(() => typesOf(t).filter((type) => type === 'flow').length, patient).toBe(4)
  // The answer is written before anything is opened, and the second request is covered by it.
  expect(typesOf(t).slice(0, 2)).toEqual(['hostAnswer', 'flow'])
  expect(t.log.find((l) => l.type === 'hostByPolicy')).toMatchObject({
    host: 'unknown.example',
    verdict: { kind: 'run', origin: { kind: 'sessionGrant' } },
  })
  expect(t.log.find((l) => l.type === 'run')).toMatchObject({ spec: { network: 'proxied' } })
})

test.each([
  ['plain HTTP', (port: number) => get(`${port}/`), /"word":"use the mirror"/],
  ['a tunnel', (port: number) => `curl -sS -v https://unknown.example:${port}/ 2>&1`, /403 Forbidden/],
])('a denial reaches the program and the agent with its word: %s', async (_what, line, said) => {
  const t = await networked()
  t.answer({ offerId: 'deny', note: 'use the mirror' })
  const ran = await t.propose(shellProposal(line(t.port)))
  expect(ran).toMatchObject({ status: 'ran', output: expect.stringMatching(said) as string })
  expect(ran).toMatchObject({
    output: expect.stringContaining(
      `[Gatehouse: reaching unknown.example:${t.port} was denied by the person: use the mirror]`,
    ) as string,
  })
  expect(t.seen).toEqual([])
  // The same host again in this turn is refused without a card.
  await t.propose(shellProposal(line(t.port)))
  expect(t.shown).toHaveLength(1)
  expect(t.log.find((l) => l.type === 'hostByPolicy')).toMatchObject({ verdict: { kind: 'forbid' } })
})

test('what is given for the session holds for the next command, and "once" does not', async () => {
  const t = await networked()
  t.answer({ offerId: 'once' }, { offerId: 'session' })
  for (let i = 0; i < 4; i += 1)
    expect(await t.propose(shellProposal(get(`${t.port}/`)))).toMatchObject({ exitCode: 0 })
  expect(t.shown).toHaveLength(2)
  expect(t.seen).toHaveLength(4)
})

test('deny and stop ends the turn and the command', async () => {
  const t = await networked()
  t.answer({ offerId: 'denyStop' })
  expect(await t.propose(shellProposal(get(`${t.port}/`)))).toEqual({ status: 'interrupted' })
  await t.session.idle()
  expect(t.log.at(-1)).toMatchObject({ type: 'turnEnd', reason: 'stoppedByDenial' })
  expect(t.seen).toEqual([])
})

test('a line that allows a host, and one that denies it, are in the log once for each run', async () => {
  const t = await networked({ 'known.example': 'allow', 'bad.example': 'deny' })
  const line = (host: string): string => `curl -sS http://${host}:${t.port}/`
  const ran = await t.propose(
    shellProposal([line('known.example'), line('known.example'), line('bad.example')].join('; ')),
  )
  expect(ran).toMatchObject({ output: expect.stringContaining('denied by') as string })
  expect(t.shown).toEqual([])
  expect(t.seen).toHaveLength(2)
  await expect.poll(() => typesOf(t).filter((type) => type === 'hostByPolicy').length, patient).toBe(2)
  expect(t.log.filter((l) => l.type === 'hostByPolicy')).toMatchObject([
    { host: 'known.example', verdict: { kind: 'run' } },
    { host: 'bad.example', verdict: { kind: 'forbid' } },
  ])
})

test('a client that gives up takes its question back', async () => {
  const t = await networked()
  const ran = t.propose(
    shellProposal(`${get(`${t.port}/`)} & while [ ! -e go ]; do sleep 0.05; done; kill $!; wait $!`),
  )
  await expect.poll(() => t.inbox.waiting(), patient).toBe(1)
  await writeFile(`${t.root}/go`, '')
  expect(await ran).toMatchObject({ exitCode: 143 })
  await expect
    .poll(() => t.log.find((l) => l.type === 'withdrawn'), patient)
    .toMatchObject({ reason: 'processGone' })
  expect(t.inbox.waiting()).toBe(0)
  expect(t.seen).toEqual([])
})

test('narrowing refuses what waits and stops what an answer widened', async () => {
  const t = await networked()
  const running = t.propose(
    shellProposal(`${get(`${t.port}/`)}; curl -sS http://other.example:${t.port}/; sleep 60`),
  )
  await expect.poll(() => t.inbox.waiting(), patient).toBe(1)
  const [first] = t.inbox.requests
  await t.inbox.decide({ id: first?.id as never, revision: 1, offerId: 'once', lookMs: 1 }, 'user')
  await expect.poll(() => t.inbox.waiting(), patient).toBe(1)
  await t.session.changeSettings(t.session.settingsFor('read-only', null), 'user', null)
  await running
  expect(t.log.find((l) => l.type === 'outcome')).toMatchObject({ problem: 'It was stopped.' })
  expect(t.seen).toEqual([`GET unknown.example:${t.port}/`])
})

test.each([
  ['never', { ...settingsOf('auto'), approvalPolicy: 'never' as const }],
  ['a network that is locked off', { ...settingsOf('auto'), hosts: 'none' as const }],
])('there is no way out at all with %s', async (_what, settings) => {
  const t = await networked({ 'unknown.example': 'allow' }, settings)
  await t.propose(shellProposal(`${get(`${t.port}/`)} 2>/dev/null || true`))
  expect(t.log.find((l) => l.type === 'run')).toMatchObject({ spec: { network: 'none' } })
  expect(t.seen).toEqual([])
})

test('a network that is locked off while a command runs lets nothing more out', async () => {
  const t = await networked({ 'unknown.example': 'allow' })
  const running = t.propose(
    shellProposal(
      `${get(`${t.port}/first`)}; touch first; while [ ! -e go ]; do sleep 0.05; done; ${get(`${t.port}/second`)}`,
    ),
  )
  await expect.poll(() => t.seen.length, patient).toBe(1)
  await t.session.changeSettings({ ...t.session.settings, hosts: 'none' }, 'policyChanged', null)
  await writeFile(`${t.root}/go`, '')
  expect(await running).toMatchObject({ output: expect.stringContaining('locked off') as string })
  expect(t.seen).toHaveLength(1)
})

test('only listed hosts: what is not on the list is refused and nobody is asked', async () => {
  const t = await networked({ 'known.example': 'allow' }, { ...settingsOf('auto'), hosts: 'listed' })
  const ran = await t.propose(shellProposal(`curl -sS http://known.example:${t.port}/; ${get(`${t.port}/`)}`))
  expect(ran).toMatchObject({ output: expect.stringContaining('Nobody is asked here') as string })
  expect([t.shown, t.seen.length]).toEqual([[], 1])
})

test('a server of this machine is a question about the whole network, as without a proxy', async () => {
  const t = await networked()
  t.answer({ offerId: 'deny' })
  await t.propose(shellProposal(`curl -sS http://127.0.0.1:${t.port}/`))
  expect(t.shown).toMatchObject([
    { kind: 'reachHost', action: { kind: 'command', escalation: { violations: [{ host: '127.0.0.1' }] } } },
  ])
  expect(t.seen).toEqual([])
})

test('without a proxy nothing starts', async () => {
  const t = await networked({}, settingsOf('auto'), async () => {
    throw new Error('no more files')
  })
  expect(await t.propose(shellProposal('true'))).toEqual({
    status: 'failed',
    why: expect.stringContaining('no more files') as string,
  })
  expect(t.log.some((l) => l.type === 'run')).toBe(false)
})

test('an answer that cannot be written opens nothing', async () => {
  const t = await networked({}, settingsOf('auto'), null, (entry) => entry.type === 'hostAnswer')
  t.answer({ offerId: 'once' })
  await t.propose(shellProposal(get(`${t.port}/`)))
  expect(t.seen).toEqual([])
  expect(t.session.ended).toBe(true)
})
