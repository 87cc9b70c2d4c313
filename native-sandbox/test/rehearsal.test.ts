import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { warnings } from '../build.mjs'

const folder = fileURLToPath(new URL('../linux', import.meta.url))
/** Only what rehearses, so that this test does not build the rest of the launcher. */
const main = `#include "rehearsal.h"
#include <string.h>
int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  if (strcmp(mode, "--overlay") == 0) return overlay_main(argc, argv);
  if (strcmp(mode, "--upper") == 0) return upper_main(argc, argv);
  return strcmp(mode, "--apply") == 0 ? apply_main(argc) : 125;
}`

let base = ''
let launcher = ''
let room = ''

describe.runIf(process.platform === 'linux')('rehearsals', () => {
  beforeAll(() => {
    base = mkdtempSync('/var/tmp/gatehouse-native-rehearsal-')
    chmodSync(base, 0o755)
    launcher = `${base}/launcher`
    writeFileSync(`${base}/main.c`, main)
    const sanitize = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-g', '-O1', `-I${folder}`]
    const sources = ['overlay', 'upper', 'apply'].map((name) => `${folder}/${name}.c`)
    execFileSync('gcc', [...warnings, ...sanitize, `${base}/main.c`, ...sources, '-o', launcher])
  }, 120_000)
  afterAll(() => rmSync(base, { recursive: true }))
  beforeEach(() => {
    room = mkdtempSync(`${base}/room-`)
    for (const name of ['real', 'upper', 'work']) mkdirSync(`${room}/${name}`)
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', '65534:65534', room])
  })

  function run(argv: readonly string[], options: { input?: string | Uint8Array; as?: 'nobody' } = {}) {
    const asNobody = options.as === 'nobody' && process.getuid?.() === 0
    const { status, stdout, stderr } = spawnSync(launcher, argv, {
      ...(options.input === undefined ? {} : { input: options.input }),
      ...(asNobody ? { uid: 65534, gid: 65534 } : {}),
      env: { PATH: '/usr/bin:/bin', ASAN_OPTIONS: 'detect_leaks=0' },
    })
    return { code: status, out: stdout.toString('latin1'), err: stderr.toString('latin1') }
  }
  const overlay = (script: string, as?: 'nobody') =>
    run(
      [
        '--overlay',
        'folder',
        `${room}/real`,
        `${room}/upper`,
        `${room}/work`,
        '--',
        '/bin/sh',
        '-c',
        `cd ${room}/real && ${script}`,
      ],
      as ? { as } : {},
    )
  const apply = (...records: string[]) => run(['--apply'], { input: Buffer.from(records.join(''), 'latin1') })

  test.each([
    [['--overlay']],
    [['--overlay', '--', '/bin/true']],
    [['--overlay', 'folder', '/a', '/b', '--', '/bin/true']],
    [['--overlay', 'folder', 'a', '/b', '/c', '--', '/bin/true']],
    [['--overlay', 'folder', '/a', '/b', '/c', '--']],
    [['--overlay', 'folder', '/a', '/b', '/c', '--', '']],
    [['--overlay', 'other', '/a', '/b', '--', '/bin/true']],
    [['--overlay', 'file', '/a', '--', '/bin/true']],
    [['--overlay', ...Array.from({ length: 65 }, () => ['file', '/a', '/b']).flat(), '--', '/bin/true']],
    [['--upper']],
    [['--upper', 'relative']],
    [['--upper', '/a', '/b']],
    [['--apply', 'more']],
  ])('an argument list it does not know does nothing: %#', (argv) => {
    expect(run(argv)).toMatchObject({ code: 125, out: '' })
  })

  test.each(['nobody', undefined] as const)('what is written in a copy is not real (as %s)', (as) => {
    writeFileSync(`${room}/real/a`, 'real')
    chmodSync(`${room}/real`, 0o777)
    chmodSync(`${room}/real/a`, 0o666)
    if (process.getuid?.() === 0) execFileSync('chown', ['65534:65534', `${room}/real/a`])
    expect(overlay('echo copy > a && echo new > b && rm a && cat b', as)).toMatchObject({
      code: 0,
      out: 'new\n',
    })
    expect(readFileSync(`${room}/real/a`, 'utf8')).toBe('real')
    expect(existsSync(`${room}/real/b`)).toBe(false)
    expect(
      run(['--upper', `${room}/upper`])
        .out.split('\0')
        .toSorted()
        .join('|'),
    ).toBe('|||||. 0 0|a|b|f 644 4|w 0 0')
  })

  test.runIf(process.getuid?.() === 0)('a file of another user is refused by its copy, not changed', () => {
    writeFileSync(`${room}/real/a`, 'real')
    chmodSync(`${room}/real/a`, 0o666)
    const { code, err } = overlay('echo copy >> a', 'nobody')
    expect(code).not.toBe(0)
    expect(err).toContain('Value too large')
    expect(readFileSync(`${room}/real/a`, 'utf8')).toBe('real')
  })

  test('a copy that cannot be made starts nothing', () => {
    const { code, err, out } = run([
      '--overlay',
      'folder',
      `${room}/none`,
      `${room}/upper`,
      `${room}/work`,
      '--',
      '/bin/echo',
      'ran',
    ])
    expect({ code, out }).toEqual({ code: 126, out: '' })
    expect(err).toContain(`${room}/none: No such file`)
  })

  test('a folder is never covered through a link', () => {
    symlinkSync(`${room}/real`, `${room}/link`)
    const { code, out } = run([
      '--overlay',
      'folder',
      `${room}/link`,
      `${room}/upper`,
      `${room}/work`,
      '--',
      '/bin/echo',
      'ran',
    ])
    expect({ code, out }).toEqual({ code: 126, out: '' })
  })

  test('the copy of one file covers only a plain file', () => {
    writeFileSync(`${room}/real/a`, 'real')
    writeFileSync(`${room}/copy`, 'copy')
    symlinkSync('a', `${room}/real/link`)
    const cover = (path: string) =>
      run(['--overlay', 'file', `${room}/copy`, path, '--', '/bin/cat', `${room}/real/a`])
    expect(cover(`${room}/real/a`)).toMatchObject({ code: 0, out: 'copy' })
    expect(cover(`${room}/real/link`)).toMatchObject({ code: 126, out: '' })
    expect(readFileSync(`${room}/real/a`, 'utf8')).toBe('real')
  })

  test('no descriptor of the copies reaches the program', () => {
    // What this test runner itself leaves open is none of them.
    const bare = spawnSync('/bin/sh', ['-c', 'ls /proc/self/fd'], { encoding: 'utf8' }).stdout
    expect(overlay('ls /proc/self/fd').out).toBe(bare)
  })

  test('lists are not followed out of the folder', () => {
    mkdirSync(`${room}/elsewhere`)
    writeFileSync(`${room}/elsewhere/secret`, '')
    symlinkSync('../elsewhere', `${room}/upper/link`)
    const { out } = run(['--upper', `${room}/upper`])
    expect(out).toContain('link\0../elsewhere\0')
    expect(out).not.toContain('secret')
  })

  test('changes are made real in order', () => {
    const at = `${room}/real`
    writeFileSync(`${at}/old`, 'old')
    writeFileSync(`${at}/keep`, 'longer than before')
    const { code, out } = apply(
      `u 0 0\0${at}/old\0`,
      `d 700 0\0${at}/d\0`,
      `f 755 3\0${at}/d/f\0a\0b`,
      `f 600 1\0${at}/keep\0x`,
      `l 0 4\0${at}/l\0d/fx`,
      `m 500 0\0${at}/d\0`,
      '. 0 0\0\0',
    )
    expect({ code, out }).toEqual({ code: 0, out: 'applied 6\n' })
    expect(existsSync(`${at}/old`)).toBe(false)
    expect(readFileSync(`${at}/d/f`, 'latin1')).toBe('a\0b')
    expect(statSync(`${at}/d/f`).mode & 0o777).toBe(0o755)
    expect(readFileSync(`${at}/keep`, 'utf8')).toBe('x')
    expect(statSync(`${at}/d`).mode & 0o777).toBe(0o500)
    chmodSync(`${at}/d`, 0o700)
  })

  test('nothing is written through a link at the end of a path', () => {
    writeFileSync(`${room}/outside`, 'outside')
    symlinkSync('../outside', `${room}/real/link`)
    expect(apply(`f 644 1\0${room}/real/link\0x`, '. 0 0\0\0').out).toMatch(/^stopped 0 .*link/)
    expect(apply(`m 777 0\0${room}/real/link\0`, '. 0 0\0\0').out).toMatch(/^stopped 0 /)
    expect(readFileSync(`${room}/outside`, 'utf8')).toBe('outside')
  })

  test.each([
    ['nothing', ''],
    ['no end', 'u 0 0\0/nope'],
    ['an unknown verb', 'x 0 0\0/a\0'],
    ['a relative path', 'u 0 0\0a\0'],
    ['a mode that is none', 'd 999 0\0/a\0'],
    ['a mode with a sign', 'd -1 0\0/a\0'],
    ['more than permission bits', 'd 100000 0\0/a\0'],
    ['a size on a folder', 'd 700 5\0/a\0'],
    ['a size with a sign', 'f 644 -1\0/a\0'],
    ['a size beyond all', 'f 644 99999999999999999999999\0/a\0'],
    ['a head without end', `f 644 ${'1'.repeat(100)}\0/a\0`],
    ['a path without end', `u 0 0\0/${'a'.repeat(5000)}\0`],
    ['a link to nothing', 'l 0 0\0/a\0'],
  ])('%s is stopped before anything is done', (_what, input) => {
    expect(run(['--apply'], { input })).toMatchObject({ code: 1, out: expect.stringMatching(/^stopped 0 /) })
  })

  test('a file whose bytes do not all come is no success', () => {
    expect(apply(`f 644 10\0${room}/real/short\0abc`)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^stopped 0 /),
    })
  })
})
