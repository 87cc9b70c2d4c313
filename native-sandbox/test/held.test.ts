import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildShim, shim as builtShim } from '../shim/build-shim.mjs'
import {
  type Answer,
  type Control,
  fill,
  type Held,
  type Lab,
  openLab,
  type RunOptions,
  runHeld,
} from './held-lab.ts'

const isRoot = process.getuid?.() === 0
const users = isRoot ? [0, 65534] : [process.getuid?.() ?? 0]
const here = process.platform === 'linux' && existsSync('/usr/bin/bwrap')

const everyCall = [
  'create',
  'creat',
  'append',
  'mkdir',
  'mkdir_below',
  'rename',
  'exchange',
  'link',
  'symlink',
  'truncate',
  'chmod',
  'chown_self',
  'utimensat',
  'utimes',
  'utime',
  'setxattr',
  'removexattr',
  'mkfifo',
  'unlink_link',
  'rmdir',
  'unlink',
  'unnamed',
]
const results = (out: string): Record<string, string> =>
  Object.fromEntries(
    out.split('\n').flatMap((line) => (line.includes('=') ? [line.split('=') as [string, string]] : [])),
  )
const always = (answer: Answer) => () => answer

describe.runIf(here).each(users)('held calls as user %i', (uid) => {
  let lab: Lab
  let at = ''
  const run = (command: readonly string[], options: RunOptions = {}) =>
    runHeld(lab, command, { ...(uid === 0 ? {} : { uid }), ...options })
  const probe = (words: readonly string[], options: RunOptions = {}) => run([lab.probe, ...words], options)
  const read = (name: string) => readFileSync(join(at, name), 'utf8')
  const has = (name: string) => existsSync(join(at, name))

  beforeAll(() => {
    lab = openLab()
    buildShim()
    at = join(lab.base, 'lab')
  }, 300_000)
  afterAll(() => lab.close())
  beforeEach(() =>
    fill(
      at,
      {
        'ws/.git/config': 'cfg\n',
        'out/exist': 'old\n',
        'big/deep/': '',
        'secret/key': 'KEY\n',
        'secret/other': 'OTHER\n',
      },
      uid,
    ),
  )

  test('once: every call is made exactly, and each is one question', async () => {
    const { out, held } = await probe(['every', join(at, 'out')], { answer: always({ verdict: 'once' }) })
    const got = results(out)
    expect(everyCall.filter((name) => got[name] !== 'ok')).toEqual([])
    expect(got).toMatchObject({
      mkdir_there: 'EEXIST',
      rename_noreplace: 'EEXIST',
      unlink_none: 'ENOENT',
      open_none: 'ENOENT',
    })
    expect([got['chmod_setuid'], got['create_setuid'], got['mknod_device'], got['chown_other']]).toEqual([
      'EPERM',
      'EPERM',
      'EROFS',
      'EROFS',
    ])
    expect(held.length).toBe(everyCall.length)
    expect(readdirSync(join(at, 'out')).toSorted()).toEqual(['d', 'exist', 'fifo', 'renamed', 'second'])
    expect(read('out/exist')).toBe('old\n+')
    expect(lstatSync(join(at, 'out/exist')).mtimeMs).toBe(6_000_000)
    expect(lstatSync(join(at, 'out/second')).mode & 0o7777).toBe(0o640)
  })

  test('shutdown: of a pair it is made, of anything else refused as without holding', async () => {
    const { out, held } = await probe(['pairs', at])
    expect(results(out)).toEqual({
      pair: 'ok',
      end: 'ok',
      how: 'EINVAL',
      magic: 'ENOTCONN',
      alone: 'ENOTCONN',
      pipe: 'ENOTCONN',
      none: 'ENOTCONN',
    })
    expect(held).toEqual([])
    const alone = await probe(['pairs', at], { start: { hold: 'none' } })
    expect(results(alone.out)['pair']).toBe('ENOTCONN')
  })

  test('directory: one question, then the kernel allows all of it', async () => {
    const { out, held, lines } = await probe(['every', join(at, 'out')], {
      answer: always({ verdict: 'directory', path: join(at, 'out') }),
    })
    expect(everyCall.filter((name) => results(out)[name] !== 'ok')).toEqual([])
    expect(held.length).toBe(1)
    expect(lines.at(-1)).toMatchObject({ type: 'exit', waited: 1 })
  })

  test('path: the same path is not asked for again, and a folder made is open', async () => {
    const { out, held } = await probe(['every', join(at, 'out')], { answer: always({ verdict: 'path' }) })
    expect(everyCall.filter((name) => results(out)[name] !== 'ok')).toEqual([])
    expect(new Set(held.map(({ path, path2 }) => `${path} ${path2}`)).size).toBe(held.length)
    expect(held.map(({ path }) => path)).not.toContain(join(at, 'out/d/e'))
  })

  test('deny: an error of permission, and nothing changes', async () => {
    const { out } = await probe(['every', join(at, 'out')], { answer: always({ verdict: 'deny' }) })
    expect(Object.values(results(out))).not.toContain('ok')
    expect(readdirSync(join(at, 'out'))).toEqual(['exist'])
    expect(read('out/exist')).toBe('old\n')
  })

  test('a denial that is remembered is asked once', async () => {
    const script = `for i in 1 2 3; do echo x > ${at}/out/new; done`
    const { held } = await run(['sh', '-c', script], { answer: always({ verdict: 'deny', remember: true }) })
    expect(held.length).toBe(1)
    expect(has('out/new')).toBe(false)
  })

  test('the question names the real place, the caller and its parents', async () => {
    symlinkSync(join(at, 'out'), join(at, 'ws/link'))
    const { held, lines } = await run(['sh', '-c', `sh -c 'echo x > link/../out/new; true'; true`], {
      answer: always({ verdict: 'once' }),
    })
    const inner = lines.find(({ type }) => type === 'up')?.['inner']
    expect(held).toMatchObject([
      {
        kind: 'write',
        call: 'openat',
        path: join(at, 'out/new'),
        requested: 'link/../out/new',
        directory: join(at, 'out'),
        path2: '',
        exists: false,
        isDirectory: false,
        flags: ['O_WRONLY', 'O_CREAT', 'O_TRUNC'],
        cwd: join(at, 'ws'),
        argv: ['sh', '-c', 'echo x > link/../out/new; true'],
      },
    ])
    const chain = (held[0]?.['chain'] ?? []) as string[]
    expect(chain.at(-1)?.split(' ')[0]).toBe(String(inner))
    expect(read('out/new')).toBe('x\n')
  })

  test.each([
    ['the whole disk', '/'],
    ['a folder of the system', '/var'],
    ['a folder that holds a root', ''],
    ['no ancestor', '/big'],
    ['up and down again', '/out/../out'],
  ])('a directory that is %s opens nothing', async (_title, path) => {
    const wide = path === '/' || path === '/var' ? path : `${at}${path}`
    const { out, lines } = await probe(['write', join(at, 'out/new')], {
      answer: (_held, control) => {
        setTimeout(() => control.send({ type: 'stop' }), 500)
        return { verdict: 'directory', path: wide }
      },
    })
    if (!path.includes('..')) expect(out).toContain('open=EACCES')
    if (!path.includes('..')) expect(lines).toContainEqual({ type: 'settled', id: 1, by: 'deny' })
    expect(has('out/new')).toBe(false)
  })

  test.each(['HOME', 'GHENV_HOME'])('the home folder (%s) is wider than one answer', async (name) => {
    const { out } = await probe(['write', join(at, 'out/new')], {
      env: { [name]: join(at, 'out') },
      answer: always({ verdict: 'directory', path: join(at, 'out') }),
    })
    expect(out).toContain('open=EACCES')
  })

  test('the preloaded shim asks only for what the kernel refuses, and gains nothing without an answer', async () => {
    const shim = join(lab.bin, 'hold-shim.so')
    cpSync(builtShim, shim)
    const script = `echo in > inside; mkdir d; mv inside d/moved; rm -r d; echo out > ${at}/out/f; echo out > ${at}/big/f`
    const { held, lines } = await run(['sh', '-c', script], {
      env: { GHENV_LD_PRELOAD: shim },
      answer: ({ path }) => ({ verdict: path.includes('/out/') ? 'once' : 'deny' }),
    })
    expect(held.map(({ path }) => path)).toEqual([join(at, 'out/f'), join(at, 'big/f')])
    expect([read('out/f'), has('big/f')]).toEqual(['out\n', false])
    expect(lines.at(-1)).toMatchObject({ passed: 0 })
  })

  describe('swapped during the question', () => {
    test('a link on the way: the shown place is written, not the new one', async () => {
      symlinkSync(join(at, 'out'), join(at, 'ws/d'))
      const { held } = await probe(['write', join(at, 'ws/d/f')], {
        answer: () => {
          unlinkSync(join(at, 'ws/d'))
          symlinkSync(join(at, 'big'), join(at, 'ws/d'))
          return { verdict: 'once' }
        },
      })
      expect(held[0]?.path).toBe(join(at, 'out/f'))
      expect([has('out/f'), has('big/f')]).toEqual([true, false])
    })

    test('a link in the last name is not followed', async () => {
      const { out } = await probe(['write', join(at, 'out/f')], {
        answer: ({ path }) => {
          if (path !== join(at, 'out/f')) return { verdict: 'deny' }
          symlinkSync(join(at, 'big/victim'), join(at, 'out/f'))
          return { verdict: 'once' }
        },
      })
      expect(out).not.toContain('open=ok')
      expect(has('big/victim')).toBe(false)
    })

    test('another file of the name is asked about again', async () => {
      const { held } = await probe(['write', join(at, 'out/exist')], {
        answer: ({ id }) => {
          if (id > 1) return { verdict: 'deny' }
          rmSync(join(at, 'out/exist'))
          writeFileSync(join(at, 'big/other'), 'other\n', { mode: 0o666 })
          renameSync(join(at, 'big/other'), join(at, 'out/exist'))
          return { verdict: 'once' }
        },
      })
      expect(held.length).toBeLessThanOrEqual(2)
      expect(read('out/exist')).toBe('other\n')
    })

    test.each(['once', 'directory'] as const)(
      'a folder replaced by its namesake is not written (%s)',
      async (verdict) => {
        await probe(['write', join(at, 'out/f')], {
          answer: ({ id }) => {
            if (id > 1) return { verdict: 'deny' }
            renameSync(join(at, 'out'), join(at, 'moved'))
            mkdirSync(join(at, 'out'), { mode: 0o777 })
            return verdict === 'once' ? { verdict } : { verdict, path: join(at, 'out') }
          },
        })
        expect(has('out/f')).toBe(false)
      },
    )

    test.each([
      ['two files outside', 'out/good', 'out/BAD', 2000],
      ['the workspace and outside', 'ws/good', 'out/BAD', 20_000],
      ['an open folder and its neighbour', 'out/good', 'big/BAD', 20_000],
    ])('the path itself, between %s', async (_title, good, bad, times) => {
      const answer = ({ path }: Held): Answer => {
        if (path !== join(at, good)) return { verdict: 'deny', remember: true }
        return bad.startsWith('big') ? { verdict: 'directory', path: join(at, 'out') } : { verdict: 'path' }
      }
      const { out } = await probe(['swap', join(at, good), join(at, bad), String(times)], {
        answer,
        plain: true,
      })
      expect(out).toBe('opened=1 leaked=0\n')
      expect(has(bad)).toBe(false)
    })
  })

  describe('places a grant does not reach', () => {
    const places = () => ({
      closed: [join(at, 'ws/.git'), join(at, 'out/.git')],
      masks: [join(at, 'out/secret')],
    })
    const inner = {
      'ws/.git/config': 'cfg\n',
      'out/.git/config': 'own\n',
      'out/secret/key': 'KEY\n',
      'out/deep/': '',
    }

    test.each([true, false])(
      'a protected and a masked place below an open folder (mounts grow: %s)',
      async (grows) => {
        fill(at, inner, uid)
        const script = `echo a > deep/a; echo c > .git/config; echo n > .git/new; mv .git g2; mv secret s2; rm -rf .git; cat secret/key; ln .git/config deep/alias; echo b > ../out/b`
        const { held, out } = await run(['sh', '-c', script], {
          ...places(),
          cwd: join(at, 'out'),
          start: { grows },
          answer: ({ path }) =>
            path.includes('/.git') || path.includes('alias')
              ? { verdict: 'deny' }
              : { verdict: 'directory', path: join(at, 'out') },
        })
        expect(out).toBe('')
        expect([read('out/.git/config'), read('out/deep/a'), read('out/b')]).toEqual(['own\n', 'a\n', 'b\n'])
        expect(readdirSync(join(at, 'out')).toSorted()).toEqual(['.git', 'b', 'deep', 'secret'])
        expect(readdirSync(join(at, 'out/.git'))).toEqual(['config'])
        expect(held.filter(({ path }) => !path.includes('/.git')).length).toBe(1)
      },
    )

    // A boundary mounts each of them; should one be missing there, opening the folder above must not open it.
    test('a protected place that is no mount of its own becomes one before the folder above is opened', async () => {
      fill(at, inner, uid)
      const { out, held } = await run(
        ['sh', '-c', `echo a > deep/a && echo made; echo c > ${at}/out/.git/config; rm -rf ${at}/out/.git`],
        {
          cwd: join(at, 'out'),
          start: { closed: [join(at, 'out/.git')] },
          answer: ({ path }) =>
            path.includes('/.git') ? { verdict: 'deny' } : { verdict: 'directory', path: join(at, 'out') },
        },
      )
      expect(out).toBe('made\n')
      expect(read('out/.git/config')).toBe('own\n')
      expect(held.length).toBeGreaterThan(1)
    })

    test('a protected place opens when it is named itself', async () => {
      const { held } = await run(['sh', '-c', 'echo x >> .git/config; echo y > .git/index'], {
        closed: [join(at, 'ws/.git')],
        answer: always({ verdict: 'directory', path: join(at, 'ws/.git') }),
      })
      expect(held.length).toBe(1)
      expect([read('ws/.git/config'), read('ws/.git/index')]).toEqual(['cfg\nx\n', 'y\n'])
    })

    test('a folder that is another one inside is not written outside', async () => {
      for (const verdict of ['once', 'path'] as const) {
        const { out, held } = await probe(['write', join(at, 'secret/new')], {
          masks: [join(at, 'secret')],
          answer: always({ verdict }),
        })
        expect(out).toBe('open=EROFS\n')
        expect(held).toEqual([])
      }
      expect(readdirSync(join(at, 'secret')).toSorted()).toEqual(['key', 'other'])
    })

    test('what lies over a name inside is not written below it', async () => {
      const { out } = await probe(['write', join(at, 'secret/key')], {
        masks: [join(at, 'secret/key')],
        answer: always({ verdict: 'once' }),
      })
      expect(out).not.toContain('write=ok')
      expect(read('secret/key')).toBe('KEY\n')
      const before = lstatSync(join(at, 'secret/key')).mtimeMs
      const touched = await run(['touch', '-c', '-h', '-d', '@1', join(at, 'secret/key')], {
        masks: [join(at, 'secret/key')],
        answer: always({ verdict: 'once' }),
      })
      expect([touched.code, touched.held]).toEqual([1, []])
      expect(lstatSync(join(at, 'secret/key')).mtimeMs).toBe(before)
    })

    test('both ends of a rename and of a link are asked for', async () => {
      fill(at, { 'ws/.git/config': 'cfg\n', 'out/a': 'A\n', 'big/': '' }, uid)
      const answers: string[] = []
      const { out } = await run(
        [
          'sh',
          '-c',
          `echo 1 > ${at}/out/b; ${lab.probe} rename ${at}/out/a ${at}/big/a; ${lab.probe} link ${at}/big/x ${at}/out/y`,
        ],
        {
          start: { grows: false },
          answer: (held) => {
            answers.push(`${held.call} ${held.path.slice(at.length)} ${held.path2.slice(at.length)}`)
            return held.call === 'rename'
              ? { verdict: 'deny' }
              : { verdict: 'directory', path: join(at, 'out') }
          },
        },
      )
      expect(answers).toEqual(['openat /out/b ', 'rename /out/a /big/a'])
      expect(out).toContain('rename=EACCES')
      expect([has('out/a'), has('big/a')]).toEqual([true, false])
    })
  })

  test("growth is not seen in the host's mounts, and a neighbour stays closed", async () => {
    const before = readFileSync('/proc/self/mountinfo', 'utf8')
    let during = ''
    const { held } = await run(['sh', '-c', `echo a > ${at}/out/a; echo b > ${at}/big/b; true`], {
      answer: ({ path }) => {
        during = readFileSync('/proc/self/mountinfo', 'utf8')
        return path.includes('/out/') ? { verdict: 'directory', path: join(at, 'out') } : { verdict: 'deny' }
      },
    })
    expect(during).toBe(before)
    expect([held.length, has('out/a'), has('big/b')]).toEqual([2, true, false])
  })

  test('a caller that stands in the folder is served too', async () => {
    const { out, held } = await probe(['inside', join(at, 'out')], {
      answer: ({ path }) =>
        path.includes('/out/') ? { verdict: 'directory', path: join(at, 'out') } : { verdict: 'deny' },
    })
    expect(results(out)).toEqual({
      chdir: 'ok',
      first: 'ok',
      second: 'ok',
      mkdir: 'ok',
      third: 'ok',
      above: 'EACCES',
    })
    expect(held.length).toBe(2)
  })

  describe('descriptors that are older than the answer', () => {
    const changes = [
      'fchmod',
      'fchown',
      'futimens',
      'fsetxattr',
      'fremovexattr',
      'fchmod_folder',
      'fchmodat',
      'chmod_link',
      'fchownat_empty',
      'mkdirat',
    ]
    const kernels = {
      setuid: 'EPERM',
      other: 'EROFS',
      trusted: 'EROFS',
      path_only: 'EBADF',
      none: 'EBADF',
      negative: 'EBADF',
      deleted: 'EROFS',
      closed: 'EACCES',
      above: 'EACCES',
      own: 'ok',
      pipe: 'ok',
    }
    beforeEach(() =>
      fill(at, { 'ws/': '', 'out/exist': 'old\n', 'out/gone': '', 'out/.git/config': 'cfg\n' }, uid),
    )
    const onlyOut = (answer: Answer) => (held: Held) =>
      held.path.startsWith(join(at, 'out')) && !held.path.includes('/.git') ? answer : deny
    const deny: Answer = { verdict: 'deny' }
    const ask = (answer: Answer, grows = true) =>
      probe(['descriptors', join(at, 'out')], {
        closed: [join(at, 'out/.git')],
        start: { grows },
        answer: onlyOut(answer),
      })

    test.each([true, false])(
      'change what the folder holds without another question (mounts grow: %s)',
      async (grows) => {
        const { out, held } = await ask({ verdict: 'directory', path: join(at, 'out') }, grows)
        const got = results(out)
        expect(changes.filter((name) => got[name] !== 'ok')).toEqual([])
        expect(got).toMatchObject(kernels)
        expect(held.map(({ call, path }) => `${call} ${path.slice(at.length)}`)).toEqual([
          'unlink /out/gone',
          'fchmod /out/.git/config',
          'fchmod ',
        ])
        const file = lstatSync(join(at, 'out/exist'))
        expect([file.mode & 0o7777, file.mtimeMs]).toEqual([0o604, 2_000_000])
        expect(lstatSync(join(at, 'out')).mode & 0o7777).toBe(0o750)
        expect(lstatSync(join(at, 'out/.git/config')).mode & 0o022).toBe(0)
      },
    )

    test('with the shim preloaded, they are asked about only where the kernel refuses', async () => {
      const shim = join(lab.bin, 'hold-shim.so')
      cpSync(builtShim, shim)
      const { out, held } = await probe(['descriptors', join(at, 'out')], {
        env: { GHENV_LD_PRELOAD: shim },
        closed: [join(at, 'out/.git')],
        answer: onlyOut({ verdict: 'directory', path: join(at, 'out') }),
      })
      const got = results(out)
      expect(changes.filter((name) => got[name] !== 'ok')).toEqual([])
      expect(got).toMatchObject(kernels)
      expect(held.length).toBe(3)
    })

    test('are asked about one by one', async () => {
      const { out, held } = await ask({ verdict: 'once' })
      const got = results(out)
      expect(changes.filter((name) => got[name] !== 'ok')).toEqual([])
      expect(got).toMatchObject(kernels)
      expect(
        held
          .filter(({ path }) => path === join(at, 'out/exist'))
          .map(({ call, requested }) => [call, requested]),
      ).toEqual([
        ['fchmod', ''],
        ['fchown', ''],
        ['utimensat', ''],
        ['fsetxattr', ''],
        ['fremovexattr', ''],
        ['fchmodat', 'exist'],
        ['chmod', expect.stringMatching(/^\/proc\/self\/fd\/\d+$/)],
        ['fchownat', ''],
      ])
    })

    test('are no way around a mask that came later', async () => {
      const before = lstatSync(join(at, 'out/exist')).mode
      const script = `exec 3< ${at}/out/exist; echo open; read go; chmod 600 /proc/self/fd/3 || echo refused`
      const { out, held } = await run(['sh', '-c', script], {
        answer: always({ verdict: 'once' }),
        started: (control) => {
          control.child.stdout?.once('data', () =>
            control.send({ type: 'mask', path: join(at, 'out/exist') }),
          )
          void control.line('masked').then(() => control.child.stdin?.end('go\n'))
        },
      })
      expect([out, held]).toEqual(['open\nrefused\n', []])
      expect(lstatSync(join(at, 'out/exist')).mode).toBe(before)
    })

    test('change nothing when denied', async () => {
      const before = lstatSync(join(at, 'out/exist'))
      const { out } = await ask({ verdict: 'deny' })
      const got = results(out)
      expect(changes.filter((name) => got[name] !== 'EACCES')).toEqual([])
      const after = lstatSync(join(at, 'out/exist'))
      expect([after.mode, after.mtimeMs]).toEqual([before.mode, before.mtimeMs])
    })
  })

  test('grant opens before anything asks, revoke closes again', async () => {
    const { out, lines } = await probe(['watch', join(at, 'out/f')], {
      answer: always({ verdict: 'deny' }),
      started: (control) => {
        void (async () => {
          const says = (text: string) =>
            new Promise<void>((resolve) => {
              let all = ''
              control.child.stdout?.on('data', (more) => (all += String(more)).includes(text) && resolve())
            })
          await says('now=EACCES')
          control.send({ type: 'grant', path: join(at, 'out'), directory: true })
          await says('now=ok')
          control.send({ type: 'revoke', path: join(at, 'out') })
          await says('now=EACCES')
          control.child.stdin?.end()
        })()
      },
    })
    expect(out).toBe('now=EACCES\nnow=ok\nnow=EACCES\n')
    expect(lines).toContainEqual({ type: 'granted', path: join(at, 'out'), errno: 0 })
    expect(lines).toContainEqual({ type: 'revoked', path: join(at, 'out'), errno: 0 })
  })

  test('folders opened inside each other close whichever goes first', async () => {
    const { out } = await run(
      [
        'sh',
        '-c',
        `read go; echo x > ${at}/big/deep/f && echo leaked; echo x > ${at}/big/g && echo leaked; true`,
      ],
      {
        answer: always({ verdict: 'deny' }),
        started: (control) => {
          void control.line('up').then(async () => {
            for (const [type, name] of [
              ['grant', 'big/deep'],
              ['grant', 'big'],
              ['revoke', 'big/deep'],
              ['revoke', 'big'],
            ]) {
              control.send({ type, path: join(at, name ?? ''), directory: true })
            }
            while (control.lines.filter((line) => line.type === 'revoked').length < 2)
              await new Promise((resolve) => setImmediate(resolve))
            control.child.stdin?.end('go\n')
          })
        },
      },
    )
    expect(out).toBe('')
    expect([has('big/deep/f'), has('big/g')]).toEqual([false, false])
  })

  test.each([['writes'], ['none']])('without a question a grant works as well (hold: %s)', async (hold) => {
    const { out } = await run(['sh', '-c', `read go; echo x > ${at}/out/f && echo done`], {
      start: { hold },
      started: (control) => {
        void control
          .line('up')
          .then(() => control.send({ type: 'grant', path: join(at, 'out'), directory: true }))
        void control.line('granted').then(() => control.child.stdin?.end('go\n'))
      },
    })
    expect(out).toBe('done\n')
  })

  test.each(['/', '/usr', 'lab'])('a grant of %s is refused', async (path) => {
    const wide = path === 'lab' ? at : path
    const { lines } = await run(['sh', '-c', 'read go; true'], {
      started: (control) => {
        void control.line('up').then(() => control.send({ type: 'grant', path: wide, directory: true }))
        void control.line('granted').then(() => control.child.stdin?.end('go\n'))
      },
    })
    expect(lines).toContainEqual({ type: 'granted', path: wide, errno: 1 })
  })

  describe('callers of every kind', () => {
    test('16 threads wait at once, and one answer for the folder settles the others', async () => {
      const { out, held, lines } = await probe(['threads', join(at, 'out'), '16'], {
        answer: (_held, control) =>
          control.lines.filter(({ type }) => type === 'held').length === 16
            ? { verdict: 'directory', path: join(at, 'out') }
            : null,
      })
      expect(out).toBe('refused=0\n')
      expect([
        held.length,
        lines.filter(({ type, by }) => type === 'settled' && by === 'grant').length,
      ]).toEqual([16, 15])
    })

    test('of 300 that wait at once, 256 are asked about and the others refused', async () => {
      let [asked, refused] = [0, 0]
      const look = (control: Control) => {
        if (asked + refused < 300) return
        control.send({ type: 'answer', id: 1, verdict: 'directory', path: join(at, 'out') })
      }
      const { out, held } = await probe(['threads', join(at, 'out'), '300'], {
        plain: true,
        started: (control) => {
          control.child.stdout?.on('data', (text) => {
            refused += String(text).match(/^refused$/gm)?.length ?? 0
            look(control)
          })
        },
        answer: (_held, control) => {
          asked++
          look(control)
          return null
        },
      })
      expect([held.length, refused]).toEqual([256, 44])
      expect(out).toContain('refused=44\n')
      expect(readdirSync(join(at, 'out')).length).toBe(1 + 256)
    })

    test('a static program', async () => {
      await run([lab.staticProbe, 'write', join(at, 'out/f')], { answer: always({ verdict: 'once' }) })
      expect(read('out/f')).toBe('data\n')
    })

    test('a child of vfork', async () => {
      const { out } = await probe(['vfork', join(at, 'out/f')], { answer: always({ verdict: 'once' }) })
      expect(out).toBe('child=0\n')
    })

    test('one that nobody may look into', async () => {
      const { out } = await probe(['undumpable', join(at, 'out/f')], { answer: always({ verdict: 'once' }) })
      expect(out).toBe('open=ok\n')
    })

    test('one that signals reach: one question', async () => {
      const { out, held } = await probe(['signals', join(at, 'out/f')], {
        answer: async () => {
          await new Promise((resolve) => setTimeout(resolve, 200))
          return { verdict: 'once' }
        },
      })
      expect([out, held.length]).toEqual(['open=ok\n', 1])
    })

    test('one with bad pointers gets the kernel’s own errors', async () => {
      const { out } = await probe(['bad', join(at, 'out/f')], { answer: always({ verdict: 'once' }) })
      expect(results(out)).toMatchObject({
        null: 'EFAULT',
        edge: 'ok',
        endless: 'ENAMETOOLONG',
        empty: 'ENOENT',
        descriptor: 'EBADF',
      })
    })

    test('one that does not want to be held gains nothing', async () => {
      const { out, held } = await probe(['skip', join(at, 'out/f')], { answer: always({ verdict: 'once' }) })
      expect([out, held.length]).toEqual(['open=EROFS\n', 0])
    })

    test('one that was granted a file gets no further', async () => {
      const { out } = await probe(['reopen-write', join(at, 'out/f')], {
        answer: ({ path }) => (path === join(at, 'out/f') ? { verdict: 'once' } : { verdict: 'deny' }),
      })
      expect(results(out)).toMatchObject({ open: 'ok', above: 'ENOTDIR' })
      expect(has('out/escaped')).toBe(false)
      expect(results(out)['through']).not.toBe('ok')
    })

    test('one that opens folders gets none of ours', async () => {
      const { out } = await probe(['folder', join(at, 'out')], { answer: always({ verdict: 'once' }) })
      expect(Object.values(results(out))).not.toContain('ok')
    })
  })

  // A program that its user may not read is one that the user may not look into: what Yama or SELinux do to any.
  test.runIf(uid !== 0 && isRoot)(
    'where the supervisor may not look into the run, nothing waits and it is said',
    async () => {
      const launcher = join(lab.bin, 'launcher-plain')
      chmodSync(launcher, 0o711)
      try {
        const { out, lines, held, code } = await run(
          [
            'sh',
            '-c',
            `echo in > inside && cat inside; echo x > ${at}/out/f || echo refused; read go; echo y > ${at}/out/g || echo on`,
          ],
          {
            plain: true,
            started: (control) => {
              void control
                .line('up')
                .then(() => control.send({ type: 'grant', path: join(at, 'out'), directory: true }))
              void control.line('granted').then(() => control.child.stdin?.end('go\n'))
            },
          },
        )
        expect([out, held, code]).toEqual(['in\nrefused\non\n', [], 0])
        expect(lines.find(({ type }) => type === 'up')).toMatchObject({
          holds: false,
          grows: false,
          why: 'this system does not let the supervisor look into its own commands',
        })
        expect(lines).toContainEqual({ type: 'granted', path: join(at, 'out'), errno: 38 })
        expect([has('out/f'), has('out/g')]).toEqual([false, false])
      } finally {
        chmodSync(launcher, 0o755)
      }
    },
  )

  test('a caller that is killed withdraws its question', async () => {
    const script = `${lab.probe} write ${at}/out/f & p=$!; read go; kill -9 $p; wait $p; read go; echo on`
    const { out, lines } = await run(['sh', '-c', script], {
      answer: (_held, control) => {
        control.child.stdin?.write('go\n')
        void control.line('withdrawn').then(() => control.child.stdin?.end('go\n'))
        return null
      },
    })
    expect(out).toBe('on\n')
    expect(lines).toContainEqual({ type: 'withdrawn', id: 1 })
    expect(has('out/f')).toBe(false)
  })

  test('an answer for a caller that is gone by then does nothing', async () => {
    const { out } = await probe(['unwaited', join(at, 'out/f')], {
      answer: async ({ pid }, control) => {
        process.kill(pid, 'SIGKILL')
        while (!/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
          await new Promise((resolve) => setImmediate(resolve))
        // What follows is read after the answer.
        control.send({ type: 'answer', id: 1, verdict: 'once' })
        control.send({ type: 'revoke', path: join(at, 'out') })
        void control.line('revoked').then(() => control.child.stdin?.end())
        return null
      },
    })
    expect(out).toBe('on\n')
    expect(has('out/f')).toBe(false)
  })

  test('an answer counts once: a second one for the same question opens nothing', async () => {
    const { held } = await run(['sh', '-c', `echo a > ${at}/out/a; echo b > ${at}/out/b; true`], {
      answer: ({ id, path }, control) => {
        if (path.endsWith('b')) return { verdict: 'deny' }
        control.send({ type: 'answer', id, verdict: 'once' })
        return { verdict: 'directory', path: join(at, 'out') }
      },
    })
    expect(held.map(({ path }) => path.slice(at.length))).toEqual(['/out/a', '/out/b'])
    expect([has('out/a'), has('out/b')]).toEqual([true, false])
  })

  test('without a filter of other calls no set-id bit is made either', async () => {
    const { out, held } = await probe(['every', join(at, 'out')], {
      start: { seccomp: 'none' },
      answer: always({ verdict: 'once' }),
    })
    const got = results(out)
    expect([got['chmod_setuid'], got['create_setuid']]).toEqual(['EROFS', 'EROFS'])
    expect(has('out/setuid')).toBe(false)
    expect(everyCall.filter((name) => got[name] !== 'ok')).toEqual([])
    expect(held.length).toBe(everyCall.length)
  })

  const gone = async (pid: number): Promise<void> => {
    while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  test('a supervisor that is killed while it holds leaves nothing written and nothing running', async () => {
    let caller = 0
    await probe(['write', join(at, 'out/f')], {
      answer: ({ pid }, control) => {
        caller = pid
        control.child.kill('SIGKILL')
        return null
      },
    })
    await gone(caller)
    expect(has('out/f')).toBe(false)
  })

  test('a host that closes its channel has refused', async () => {
    let caller = 0
    await probe(['write', join(at, 'out/f')], {
      answer: ({ pid }, control) => {
        caller = pid
        const [, , , channel] = control.child.stdio
        if (channel && 'destroy' in channel) channel.destroy()
        return null
      },
    })
    await gone(caller)
    expect(has('out/f')).toBe(false)
  })

  test('a broker that is killed opens nothing; a later grant starts another', async () => {
    const { out, held } = await run(
      [
        'sh',
        '-c',
        `echo a > ${at}/out/a; echo b > ${at}/big/b; echo c > ${at}/big/deep/c; kill -9 -1 2>/dev/null; true`,
      ],
      {
        answer: ({ path }, control) => {
          const children = readFileSync(
            `/proc/${control.child.pid}/task/${control.child.pid}/children`,
            'utf8',
          )
          const tasks = readdirSync(`/proc/${control.child.pid}/task`).flatMap((task) =>
            readFileSync(`/proc/${control.child.pid}/task/${task}/children`, 'utf8').split(' '),
          )
          const brokers = [...children.split(' '), ...tasks].filter(
            (pid) => pid.trim() !== '' && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'gatehouse-mount\n',
          )
          if (path.includes('/big/')) for (const pid of new Set(brokers)) process.kill(Number(pid), 'SIGKILL')
          return { verdict: 'directory', path: path.slice(0, path.lastIndexOf('/')) }
        },
      },
    )
    expect([out, held.length]).toEqual(['', 2])
    expect([has('out/a'), has('big/b'), has('big/deep/c')]).toEqual([true, true, true])
  })

  test('3,000 questions leave no descriptor and no memory behind', async () => {
    const size = (pid: number | undefined) => ({
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      kilobytes: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
    })
    let [early, late] = [size(process.pid), size(process.pid)]
    const { out } = await probe(['many', join(at, 'out'), '3000'], {
      plain: true,
      answer: ({ id }, { child }) => {
        if (id === 200) early = size(child.pid)
        if (id === 3000) late = size(child.pid)
        return { verdict: 'once' }
      },
    })
    expect(out).toBe('many=ok\n')
    expect(late.descriptors).toBe(early.descriptors)
    expect(late.kilobytes - early.kilobytes).toBeLessThan(600)
  })
})
