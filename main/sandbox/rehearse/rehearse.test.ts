import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { noGrant } from '../../../protocol/action.ts'
import type { SandboxSpec } from '../../../protocol/sandbox.ts'
import { systemClock } from '../../platform/clock.ts'
import { createSandbox } from '../create-sandbox.ts'
import { shownRaw } from './raw-path.ts'
import type { RehearsedRun } from './rehearsal-run.ts'

const launcher = fileURLToPath(new URL('../../../native-sandbox/out/launcher', import.meta.url))

// Not below /tmp, of which every run has its own.
let base = ''
let root = ''
let home = ''
let open: RehearsedRun[] = []

beforeEach(() => {
  base = mkdtempSync('/var/tmp/gatehouse-rehearse-')
  root = `${base}/w, o:r\\d`
  home = `${base}/home`
  mkdirSync(root)
  mkdirSync(home)
  open = []
})
afterEach(() => {
  for (const run of open) run.copy.discard()
  execFileSync('chmod', ['-R', 'u+rwx', base])
  rmSync(base, { recursive: true })
})

const sandboxOf = () => createSandbox({ launcher, stateDir: `${home}/state`, clock: systemClock })
type Sandbox = ReturnType<typeof sandboxOf>

const specOf = (sandbox: Sandbox, writePaths: readonly string[] = []): Promise<SandboxSpec> =>
  sandbox.buildSpec({
    mode: 'workspace-write',
    folder: root,
    extraWritableRoots: [],
    deniedReads: [],
    grant: { ...noGrant, writePaths },
    gatehouseHome: home,
  })

async function rehearse(
  script: string,
  more: {
    writePaths?: readonly string[]
    maxBytes?: number
    timeoutMs?: number
    madeForGrant?: readonly string[]
    sandbox?: Sandbox
    stopAt?: string
  } = {},
) {
  const sandbox = more.sandbox ?? sandboxOf()
  let output = ''
  const run = await sandbox.rehearsals.run({
    spec: await specOf(sandbox, more.writePaths),
    argv: ['/bin/bash', '-c', script],
    cwd: root,
    env: { PATH: '/usr/bin:/bin', SHLVL: '2' },
    onData(chunk) {
      output += Buffer.from(chunk).toString()
      if (more.stopAt !== undefined && output.includes(more.stopAt)) run.stop()
    },
    timeoutMs: more.timeoutMs ?? 30_000,
    maxBytes: more.maxBytes ?? 100_000_000,
    madeForGrant: more.madeForGrant ?? [],
  })
  const ended = await run.ended
  open.push(ended)
  const changes = ended.copy.entries
    .map(({ path, what }) => `${what} ${shownRaw(path).replace(`${root}/`, '')}`)
    .toSorted()
  return { ...ended, changes, output, sandbox }
}

