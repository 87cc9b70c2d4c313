import { expect, test } from 'vitest'
import type { SandboxSpec } from '../../../protocol/sandbox.ts'
import { noRoutes6In, noRoutesIn } from './count-connections.ts'
import { coverArgv, mountPointsIn, planCopy, whyNoCopy } from './plan-copy.ts'

const spec = (more: Partial<SandboxSpec>): SandboxSpec => ({
  boundary: 'bounded',
  writableRoots: ['/srv/w'],
  pinnedFolders: [],
  protectedPaths: [],
  grantedPaths: [],
  closedInGrants: [],
  deniedReads: [],
  network: 'none',
  tmp: 'private',
  rehearsalDir: '/state/rehearsals/1',
  ...more,
})

test('everything that can be written is covered, and each once', () => {
  const plan = planCopy(
    spec({ writableRoots: ['/srv/w/inner', '/srv/w'], grantedPaths: ['/usr/bin', '/etc/passwd', '/usr'] }),
  )
  expect(plan.folders.map(({ root }) => root).toSorted()).toEqual(['/srv/w', '/usr'])
  expect(plan.files).toEqual([{ path: '/etc/passwd', copy: '/state/rehearsals/1/files/0' }])
})

test('a granted file inside a covered folder needs no copy of its own', () => {
  expect(planCopy(spec({ writableRoots: ['/etc'], grantedPaths: ['/etc/passwd'] })).files).toEqual([])
})

test('a run that is no rehearsal is not covered', () => {
  const { rehearsalDir: _none, ...plain } = spec({})
  expect(coverArgv(plain, '/launcher')).toEqual([])
  expect(coverArgv(spec({ writableRoots: [] }), '/launcher')).toEqual([])
  expect(coverArgv(spec({}), '/launcher')).toEqual([
    '/launcher',
    '--overlay',
    'folder',
    '/srv/w',
    '/state/rehearsals/1/0/upper',
    '/state/rehearsals/1/0/work',
    '--',
  ])
})

test.each([
  ['a mount inside', ['/', '/srv/w/data'], '/state/x', /data is a file system of its own/],
  ['a mount beside', ['/', '/srv/w', '/srv/w2'], '/state/x', null],
  ['the copy inside the folder', ['/'], '/srv/w/.gatehouse/state', /holds Gatehouse/],
])('%s', (_what, mounts, dir, why) => {
  const words = whyNoCopy(planCopy(spec({})), dir, mounts)
  if (why === null) expect(words).toBeNull()
  else expect(words).toMatch(why)
})

test('mount points are read with their escapes', () => {
  const line = (at: string) => `22 1 0:21 / ${at} rw,relatime shared:1 - proc proc rw`
  expect(mountPointsIn(`${line('/a\\040b')}\n${line('/c\\134\\012')}\n\ngarbage`)).toEqual(['/a b', '/c\\\n'])
})

test('connections without a way out are counted for both families', () => {
  const four = 'Ip: Forwarding OutNoRoutes X\nIp: 1 7 0\nTcp: A\nTcp: 1\n'
  expect(noRoutesIn(four)).toBe(7)
  expect(noRoutesIn('')).toBe(0)
  expect(noRoutes6In('Ip6InReceives   \t3\nIp6OutNoRoutes                  \t2\n')).toBe(2)
})
