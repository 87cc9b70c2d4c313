import { expect, test } from 'vitest'
import type { HeldCall } from '../../protocol/sandbox.ts'
import { Denials } from './denials.ts'

const call = (over: Partial<HeldCall> = {}): HeldCall => ({
  id: 1,
  kind: 'write',
  call: 'openat',
  path: '/etc/x',
  requested: '/etc/x',
  directory: '/etc',
  path2: null,
  exists: false,
  isDirectory: false,
  flags: [],
  pid: 1,
  exe: '/usr/bin/touch',
  argv: ['touch', '/etc/x'],
  cwd: '/',
  chain: [],
  ...over,
})
const holds = { holds: true, why: null }

test('each thing that was stopped is listed once, with how often', () => {
  const denials = new Denials()
  denials.add(call())
  denials.add(call())
  denials.add(call({ call: 'renameat2', path: '/a', path2: '/b', exe: null, argv: [] }))
  denials.add(call({ kind: 'read', path: '/secret' }))
  expect(denials.toText(holds)).toBe(
    [
      'gatehouse sandbox: the boundary stopped:',
      '  write /etc/x (openat, /usr/bin/touch) × 2',
      '  write /a /b (renameat2, unknown program)',
      '  read /secret (openat, /usr/bin/touch)',
      '',
    ].join('\n'),
  )
})

test('a path with control characters does nothing to the terminal', () => {
  const denials = new Denials()
  denials.add(call({ path: '/a\n\u001b[2Jb\u202e\udcff' }))
  expect(denials.toText(holds)).toContain('/a\\u{a}\\u{1b}[2Jb\\u{202e}\\u{dcff} (')
})

test('a flood is counted, not kept', () => {
  const denials = new Denials()
  for (let i = 0; i < 2000; i++) denials.add(call({ path: `/x${i}` }))
  expect(denials.toText(holds)).toMatch(/^ {2}and 1500 more$/m)
})

test('nothing to list is said, and why there may be nothing to see', () => {
  expect(new Denials().toText(holds)).toBe('gatehouse sandbox: nothing was stopped.\n')
  expect(new Denials().toText({ holds: false, why: 'The kernel is too old' })).toBe(
    'gatehouse sandbox: what was stopped cannot be listed here: The kernel is too old. The boundary held all the same.\n',
  )
})

test('what the output tells is added where no call was seen for it', () => {
  const denials = new Denials()
  denials.add(call())
  denials.addViolation({ kind: 'write', path: '/etc/x', wants: 'file', protected: false, evidence: '' })
  denials.addViolation({ kind: 'write', path: '/etc/y', wants: 'file', protected: false, evidence: '' })
  denials.addViolation({ kind: 'connect', host: 'a.com', port: 443, evidence: '' })
  denials.addViolation({ kind: 'connect', host: null, port: null, evidence: '' })
  expect(denials.toText({ holds: false, why: null }).split('\n').slice(1, -1)).toEqual([
    '  write /etc/x (openat, /usr/bin/touch)',
    '  write /etc/y (from its output)',
    '  connect a.com port 443 (from its output)',
    '  connect somewhere (from its output)',
  ])
})

test('of a long output the end is kept', () => {
  const denials = new Denials()
  denials.addOutput(Buffer.alloc(100_000, 'a'))
  denials.addOutput(Buffer.from('the end'))
  expect(denials.output).toHaveLength(65_536)
  expect(denials.output.endsWith('athe end')).toBe(true)
})