/** Every path below the root with kind, mode and content: what must be the same before and after. */
const picture = () =>
  execFileSync(
    'sh',
    ['-c', 'find . -printf "%p %y %m %l\\n" | sort; find . -type f | sort | xargs -d "\\n" -r sha256sum'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )

function fill(): void {
  mkdirSync(`${root}/a/b`, { recursive: true })
  mkdirSync(`${root}/keep`)
  writeFileSync(`${root}/a/one`, '1\n')
  writeFileSync(`${root}/a/b/two`, '2\n')
  writeFileSync(`${root}/keep/three`, '3\n')
  writeFileSync(`${root}/same`, 'same\n')
  writeFileSync(`${root}/mode`, 'mode\n')
  chmodSync(`${root}/mode`, 0o644)
  symlinkSync('a', `${root}/link`)
}

describe.runIf(process.platform === 'linux')('a rehearsed command', () => {
  test('says what it changed, and changed nothing', async () => {
    fill()
    const before = picture()
    const { changes, exitCode, copy } = await rehearse(
      'rm -r a; mkdir a; echo new > a/new; echo more >> keep/three; touch same; cp same s2; mv s2 same; chmod 600 mode; ln -sfn keep link; mkdir z; printf x > "z/$(printf "\\377")"; chmod 0 z; rm -f not-there; exit 3',
    )
    expect(exitCode).toBe(3)
    const odd = changes.findIndex((change) => change.startsWith('added /') && change.endsWith('/z/\\xff'))
    expect(odd).toBeGreaterThanOrEqual(0)
    expect(changes.toSpliced(odd, 1)).toEqual(
      [
        'added a/new',
        'added z',
        'changed keep/three',
        'changed link',
        'deleted a/b',
        'deleted a/b/two',
        'deleted a/one',
        'mode mode',
      ].toSorted(),
    )
    expect(picture()).toBe(before)
    const three = copy.entries.find(({ path }) => path.endsWith('three'))
    expect(await copy.contents(three as never, 1000)).toEqual({
      before: Buffer.from('3\n'),
      after: Buffer.from('3\nmore\n'),
    })
  })

  test('changes of kind are told with everything that goes with them', async () => {
    fill()
    const { changes } = await rehearse(
      'rm -r a keep; echo file > a; mkdir -p same2; rm same; mkdir same; mv mode same/mode',
    )
    expect(changes).toEqual([
      'added same/mode',
      'added same2',
      'deleted a/b',
      'deleted a/b/two',
      'deleted a/one',
      'deleted keep',
      'deleted keep/three',
      'deleted mode',
      'type a',
      'type same',
    ])
  })

  test('all deletions of a large folder are listed', async () => {
    mkdirSync(`${root}/many`)
    for (let n = 0; n < 2000; n++) writeFileSync(`${root}/many/${n}`, '')
    const { changes } = await rehearse('rm -rf many')
    expect(changes.filter((change) => change.startsWith('deleted '))).toHaveLength(2001)
  })

  test('applied, the real folders become what the rehearsal showed', async () => {
    fill()
    const script =
      'rm -r a; mkdir a; echo new > a/new; echo more >> keep/three; chmod 600 mode; ln -sfn keep link; mkdir -m 500 z; rm same; mkdir same; echo x > same/x; printf x > "$(printf "q\\377")"'
    const { copy, sandbox } = await rehearse(script)
    const since = await copy.snapshot()
    expect(await copy.apply(await specOf(sandbox), null)).toBeNull()
    expect(await copy.differences(since)).toEqual([])
    const applied = picture()
    // The same command for real, on the same beginning, ends in the same picture.
    execFileSync('bash', ['-c', 'chmod -R u+rwx . && rm -rf -- * && true'], { cwd: root })
    fill()
    execFileSync('bash', ['-c', script], { cwd: root })
    expect(applied).toBe(picture())
  })

  test('nothing is applied when a real file changed since', async () => {
    fill()
    const { copy, sandbox } = await rehearse('echo more >> keep/three; rm same')
    writeFileSync(`${root}/same`, 'edited meanwhile')
    const before = picture()
    expect(await copy.apply(await specOf(sandbox), null)).toContain('same changed since the rehearsal')
    expect(picture()).toBe(before)
  })

  test('nothing is applied through a folder that became a link', async () => {
    fill()
    mkdirSync(`${base}/elsewhere`)
    const { copy, sandbox } = await rehearse('echo new > keep/new')
    rmSync(`${root}/keep`, { recursive: true })
    symlinkSync(`${base}/elsewhere`, `${root}/keep`)
    expect(await copy.apply(await specOf(sandbox), null)).toMatch(/Nothing was applied|changed since/)
    expect(readdirSync(`${base}/elsewhere`)).toEqual([])
  })

  test('a real run that does something else is told', async () => {
    fill()
    const { copy } = await rehearse('echo more >> keep/three; rm same; touch new')
    const since = await copy.snapshot()
    writeFileSync(`${root}/keep/three`, 'other')
    writeFileSync(`${root}/extra`, '')
    rmSync(`${root}/mode`)
    rmSync(`${root}/same`)
    const words = await copy.differences(since)
    expect(words.map((line) => line.replace(`${root}/`, '')).toSorted()).toEqual([
      'extra: added, which was not rehearsed',
      'keep/three: other content',
      'mode: deleted, which was not rehearsed',
      'new: rehearsed, is not there',
    ])
  })

  test('granted files and folders outside are copies too', async () => {
    mkdirSync(`${base}/out`)
    writeFileSync(`${base}/out/file`, 'real\n')
    writeFileSync(`${base}/made`, '')
    mkdirSync(`${base}/folder`)
    const { changes } = await rehearse(
      `echo x >> ${base}/out/file; echo y > ${base}/made; echo z > ${base}/folder/z; echo no > ${base}/out/no`,
      { writePaths: [`${base}/out/file`, `${base}/made`, `${base}/folder`], madeForGrant: [`${base}/made`] },
    )
    expect(changes.map((change) => change.replace(base, ''))).toEqual([
      'added /folder/z',
      'added /made',
      'changed /out/file',
    ])
    expect(readFileSync(`${base}/out/file`, 'utf8')).toBe('real\n')
    expect(readFileSync(`${base}/made`, 'utf8')).toBe('')
    expect(readdirSync(`${base}/folder`)).toEqual([])
    expect(readdirSync(`${base}/out`)).toEqual(['file'])
  })

  test('does not reach the real files by any other way', async () => {
    fill()
    linkSync(`${root}/same`, `${root}/same-too`)
    writeFileSync(`${base}/outside`, 'outside\n')
    const before = picture()
    const { output } = await rehearse(`
      for way in "/proc/self/root$PWD" /proc/1/root"$PWD" "$PWD/../w, o:r\\\\d" /proc/self/cwd; do echo hit > "$way/same"; done
      exec 7<>same; echo hit >&7; echo hit > /proc/self/fd/7
      ln same hard; echo hit > hard; ln ../outside mine && echo hit > mine
      echo hit > ../outside
      ls ${home} 2>&1; ls ${home}/state 2>&1
      umount "$PWD" 2>&1; umount -l / 2>&1; mount -t tmpfs x "$PWD" 2>&1
      unshare -Urm true 2>&1
      mknod wh c 0 0 2>&1
      mkfifo pipe; echo done`)
    expect(output).toContain('done')
    expect(picture()).toBe(before)
    expect(readFileSync(`${base}/outside`, 'utf8')).toBe('outside\n')
  })

  test('a pipe and a socket of the real folder are not the host’s inside', async () => {
    execFileSync('mkfifo', [`${root}/pipe`])
    const reader = spawn('timeout', ['20', 'cat', `${root}/pipe`], { stdio: ['ignore', 'pipe', 'ignore'] })
    let got = ''
    reader.stdout.on('data', (chunk: Buffer) => {
      got += chunk.toString()
    })
    await rehearse('timeout 1 sh -c "echo leak > pipe"; true')
    reader.kill()
    await new Promise((resolve) => reader.on('close', resolve))
    expect(got).toBe('')
  })

  test('protected paths stay closed in the copy', async () => {
    fill()
    mkdirSync(`${root}/.git`)
    writeFileSync(`${root}/.git/config`, 'c\n')
    const { changes, output } = await rehearse(
      'echo x >> .git/config; mkdir .gatehouse/x; mv .git g; rm -rf .git; true',
    )
    expect(output).toMatch(/Read-only|read-only/)
    expect(changes).toEqual([])
    expect(existsSync(`${root}/.gatehouse`)).toBe(false)
  })

  test('connections find no network and are counted', async () => {
    const { stoppedConnections } = await rehearse(
      'sleep 0.3; for n in 1 2 3; do (exec 3<>/dev/tcp/192.0.2.1/80) 2>/dev/null; done; true',
    )
    expect(stoppedConnections).toBe(3)
  })

  test('what takes too long, or too much, is ended there', async () => {
    expect(await rehearse('echo a > early; sleep 100', { timeoutMs: 500 })).toMatchObject({
      ended: 'timeUp',
      changes: ['added early'],
    })
    const large = await rehearse('while :; do head -c 1000000 /dev/zero >> large; done', {
      maxBytes: 5_000_000,
    })
    expect(large).toMatchObject({ ended: 'tooLarge', changes: ['added large'] })
    expect(await rehearse('echo now; sleep 100', { stopAt: 'now' })).toMatchObject({ ended: 'stopped' })
  })

  test('nothing of it stays after it was discarded, or when it could not start', async () => {
    fill()
    const { copy, sandbox } = await rehearse('mkdir -p deep/er; chmod 0 deep; chmod 0 keep; true')
    copy.discard()
    open = []
    await expect(rehearse('true', { sandbox, writePaths: [base] })).rejects.toThrow(
      /holds Gatehouse's own folder|lies inside/,
    )
    expect(readdirSync(`${home}/state/rehearsals`)).toEqual([])
  })

  test('what a killed host left is removed by the next one', async () => {
    mkdirSync(`${home}/state/rehearsals`, { recursive: true, mode: 0o700 })
    const left = `${home}/state/rehearsals/999999-1-0123abcd.1/0/upper/closed`
    mkdirSync(left, { recursive: true })
    writeFileSync(`${left}/file`, '')
    chmodSync(left, 0)
    expect(await sandboxOf().rehearsals.whyNot()).toBeNull()
    expect(readdirSync(`${home}/state/rehearsals`)).toEqual([])
    expect(lstatSync(`${home}/state/rehearsals`).mode & 0o777).toBe(0o700)
  })
})
