import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, fill, type Held, type Lab, openLab, type RunOptions, runHeld } from './held-lab.ts'

const isRoot = process.getuid?.() === 0
const users = isRoot ? [0, 65534] : [process.getuid?.() ?? 0]
const here = process.platform === 'linux' && existsSync('/usr/bin/bwrap')

describe.runIf(here).each(users)('reads that are denied, as user %i', (uid) => {
  let lab: Lab
  let at = ''
  const run = (command: readonly string[], options: RunOptions = {}) =>
    runHeld(lab, command, {
      ...(uid === 0 ? {} : { uid }),
      ...options,
      start: { hold: 'all', ...options.start },
    })
  const allow =
    (names: RegExp) =>
    ({ path }: Held): Answer => ({ verdict: names.test(path) ? 'once' : 'deny' })
  /** Whether this user may serve a file system, which is what makes a mask wait by itself. */
  const serves = existsSync('/dev/fuse') && (uid === 0 || (statSync('/dev/fuse').mode & 0o6) === 0o6)
  const masks = () => [join(at, 'secret'), join(at, 'token')]

  beforeAll(() => {
    lab = openLab()
    at = join(lab.base, 'lab')
  }, 300_000)
  afterAll(() => lab.close())
  beforeEach(() => {
    fill(
      at,
      {
        'ws/a.env': 'ENV\n',
        'ws/ok': 'fine\n',
        'secret/key': 'KEY\n',
        'secret/other': 'OTHER\n',
        'secret/sub/deep': 'DEEP\n',
        token: 'TOKEN\n',
        'secret/big': 'A'.repeat(3_000_000),
      },
      uid,
    )
  })

  test('exactly the files that are allowed are read, each asked for by its name', async () => {
    const script = `cat ${at}/secret/key; cat ${at}/secret/other; cat ${at}/token; cat ../secret/sub/deep; wc -c < ${at}/secret/big`
    const { out, held } = await run(['sh', '-c', script], {
      masks: masks(),
      answer: allow(/key|token|deep|big/),
    })
    expect(out).toBe('KEY\nTOKEN\nDEEP\n3000000\n')
    expect(held.map(({ kind, path }) => `${kind} ${path.slice(at.length)}`)).toEqual(
      ['key', 'other', 'token', 'sub/deep', 'big'].map(
        (name) => `read ${name === 'token' ? '/' : '/secret/'}${name}`,
      ),
    )
  })

  test('an answer for the path is remembered; one for the folder covers all of it', async () => {
    const script = `for i in 1 2 3; do cat ${at}/secret/key; done; cat ${at}/secret/sub/deep; cat ${at}/secret/other`
    const { out, held } = await run(['sh', '-c', script], {
      masks: masks(),
      answer: ({ path }) =>
        path.endsWith('key') ? { verdict: 'path' } : { verdict: 'directory', path: join(at, 'secret') },
    })
    expect([out, held.length]).toEqual(['KEY\nKEY\nKEY\nDEEP\nOTHER\n', 2])
  })

  test('a grant to read is none to write', async () => {
    const { out } = await run(
      [
        'sh',
        '-c',
        `${lab.probe} reopen ${at}/secret/key; echo x > ${at}/secret/key; echo y > ${at}/secret/new; true`,
      ],
      {
        masks: masks(),
        answer: ({ kind }) => ({ verdict: kind === 'read' ? 'once' : 'deny' }),
      },
    )
    expect(out).toContain('content=KEY')
    expect(out.match(/(again_write|fchmod|above|through)=ok/)).toBeNull()
    expect(readFileSync(join(at, 'secret/key'), 'utf8')).toBe('KEY\n')
    expect(existsSync(join(at, 'secret/new'))).toBe(false)
  })

  test('a caller that is killed, and a supervisor that is, have read nothing', async () => {
    const script = `cat ${at}/secret/key & p=$!; read go; kill -9 $p; wait $p; read go; echo on`
    const { out } = await run(['sh', '-c', script], {
      masks: masks(),
      answer: (_held, control) => {
        control.child.stdin?.write('go\n')
        void control.line('withdrawn').then(() => control.child.stdin?.end('go\n'))
        return null
      },
    })
    expect(out).toBe('on\n')
    const killed = await run(['cat', join(at, 'secret/key')], {
      masks: masks(),
      answer: (_held, control) => (control.child.kill('SIGKILL'), null),
    })
    expect(killed.out).toBe('')
  })

  test('files that a pattern names stay closed by every way to them', async () => {
    const script =
      'cat a.env; cat ./a.env; ln -s a.env l; cat l; mv a.env b; cat b; ln a.env c; cat c; cat /proc/self/cwd/a.env; exec 3<.; cat /proc/self/fd/3/a.env; cat ok'
    const { out, held } = await run(['sh', '-c', script], {
      start: { deniedGlobs: [`${at}/ws\n**/*.{env,pem}`] },
      answer: () => ({ verdict: 'deny', remember: true }),
    })
    expect([out, held.length]).toEqual(['fine\n', 1])
  })

  test('one that a grant names exactly is read although a pattern names it; a folder above it opens nothing', async () => {
    const { out, held } = await run(
      ['sh', '-c', 'cat a.env; cat .env; cat keys/one; cat keys/two.env; cat b.env; echo x > a.env; true'],
      {
        start: {
          deniedGlobs: [`${at}/ws\n**/*.env`, `${at}/ws\nkeys`],
          grantedReads: [join(at, 'ws/a.env'), join(at, 'ws'), join(at, 'ws/keys')],
        },
        started: () => {
          mkdirSync(join(at, 'ws/keys'))
          for (const name of ['.env', 'b.env', 'keys/one', 'keys/two.env'])
            writeFileSync(join(at, 'ws', name), `${name}\n`)
        },
        answer: () => ({ verdict: 'deny' }),
      },
    )
    expect(out).toBe('ENV\nkeys/one\n')
    expect(held.map(({ path }) => path.slice(at.length))).toEqual([
      '/ws/.env',
      '/ws/keys/two.env',
      '/ws/b.env',
    ])
  })

  test('a grant while it runs opens what a pattern denies, for reading, and revoke closes it', async () => {
    const { out, lines } = await run(
      ['sh', '-c', 'cat a.env; echo 1; read go; cat a.env; echo 2; read go; cat a.env; cat c.env; true'],
      {
        start: { deniedGlobs: [`${at}/ws\n*.env`] },
        answer: () => ({ verdict: 'deny' }),
        started: (control) => {
          writeFileSync(join(at, 'ws/c.env'), 'C\n')
          control.child.stdout?.on('data', (text) => {
            const path = join(at, 'ws/a.env')
            if (String(text).includes('1')) {
              control.send({ type: 'grant', path, directory: false })
              void control.line('granted').then(() => control.child.stdin?.write('go\n'))
            }
            if (!String(text).includes('2')) return
            control.send({ type: 'revoke', path })
            void control.line('revoked').then(() => control.child.stdin?.end('go\n'))
          })
        },
      },
    )
    expect(lines).toContainEqual({ type: 'granted', path: join(at, 'ws/a.env'), errno: 0 })
    expect(out).toBe('1\nENV\n2\n')
  })

  test.each([
    ['only masks that wait by themselves', false, {}, true],
    ['a pattern', false, { deniedGlobs: ['/nowhere\n*.env'] }, false],
    ['another name of a masked file', true, {}, false],
    ['masks that cannot be served', false, { grows: false }, false],
  ])('reads cost nothing unless they must be seen: %s', async (_title, linked, start, free) => {
    if (linked) linkSync(join(at, 'token'), join(at, 'ws/alias'))
    const script = 'for i in 1 2 3 4 5 6 7 8 9 10; do cat ok; done'
    const { out, lines } = await run(['sh', '-c', script], { masks: masks(), start })
    expect(out).toBe('fine\n'.repeat(10))
    const passed = Number(lines.at(-1)?.['passed'])
    if (free && serves) expect(passed).toBe(0)
    else expect(passed).toBeGreaterThan(10)
  })

  test('one that appears while the run goes on is closed when it is first opened, and can be granted', async () => {
    const { out } = await run(['sh', '-c', 'read go; cat new.env; cat new.env'], {
      start: { deniedGlobs: [`${at}/ws\n*.env`] },
      started: (control) => {
        void control.line('up').then(() => {
          writeFileSync(join(at, 'ws/early'), 'NEW\n')
          renameSync(join(at, 'ws/early'), join(at, 'ws/new.env'))
          control.child.stdin?.end('go\n')
        })
      },
      answer: ({ id }) => (id === 1 ? { verdict: 'deny' } : { verdict: 'once' }),
    })
    expect(out).toBe('NEW\n')
  })

  test('another name of a masked file is refused', async () => {
    linkSync(join(at, 'token'), join(at, 'ws/alias'))
    linkSync(join(at, 'secret/key'), join(at, 'ws/alias2'))
    const { out } = await run(['sh', '-c', 'cat alias; cat alias2; cat ok'], {
      masks: masks(),
      answer: () => ({ verdict: 'deny' }),
    })
    expect(out).toBe('fine\n')
  })

  test.each(['writes', 'all'])('mask closes a file and a folder at once (hold: %s)', async (hold) => {
    const { out, lines } = await run(
      ['sh', '-c', `cat ok; echo; read go; cat ok; cat ${at}/secret/key; echo end`],
      {
        start: { hold },
        answer: () => ({ verdict: 'deny' }),
        started: (control) => {
          control.child.stdout?.once('data', () => {
            control.send({ type: 'mask', path: join(at, 'ws/ok') })
            control.send({ type: 'mask', path: join(at, 'secret') })
            void (async () => {
              while (control.lines.filter(({ type }) => type === 'masked').length < 2)
                await new Promise((resolve) => setImmediate(resolve))
              control.child.stdin?.end('go\n')
            })()
          })
        },
      },
    )
    expect(out).toBe('fine\n\nend\n')
    expect(lines).toContainEqual({ type: 'masked', path: join(at, 'secret'), errno: 0 })
  })

  test('level writes never sees a read', async () => {
    const { out, held } = await run(['sh', '-c', `cat ${at}/secret/key; cat ok`], {
      masks: masks(),
      start: { hold: 'writes' },
      answer: () => ({ verdict: 'once' }),
    })
    expect([out, held.length]).toEqual(['fine\n', 0])
  })
})

