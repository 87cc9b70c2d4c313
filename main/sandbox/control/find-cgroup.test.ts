import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findCgroup } from './find-cgroup.ts'

let base = ''
beforeEach(() => {
  base = mkdtempSync(`${tmpdir()}/gatehouse-cgroup-`)
})
afterEach(() => rmSync(base, { recursive: true }))

/** Groups below a made-up mount: which controllers each gives to groups below it; null: not handed to us. */
function machine(own: string, groups: Record<string, string | null>, mountRoot = '/') {
  const point = `${base}/cg roup`
  for (const [path, controllers] of Object.entries(groups)) {
    mkdirSync(`${point}${path}`, { recursive: true })
    if (controllers === null) continue
    writeFileSync(`${point}${path}/cgroup.procs`, '')
    writeFileSync(`${point}${path}/cgroup.subtree_control`, `${controllers}\n`)
  }
  const mounts = [
    '22 1 0:20 / /proc rw - proc proc rw',
    `30 1 0:26 ${mountRoot} ${point.replace(' ', '\\040')} rw,nosuid shared:4 - cgroup2 cgroup2 rw`,
  ]
  writeFileSync(`${base}/mounts`, `${mounts.join('\n')}\n`)
  writeFileSync(`${base}/own`, `4:memory:/x\n0::${own}\n`)
  const found = findCgroup({ mounts: `${base}/mounts`, own: `${base}/own` })
  return { ...found, folder: found.folder.replace(point, '') }
}

test('the own group, when it gives memory and pids', () => {
  expect(machine('/a/b', { '/a/b': 'cpu memory pids' })).toEqual({ folder: '/a/b', why: '' })
})

test('the nearest one above it, as systemd hands a user', () => {
  const groups = {
    '/user': null,
    '/user/u': 'memory pids',
    '/user/u/app': 'cpu memory pids',
    '/user/u/app/x': '',
  }
  expect(machine('/user/u/app/x', groups)).toEqual({ folder: '/user/u/app', why: '' })
})

describe('there is none', () => {
  test.each([
    ['it was not handed to us', '/a', { '/a': null }, 'Delegate=yes'],
    [
      'nor past a group that was not',
      '/a/b/c',
      { '/a': 'memory pids', '/a/b': null, '/a/b/c': '' },
      'memory and pids',
    ],
    ['one of the two is missing', '/a', { '/': '', '/a': 'cpu memory' }, 'does not control pids'],
    ['a group outside the mount', '/../a', { '/': 'memory pids' }, 'outside what is mounted'],
  ])('%s', (_, own, groups, why) => {
    const found = machine(own, groups as Record<string, string | null>)
    expect(found.folder).toBe('')
    expect(found.why).toContain(why)
  })

  test('only a part is mounted, and we are in another', () => {
    expect(machine('/other', { '/': 'memory pids' }, '/box').why).toContain('outside what is mounted')
    expect(machine('/box/a', { '/': 'memory pids', '/a': '' }, '/box')).toEqual({ folder: '', why: '' })
    expect(machine('/boxes', { '/': 'memory pids' }, '/box').why).toContain('outside what is mounted')
  })

  test.each([
    ['', ''],
    ['garbage', 'garbage'],
    ['1 2 3 / /x rw - cgroup cgroup rw', '0::/'],
    ['1 2 3 / /x rw - cgroup2 cgroup2 rw', '5:memory:/'],
  ])('nothing to read it from: %j', (mounts, own) => {
    writeFileSync(`${base}/mounts`, mounts)
    writeFileSync(`${base}/own`, own)
    expect(findCgroup({ mounts: `${base}/mounts`, own: `${base}/own` })).toEqual({
      folder: '',
      why: 'this system has no unified control groups (cgroup v2)',
    })
  })
})
