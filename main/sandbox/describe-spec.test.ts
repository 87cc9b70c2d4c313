import { expect, test } from 'vitest'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { describeSpec } from './describe-spec.ts'

const spec: SandboxSpec = {
  boundary: 'bounded',
  writableRoots: ['/ws'],
  pinnedFolders: ['/ws/a'],
  protectedPaths: [{ path: '/ws/.git', exists: true }],
  grantedPaths: ['/out/file'],
  closedInGrants: [],
  deniedReads: ['/home/me/.gatehouse'],
  network: 'none',
  tmp: 'private',
}

test('a boundary is told in one line for each thing it decides', () => {
  expect(describeSpec(spec)).toEqual([
    'writes: /ws, /out/file',
    'read-only inside: /ws/.git',
    'cannot read: /home/me/.gatehouse',
    'network: none',
    '/tmp: its own, gone after the run',
  ])
})

test('a network grant says what it reaches, and no boundary says so first', () => {
  const open = { ...spec, writableRoots: [], grantedPaths: [], network: 'host' as const }
  expect(describeSpec(open)).toEqual(
    expect.arrayContaining(['writes: nothing', expect.stringContaining('abstract sockets included')]),
  )
  expect(describeSpec({ ...spec, boundary: 'none' })[0]).toBe('boundary: none')
})

test('closed folders, patterns, an excluded /tmp and limits are told', () => {
  expect(
    describeSpec({
      ...spec,
      closedFolders: ['/home', '/tmp'],
      readablePaths: ['/home/me/.nvm'],
      deniedGlobs: [{ folder: '/ws', pattern: '**/*.env' }],
      nesting: true,
      limits: { memoryBytes: 1024 * 1024 * 512, pids: 100 },
    }),
  ).toEqual(
    expect.arrayContaining([
      'shown empty: /home, /tmp',
      'but for: /home/me/.nvm',
      'nor what appears as: /ws/**/*.env',
      '/tmp: empty, and cannot be written',
      'new user namespaces: allowed',
      'at most: 512 MB of memory, 100 processes',
    ]),
  )
})

test('a network that is limited to a proxy says so', () => {
  expect(describeSpec({ ...spec, network: 'proxied' })).toContain(
    'network: its own loopback, and out of it only through the proxy',
  )
})
