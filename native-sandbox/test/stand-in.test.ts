import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bwrap, lab, type Options, start } from './support.ts'

const isRoot = process.getuid?.() === 0

describe.runIf(process.platform === 'linux').each(isRoot ? [0, 65534] : [process.getuid?.() ?? 0])(
  'stand-ins, as user %i',
  (uid) => {
    let base = ''
    let launcher = ''
    let folder = ''
    let remove = () => {}
    beforeAll(() => {
      ;({ base, launcher, remove } = lab())
      chmodSync(base, 0o755)
    }, 600_000)
    afterAll(() => remove())
    beforeEach(() => {
      folder = `${base}/ws`
      mkdirSync(folder)
      if (isRoot) chownSync(folder, uid, uid)
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    const inFolder = () => readdirSync(folder).toSorted()
    const places = () => ({ standInFolders: [`${folder}/.git`], standInFiles: [`${folder}/config`] })
    const begin = (script: string, options: Options = {}) =>
      start(
        launcher,
        ['--outside', 'fd:3', '--', ...bwrap(launcher, ['sh', '-c', script], [folder])],
        isRoot ? { start: places(), uid, ...options } : { start: places(), ...options },
      )
    /** Runs until the command says so, and is stopped by `stop`. */
    async function running(options: Options = {}) {
      const run = begin('sleep 600', options)
      await run.heard('up')
      const stop = async () => {
        run.send({ type: 'stop' })
        await run.ended
      }
      return { ...run, stop }
    }

    test('stand where something is absent, are empty, and go with the run', async () => {
      const run = await running()
      expect(inFolder()).toEqual(['.git', 'config'])
      expect(readdirSync(`${folder}/.git`)).toEqual([])
      expect(statSync(`${folder}/config`)).toMatchObject({ size: 0 })
      run.send({ type: 'stop' })
      // Gone before the end is told.
      await run.heard('exit')
      expect(inFolder()).toEqual([])
      await run.ended
    })

    test('of several runs at once, the last one removes them', async () => {
      const runs = await Promise.all([running(), running(), running()])
      for (const { stop } of runs) {
        expect(inFolder()).toEqual(['.git', 'config'])
        await stop()
      }
      expect(inFolder()).toEqual([])
    })

    test.each(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const)(
      'go also when the supervisor ends by %s',
      async (signal) => {
        const run = await running()
        run.child.kill(signal)
        await expect.poll(inFolder).toEqual([])
        await run.ended
      },
    )

    test('stay while another run needs them, also after a kill', async () => {
      const first = await running()
      const second = await running()
      first.child.kill('SIGKILL')
      await first.ended
      expect(inFolder()).toEqual(['.git', 'config'])
      await second.stop()
      await expect.poll(inFolder).toEqual([])
    })

    test('what a double kill left is joined and removed by the next run', async () => {
      mkdirSync(`${folder}/.git`)
      utimesSync(`${folder}/.git`, 999_999_990, 999_999_990)
      if (isRoot) chownSync(`${folder}/.git`, uid, uid)
      const run = await running()
      expect(inFolder()).toEqual(['.git', 'config'])
      await run.stop()
      expect(inFolder()).toEqual([])
    })

    test('what somebody filled, replaced, or gave another time is theirs', async () => {
      const run = await running({
        start: {
          standInFolders: ['a', 'b', 'c', 'd'].map((name) => `${folder}/${name}`),
          standInFiles: [`${folder}/file`, `${folder}/touched`],
        },
      })
      writeFileSync(`${folder}/a/x`, '')
      rmdirSync(`${folder}/b`)
      mkdirSync(`${folder}/b`)
      utimesSync(`${folder}/c`, new Date(), new Date())
      writeFileSync(`${folder}/file`, 'mine')
      utimesSync(`${folder}/touched`, new Date(), new Date())
      await run.stop()
      expect(inFolder()).toEqual(['a', 'b', 'c', 'file', 'touched'])
    })

    test('what was there before stays, and nothing is made inside of it', async () => {
      mkdirSync(`${folder}/.git`)
      writeFileSync(`${folder}/config`, '')
      await (await running()).stop()
      expect(inFolder()).toEqual(['.git', 'config'])
    })

    test('a link at the place is refused, and nothing made on the way stays', async () => {
      symlinkSync('nowhere', `${folder}/config`)
      const { said, code } = await begin('echo started').ended
      expect(code).toBe(126)
      expect(said.slice(1)).toMatchObject([
        { type: 'problem', what: 'standIn', errno: 40, words: `${folder}/config` },
        { type: 'exit' },
      ])
      expect(inFolder()).toEqual(['config'])
      expect(lstatSync(`${folder}/config`).isSymbolicLink()).toBe(true)
    })

    test('a link on the way to the place is refused', async () => {
      symlinkSync(folder, `${base}/link`)
      const { said } = await begin('true', { start: { standInFolders: [`${base}/link/.git`] } }).ended
      expect(said[1]).toMatchObject({ what: 'standIn', errno: 40 })
      rmSync(`${base}/link`)
    })

    test.each(['relative/x', '', '/', '/x/'])('a place that is no path is refused: "%s"', async (path) => {
      const { said } = await begin('true', { start: { standInFolders: [path] } }).ended
      expect(said[1]).toMatchObject({ what: 'standIn', errno: 22 })
    })

    // What is asked for will be mounted: where it cannot be had, nothing starts, and nothing made before stays.
    test.each([
      ['the folder above is absent', 'no/.git', 2],
      ['the folder above is a file', 'file/.git', 20],
      ['the folder above is a stand-in itself', '.vscode/tasks', 16],
    ])('a place is refused where %s', async (_, place, errno) => {
      writeFileSync(`${folder}/file`, 'x')
      const places = { standInFolders: [`${folder}/.vscode`, `${folder}/${place}`] }
      const { code, said } = await begin('echo started', { start: places }).ended
      expect(code).toBe(126)
      expect(said.slice(1)).toMatchObject([
        { type: 'problem', what: 'standIn', errno, words: `${folder}/${place}` },
        { type: 'exit' },
      ])
      expect(inFolder()).toEqual(['file'])
    })

    test.runIf(uid !== 0)("a place in another user's folder is refused", async () => {
      const { said } = await begin('echo started', { start: { standInFolders: ['/usr/.git'] } }).ended
      expect(said[1]).toMatchObject({ what: 'standIn', errno: 13, words: '/usr/.git' })
    })

    test.each(['folder', 'file'] as const)('a %s that was left half made is removed', async (kind) => {
      if (kind === 'folder') mkdirSync(`${folder}/.gatehouse-stand-in`)
      else writeFileSync(`${folder}/.gatehouse-stand-in`, '')
      if (isRoot) chownSync(`${folder}/.gatehouse-stand-in`, uid, uid)
      const run = await running()
      expect(inFolder()).toEqual(['.git', 'config'])
      await run.stop()
      expect(inFolder()).toEqual([])
    })

    test('what somebody keeps under that name is theirs, and in nobody’s way', async () => {
      mkdirSync(`${folder}/.gatehouse-stand-in/deep`, { recursive: true })
      const run = await running()
      expect(inFolder()).toEqual(['.gatehouse-stand-in', '.git', 'config'])
      await run.stop()
      expect(inFolder()).toEqual(['.gatehouse-stand-in'])
      rmSync(`${folder}/.gatehouse-stand-in`, { recursive: true })
      writeFileSync(`${folder}/.gatehouse-stand-in`, 'mine')
      await (await running()).stop()
      expect(inFolder()).toEqual(['.gatehouse-stand-in'])
    })

    test('a command cannot take the mark away, or remove one', async () => {
      const script = 'touch .git config; rmdir .git; rm -f config; mkdir .git/x; mv .git other; echo done'
      const view = bwrap(launcher, ['sh', '-c', `cd ${folder}; ${script}`], [folder])
      const readOnly = [`${folder}/.git`, `${folder}/config`].flatMap((path) => ['--ro-bind', path, path])
      const at = view.indexOf('--')
      view.splice(at, 0, ...readOnly)
      const options = isRoot ? { start: places(), uid } : { start: places() }
      const { stdout } = await start(launcher, ['--outside', 'fd:3', '--', ...view], options).ended
      expect(stdout).toBe('done\n')
      expect(inFolder()).toEqual([])
    })

    test('a lock of somebody else is waited for, but not for ever', async () => {
      mkdirSync(`${folder}/.git`)
      utimesSync(`${folder}/.git`, 999_999_990, 999_999_990)
      const holder = spawn('flock', ['-x', `${folder}/.git`, '-c', 'echo locked; sleep 600'], {
        detached: true,
        // Not the person's shell, which would read its start-up file first, as Node's pipe is a socket.
        env: { ...process.env, SHELL: '/bin/sh' },
      })
      await new Promise((resolve) => holder.stdout.once('data', resolve))
      const { said } = await begin('true').ended
      process.kill(-(holder.pid ?? 0), 'SIGKILL')
      expect(said[1]).toMatchObject({ what: 'standIn', errno: 16, words: `${folder}/.git` })
    })

    test('hundreds of them are held', async () => {
      const names = Array.from({ length: 600 }, (_, index) => `${folder}/n${index}`)
      const run = await running({ start: { standInFolders: names } })
      expect(inFolder()).toHaveLength(600)
      await run.stop()
      expect(inFolder()).toEqual([])
    })

    test('runs that start and end at the same time leave nothing and lose nothing', async () => {
      const script = `test -d ${folder}/.git && test -f ${folder}/config && echo both`
      const rounds = await Promise.all(Array.from({ length: 12 }, () => begin(script).ended))
      expect(rounds.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 12 }, () => 'both\n'))
      expect(inFolder()).toEqual([])
    })
  },
)
