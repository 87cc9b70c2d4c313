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
