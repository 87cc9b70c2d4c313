import { describe, expect, test } from 'vitest'
import type { SandboxSpec } from '../../../protocol/sandbox.ts'
import { holdLevel, startMessage } from './start-message.ts'

const spec: SandboxSpec = {
  boundary: 'bounded',
  writableRoots: ['/ws'],
  pinnedFolders: ['/ws/a'],
  protectedPaths: [{ path: '/ws/.git', exists: true }],
  grantedPaths: ['/out/file'],
  closedInGrants: [{ path: '/ws/.git/hooks', exists: false }],
  deniedReads: ['/home/a/.ssh'],
  network: 'none',
  tmp: 'private',
}
const run = { asks: true, cgroup: '', standIns: { folders: ['/ws/.codex'], files: ['/ws/.git/config'] } }

test('a spec becomes what a launcher is told', () => {
  expect(startMessage({ ...spec, hold: 'writes', limits: { memoryBytes: 5, openFiles: 64 } }, run)).toEqual({
    type: 'start',
    protocol: 1,
    seccomp: 'closed',
    nesting: false,
    hold: 'writes',
    roots: ['/ws', '/out/file'],
    closed: ['/ws/.git', '/ws/.git/hooks'],
    masks: ['/home/a/.ssh'],
    deniedGlobs: [],
    grantedReads: [],
    standInFolders: ['/ws/.codex'],
    standInFiles: ['/ws/.git/config'],
    memoryBytes: 5,
    pids: 0,
    cpuPercent: 0,
    openFiles: 64,
    fileBytes: 0,
    cgroup: '',
    grows: true,
    proxy: '',
    proxyToken: '',
  })
})

test.each([
  [{ network: 'host' } as const, { seccomp: 'open' }],
  [{ boundary: 'none' } as const, { seccomp: 'none', hold: 'none', grows: false }],
  [{ localSockets: true }, { seccomp: 'local' }],
  [{ localSockets: false }, { seccomp: 'closed' }],
  [{ proxied: true, localSockets: true }, { seccomp: 'proxied' }],
  [{ proxied: true, network: 'host' } as const, { seccomp: 'open' }],
  [{ localSockets: true, network: 'host' } as const, { seccomp: 'open' }],
  [{ localSockets: true, boundary: 'none' } as const, { seccomp: 'none' }],
  [{ nesting: true }, { nesting: true }],
  [{ deniedGlobs: [{ folder: '/ws', pattern: '**/*.pem' }] }, { deniedGlobs: ['/ws\n**/*.pem'] }],
  [{ grantedReads: ['/ws/a.pem'] }, { grantedReads: ['/ws/a.pem'] }],
])('%j', (changes, told) => {
  expect(startMessage({ ...spec, ...changes }, run)).toMatchObject(told)
})

describe('what is held', () => {
  const globs = { deniedGlobs: [{ folder: '/ws', pattern: '*.pem' }] }
  test.each([
    [{ hold: 'all' } as const, true, 'all'],
    [{ hold: 'writes' } as const, true, 'writes'],
    [{}, true, 'none'],
    [{ hold: 'writes' } as const, false, 'none'],
    [{ hold: 'all' } as const, false, 'none'],
    // Or a denied file that appears later could be read by whoever is not asked about.
    [{ hold: 'all', ...globs } as const, false, 'all'],
    [{ hold: 'writes', ...globs } as const, false, 'none'],
    [{ hold: 'all', boundary: 'none', ...globs } as const, true, 'none'],
  ])('%j, somebody to ask: %s', (changes, asks, level) => {
    expect(holdLevel({ ...spec, ...changes }, asks)).toBe(level)
  })
})

test('what one line cannot carry is refused', () => {
  const broken = { ...spec, deniedGlobs: [{ folder: '/a\nb', pattern: '*' }] }
  expect(() => startMessage(broken, run)).toThrow('line break')
  const many = Array.from({ length: 20_000 }, (_, i) => `/${'x'.repeat(60)}${i}`)
  expect(() => startMessage({ ...spec, deniedReads: many }, run)).toThrow('more paths')
})

describe('a proxy', () => {
  const proxied = { ...spec, network: 'proxied' } as const
  const proxy = { address: 'gatehouse-1', token: 'a-token-of-one-run' }

  test('is told for a network that is limited to it, and for no other', () => {
    const told = { seccomp: 'proxied', proxy: 'gatehouse-1', proxyToken: 'a-token-of-one-run' }
    expect(startMessage(proxied, { ...run, proxy })).toMatchObject(told)
    for (const network of ['none', 'host'] as const)
      expect(startMessage({ ...spec, network, proxied: true }, { ...run, proxy })).toMatchObject({
        proxy: '',
        proxyToken: '',
      })
  })

  test.each([
    ['is missing', proxied, undefined],
    ['has no boundary around it', { ...proxied, boundary: 'none' } as const, proxy],
    ['has a container around it', { ...proxied, boundary: 'container' } as const, proxy],
  ])('that %s is no start', (_what, wanted, given) => {
    expect(() => startMessage(wanted, { ...run, proxy: given })).toThrow(
      expect.objectContaining({ problem: { code: 'noProxy' } }),
    )
  })
})