describe.runIf(here && isRoot)('a supervisor that runs as root', () => {
  let lab: Lab
  let at = ''
  beforeAll(() => {
    lab = openLab()
    at = join(lab.base, 'lab')
  }, 300_000)
  afterAll(() => lab.close())

  test('grants no more than the same command could do outside without capabilities', async () => {
    fill(at, { 'out/theirs': 'THEIRS\n', 'out/folder/x': 'x\n', 'secret/key': 'KEY\n' }, 65_534)
    fill(join(at, 'ws'), {}, 0)
    for (const name of ['out/theirs', 'secret/key']) chmodSync(join(at, name), 0o600)
    chmodSync(join(at, 'out/folder'), 0o755)
    const script = `echo x > ${at}/out/theirs; echo x > ${at}/out/folder/new; rm -f ${at}/out/folder/x; chmod 666 ${at}/out/theirs; cat ${at}/secret/key; true`
    for (const grows of [true, false]) {
      const { out } = await runHeld(lab, ['sh', '-c', script], {
        masks: [join(at, 'secret')],
        start: { hold: 'all', grows },
        answer: ({ kind }) =>
          kind === 'read' ? { verdict: 'once' } : { verdict: 'directory', path: join(at, 'out') },
        started: (control) =>
          void control
            .line('up')
            .then(() => control.send({ type: 'grant', path: join(at, 'out'), directory: true })),
      })
      expect(out).toBe('')
    }
    expect(readFileSync(join(at, 'out/theirs'), 'utf8')).toBe('THEIRS\n')
    expect([existsSync(join(at, 'out/folder/new')), existsSync(join(at, 'out/folder/x'))]).toEqual([
      false,
      true,
    ])
  })
})
