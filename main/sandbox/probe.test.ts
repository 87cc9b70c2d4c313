import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildLauncher } from '../../native-sandbox/build.mjs'
import { noGrant } from '../../protocol/action.ts'
import type { Probe, SandboxSpec } from '../../protocol/sandbox.ts'
import type { SandboxMode } from '../../protocol/settings.ts'
import { systemClock } from '../platform/clock.ts'
import type { Sandbox } from './backend.ts'
import { createSandbox } from './create-sandbox.ts'
import { probe } from './probe.ts'

const launcher = new URL('../../native-sandbox/out/launcher', import.meta.url).pathname

describe.runIf(process.platform === 'linux')('attempts in a real boundary', () => {
  let base = ''
  let sandbox: Sandbox
  beforeAll(() => {
    expect(buildLauncher()).toMatchObject({ ok: true })
    base = realpathSync(mkdtempSync('/var/tmp/gatehouse-probe-test-'))
    for (const name of ['ws/.git/hooks', 'home']) mkdirSync(`${base}/${name}`, { recursive: true })
    writeFileSync(`${base}/ws/.git/config`, '[core]\n')
    writeFileSync(`${base}/ws/.git/HEAD`, 'ref: refs/heads/main\n')
    sandbox = createSandbox({ launcher, stateDir: `${base}/home/state`, clock: systemClock })
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  const specOf = (mode: SandboxMode = 'workspace-write') =>
    sandbox.buildSpec({
      mode,
      folder: `${base}/ws`,
      extraWritableRoots: [],
      deniedReads: [],
      grant: noGrant,
      gatehouseHome: `${base}/home`,
    })
  const round = (spec: SandboxSpec) => sandbox.probe(spec, `${base}/ws`)
  /** The same attempts, made in a boundary that is not the one they are meant for: as if that one were broken. */
  const roundIn = async (broken: Partial<SandboxSpec>, spec?: SandboxSpec) => {
    const meant = spec ?? (await specOf())
    const weak: Sandbox = {
      ...sandbox,
      pipe: (request) => sandbox.pipe({ ...request, spec: { ...request.spec, ...broken } }),
    }
    return probe({ sandbox: weak, launcher, stateDir: `${base}/home/state` }, meant, `${base}/ws`)
  }
  const open = (probes: readonly Probe[]) => probes.filter((p) => !p.blocked).map(({ kind }) => kind)

  test.each([
    ['read-only', ['write', 'connect', 'socket', 'read', 'process', 'remount', 'namespace', 'filter']],
    ['workspace-write', ['write', 'protected', 'create', 'connect', 'socket', 'read', 'process', 'remount']],
  ] as const)('%s: everything it forbids is tried, works outside, and is stopped', async (mode, kinds) => {
    const probes = await round(await specOf(mode))
    expect(open(probes)).toEqual([])
    expect(probes.map(({ kind }) => kind)).toEqual(expect.arrayContaining([...kinds]))
    for (const { kind, control } of probes)
      if (kind !== 'remount') expect({ kind, control }).toEqual({ kind, control: 'worked' })
  })

  test('nothing of it is left behind, in the workspace, the state or the temporary folder', async () => {
    const temporary = () => readdirSync(tmpdir()).filter((name) => name.startsWith('gatehouse-probe-'))
    const before = temporary()
    await round(await specOf())
    expect(readdirSync(`${base}/home/state`).filter((name) => name.startsWith('probe-'))).toEqual([])
    expect(readdirSync(`${base}/ws`)).toEqual(['.git'])
    expect(readdirSync(`${base}/ws/.git`).toSorted()).toEqual(['HEAD', 'config', 'hooks'])
    expect(temporary()).toEqual(before)
  })

  test.each([
    ['a writable root too many', { writableRoots: ['/'], protectedPaths: [] }, ['write', 'protected']],
    ['protection left out', { protectedPaths: [], closedInGrants: [] }, ['protected', 'create']],
    ['the network left on', { network: 'host' }, ['connect']],
    ['denied reads left out', { deniedReads: [] }, ['read']],
  ] as const)('%s is found', async (_title, broken, kinds) => {
    expect(open(await roundIn(broken))).toEqual(expect.arrayContaining([...kinds]))
  })

  test('without a boundary around them the attempts are not made, and nothing is proved', async () => {
    const probes = await roundIn({ boundary: 'none' })
    // The launcher has its place inside only.
    expect(probes.every(({ blocked, made }) => !blocked && made === false)).toBe(true)
  })

  test('what is allowed is not tried', async () => {
    const spec = { ...(await specOf('read-only')), network: 'host' as const, nesting: true }
    const kinds = (await round(spec)).map(({ kind }) => kind)
    expect(kinds).not.toContain('connect')
    expect(kinds).not.toContain('namespace')
    expect(await round(await specOf('danger-full-access'))).toEqual([])
  })

  test('attempts that were not made prove nothing', async () => {
    const probes = await round({ ...(await specOf()), writableRoots: ['/no/such/root'] })
    expect(probes.length).toBeGreaterThan(5)
    expect(probes.every(({ blocked, made }) => !blocked && made === false)).toBe(true)
    expect(probes[0]?.detail).toContain('not made')
  })

  test('where calls are held, the last attempt is held and then refused', async () => {
    const found = await sandbox.detect()
    const holds = 'abilities' in found && found.abilities.holds
    const probes = await round({ ...(await specOf()), hold: 'writes' })
    expect(open(probes)).toEqual([])
    expect(probes.filter(({ kind }) => kind === 'held').map(({ detail }) => detail)).toEqual(
      holds ? ['held, then refused: Permission denied'] : [],
    )
  })

  test('a call that nobody is asked about is no proof of holding', async () => {
    const probes = await roundIn({ hold: 'none' }, { ...(await specOf()), hold: 'writes' })
    const held = probes.filter(({ kind }) => kind === 'held')
    for (const each of held) expect(each).toMatchObject({ blocked: false, made: false })
    expect(open(probes.filter(({ kind }) => kind !== 'held'))).toEqual([])
  })
})
