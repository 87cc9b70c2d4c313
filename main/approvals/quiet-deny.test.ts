import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aHeldCall } from '../testing/fake-sandbox.ts'
import { quietMatch, readQuietDeny } from './quiet-deny.ts'
import { loadQuietDeny } from './quiet-deny-file.ts'
import { shippedQuietDeny } from './quiet-deny-list.ts'

const shipped = readQuietDeny(shippedQuietDeny, '/home/dana')
const call = (file: string, more = {}) => ({ ...aHeldCall, path: file, ...more })

test('every line of the shipped list can be read and has its reason', () => {
  expect(shipped.problems).toEqual([])
  expect(shipped.patterns.length).toBeGreaterThan(15)
  expect(shipped.patterns.filter((p) => p.reason === '')).toEqual([])
})

test.each([
  ['/home/dana/.cache/pip/x/y', true],
  ['/home/dana/.cache', true],
  ['/home/dana/.cachet/x', false],
  ['/srv/deep/er/__pycache__/m.pyc', true],
  ['/srv/deep/__pycache__', true],
  ['/srv/deep/__pycache__x/m', false],
  ['/home/dana/.npm/_logs/1.log', true],
  ['/home/dana/.npm/_cacache/1', false],
  ['/home/dana/.node_repl_history', true],
  ['/root/.bash_history', false],
  ['/home/dana/.viminfx', false],
  ['/home/dana/.viminfo.tmp', true],
  ['/home/dana/.config/Code/logs/a/b', true],
  ['/home/dana/.config/Code/settings.json', false],
  ['/home/dana/.bashrc', false],
])('%s is refused quietly: %s', (file, quiet) => {
  expect(quietMatch(call(file), shipped) !== null).toBe(quiet)
})

test('both ends of a move must be on the list, and reads never are', () => {
  const inCache = '/home/dana/.cache/a'
  expect(quietMatch(call(inCache, { path2: '/home/dana/.cache/b' }), shipped)).not.toBeNull()
  expect(quietMatch(call(inCache, { path2: '/home/dana/.bashrc' }), shipped)).toBeNull()
  expect(quietMatch(call(inCache, { kind: 'read' }), shipped)).toBeNull()
})

test.each([
  ['cache/**', 'begins with'],
  ['**', 'begins with'],
  ['/**', 'names at least one'],
  ['~/**', 'names at least one'],
  ['**/*', 'names at least one'],
  ['/', 'no empty name'],
  ['~/', 'no empty name'],
  ['~/a//b', 'no empty name'],
  ['~/a/', 'no empty name'],
  ['~/../etc/passwd', '"." or ".."'],
  ['/a/./b', '"." or ".."'],
  ['~/a**b/c', 'stands alone'],
  ['**/a/**/b/**', 'at most 2 times'],
  [`~/${'x'.repeat(400)}`, 'longer than 300'],
  ['~/a\u0000b', 'control character'],
  ['~/a\u001b[31m', 'control character'],
])('the line %j is left out with a reason', (line, why) => {
  const list = readQuietDeny(`# a list\n${line}\n~/.ok # fine\n`, '/h')
  expect(list.problems).toMatchObject([{ line: 2, why: expect.stringContaining(why) }])
  expect(list.patterns).toMatchObject([{ line: 3, reason: 'fine', segments: ['h', '.ok'] }])
})

test('a hostile list neither throws nor takes long nor matches everything', () => {
  const piece = fc.constantFrom(
    '~/',
    '/',
    '**/',
    '**',
    '*',
    'a',
    '..',
    '.',
    ' ',
    '#',
    '\n',
    '\r',
    '\0',
    '[',
    '\\',
    'é',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
      const list = readQuietDeny(pieces.join(''), '/h')
      expect(quietMatch(call('/etc/zzz/yyy'), list)).toBeNull()
    }),
    { numRuns: 2000 },
  )
  const slow = readQuietDeny(`**/${'*a'.repeat(70)}*/**/x\n`.repeat(900), '/h')
  expect(quietMatch(call(`/${'a/'.repeat(2000)}b`), slow)).toBeNull()
  expect(readQuietDeny('~/a\n'.repeat(5000), '/h')).toMatchObject({ problems: [{ line: 1001 }] })
  expect(readQuietDeny('x'.repeat(70_000), '/h')).toMatchObject({ patterns: [], problems: [{ line: 1 }] })
})

let home = ''
beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'quiet-'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

test('the own file takes the place of the shipped list, and a file that cannot be read refuses nothing', async () => {
  expect((await loadQuietDeny(home, '/h')).file).toBe('the shipped list')
  const file = path.join(home, 'quiet-deny.txt')
  await writeFile(file, '/srv/scratch/**  # not worth a question\n')
  expect(await loadQuietDeny(home, '/h')).toMatchObject({ file, patterns: [{ line: 1 }], problems: [] })
  await writeFile(file, 'a'.repeat(70_000))
  expect(await loadQuietDeny(home, '/h')).toMatchObject({ patterns: [], problems: [{ line: 1 }] })
  await rm(file)
  await mkdir(file)
  expect(await loadQuietDeny(home, '/h')).toMatchObject({ patterns: [], problems: [{ line: 1 }] })
})
