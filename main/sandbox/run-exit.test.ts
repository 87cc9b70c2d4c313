import { expect, test } from 'vitest'
import type { RunReport } from './control/run-control.ts'
import { runExit } from './run-exit.ts'

const run = { argv: ['prog', 'x'], cwd: '/ws', bounded: true }
const fine: RunReport = { up: true, problem: null, exit: { code: 3, signal: 0 }, broken: null }
const ended = { code: 3, signal: null }
const end = (report: Partial<RunReport>, output = '', process: Parameters<typeof runExit>[2] = ended) =>
  runExit(run, { ...fine, ...report }, process, output)

test('an end is what the launcher says', () => {
  expect(end({})).toEqual({ exitCode: 3, signal: null, startProblem: null })
  expect(end({ exit: { code: 0, signal: 0 } })).toMatchObject({ exitCode: 0 })
  expect(end({ exit: { code: -1, signal: 11 } })).toMatchObject({ exitCode: null, signal: 'SIGSEGV' })
})

test('without a boundary the process itself is the command', () => {
  const bare = { ...run, bounded: false }
  const report = { ...fine, exit: null }
  expect(runExit(bare, report, { code: 5, signal: null }, '')).toMatchObject({ exitCode: 5, signal: null })
  const killed = runExit(bare, report, { code: 0, signal: 'SIGTERM' }, '')
  expect(killed).toEqual({ exitCode: null, signal: 'SIGTERM', startProblem: null })
})

test.each([
  ['cwd', '/ws: no (starting its folder)'],
  ['exec', 'prog: no (starting the program)'],
  ['bwrap', 'bwrap: no (starting bubblewrap)'],
  ['seccomp', 'seccomp: no (starting the boundary)'],
])('a problem with %s has a name', (what, words) => {
  expect(end({ problem: { what, errno: 2, words: 'no' } }).startProblem).toBe(words)
})

test.each([
  [40, '/ws/.codex: it is a symlink (keeping it closed)'],
  [13, '/ws/.codex: permission denied (keeping it closed)'],
])('a protected path that could not be held is named: %s', (errno, words) => {
  expect(end({ problem: { what: 'standIn', errno, words: '/ws/.codex' } }).startProblem).toBe(words)
})

test('bubblewrap’s own words come first, and nobody else’s', () => {
  const problem = { what: 'bwrap', errno: 2, words: 'no' }
  expect(end({ problem }, 'a\r\nbwrap: it is so\r\n').startProblem).toBe('bwrap: it is so')
  expect(end({ problem: { what: 'exec', errno: 2, words: 'no' } }, 'bwrap: forged\n').startProblem).toContain(
    'prog: no',
  )
  expect(end({}, 'bwrap: forged\n')).toMatchObject({ startProblem: null, exitCode: 3 })
})

test('one that never came up says why, as far as anybody told', () => {
  const never = { up: false, exit: null, broken: 'it was lost' }
  expect(end(never).startProblem).toContain('the launcher failed (it was lost)')
  expect(end(never, 'ld.so: no such library\n').startProblem).toBe('ld.so: no such library')
  expect(end({ ...never, broken: null }).startProblem).toContain('did not say why')
})

test('a run whose launcher was lost is no run that ended well', () => {
  const killed = { code: null, signal: 'SIGKILL' }
  for (const exit of [null, { code: 0, signal: 0 }]) {
    expect(end({ exit, broken: 'it was lost' }, '', killed)).toEqual({
      exitCode: null,
      signal: 'SIGKILL',
      startProblem: null,
      lost: 'The run was ended, because the supervisor of its boundary failed: it was lost.',
    })
  }
  expect(end({ exit: null })).toMatchObject({ exitCode: null, signal: 'SIGKILL' })
})
