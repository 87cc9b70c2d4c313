import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noGrant } from '../../../protocol/action.ts'
import { systemClock } from '../../platform/clock.ts'
import { plainMachine } from '../../testing/platform-facts.ts'
import type { SpecRequest } from '../backend.ts'
import { createSandbox, type LocalSandbox } from '../create-sandbox.ts'
import type { PlatformFacts } from '../detect-platform.ts'

const launcher = fileURLToPath(new URL('../../../native-sandbox/out/launcher', import.meta.url))

describe.runIf(process.platform === 'linux')('the container is the boundary', () => {
  let base = ''
  const sandboxIn = (facts: Partial<PlatformFacts>): LocalSandbox =>
    createSandbox({
      launcher,
      stateDir: `${base}/state`,
      clock: systemClock,
      platform: async () => ({ ...plainMachine, ...facts }),
    })
  let docker: LocalSandbox
  beforeAll(() => {
    base = realpathSync(mkdtempSync('/var/tmp/gatehouse-contained-'))
    docker = sandboxIn({ container: 'docker' })
  })
  afterAll(() => rmSync(base, { recursive: true }))

  const specOf = (sandbox: LocalSandbox, more: Partial<SpecRequest> = {}) =>
    sandbox.buildSpec({
      mode: 'workspace-write',
      folder: base,
      extraWritableRoots: [],
      deniedReads: [],
      grant: noGrant,
      gatehouseHome: '/nonexistent/gatehouse',
      container: true,
      ...more,
    })
  const run = async (sandbox: LocalSandbox, script: string, more: Partial<SpecRequest> = {}) => {
    const result = await sandbox.pipe({
      spec: await specOf(sandbox, more),
      argv: ['/bin/sh', '-c', script],
      cwd: base,
      env: { PATH: '/usr/bin:/bin' },
      stdin: null,
      maxBytes: 64 * 1024,
      timeoutMs: 30_000,
      signal: null,
    })
    const words = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')
    return { ...result, out: words(result.stdout), err: words(result.stderr) }
  }

  test('a command is narrowed by all that needs no namespace, and writes where its account can', async () => {
    const { out, exitCode } = await run(
      docker,
      'cat /proc/self/status; ls /proc/self/fd | wc -l; ulimit -c; echo done > made',
    )
    expect(exitCode).toBe(0)
    expect(out).toMatch(/^NoNewPrivs:\t1$/m)
    expect(out).toMatch(/^Seccomp:\t2$/m)
    for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'])
      if (set !== 'Bnd' || process.getuid?.() === 0) expect(out).toMatch(new RegExp(`^Cap${set}:\\t0+$`, 'm'))
    expect(out).toMatch(/\n4\n0\n$/)
    expect(readFileSync(`${base}/made`, 'utf8')).toBe('done\n')
  })

  test('it has a session of its own', async () => {
    const { out } = await run(docker, 'cut -d" " -f1,6 /proc/self/stat; cut -d" " -f1,6 /proc/$$/stat')
    const [, shell] = out.trim().split('\n')
    const [pid, session] = (shell ?? '').split(' ')
    expect(session).toBe(pid)
    expect(session).not.toBe(String(process.pid))
  })

  test('limits of a process are kept', async () => {
    const { out } = await run(docker, 'ulimit -n', { limits: { openFiles: 64 } })
    expect(out).toBe('64\n')
  })

  test('in a terminal too', async () => {
    let shown = ''
    const started = await docker.start({
      spec: await specOf(docker),
      argv: ['/bin/sh', '-c', 'grep -E "NoNewPrivs|Seccomp:" /proc/self/status; tty'],
      cwd: base,
      env: { PATH: '/usr/bin:/bin' },
      cols: 80,
      rows: 24,
      onData: (chunk) => {
        shown += Buffer.from(chunk).toString('utf8')
      },
    })
    expect(await started.exited).toMatchObject({ exitCode: 0, startProblem: null })
    expect(await started.up).toMatchObject({ holds: false })
    expect(shown).toMatch(/NoNewPrivs:\t1/)
    expect(shown).toMatch(/Seccomp:\t2/)
    expect(shown).toMatch(/\/dev\/pts\/\d+/)
  })

  test('what our own narrowing must stop is tried for real, and nothing else is claimed', async () => {
    const probes = await docker.probe(await specOf(docker), base)
    expect(probes.map(({ kind }) => kind)).toEqual(['remount', 'namespace', 'filter', 'filter'])
    expect(probes.filter(({ blocked }) => !blocked)).toEqual([])
  })

  test.each([
    ['no sign of one', {}, 'no sign of one was found'],
    ['Flatpak', { container: 'flatpak' as const }, 'Flatpak shares your files'],
    ['Snap', { container: 'snap' as const }, 'Snap shares your files'],
    ['WSL2', { wsl: 2 as const }, 'WSL2 shares the files of Windows'],
    ['another system', { platform: 'darwin', container: 'docker' as const }, 'this is macOS'],
  ])('where there is %s, nothing runs', async (_title, facts, words) => {
    const sandbox = sandboxIn(facts)
    const found = await sandbox.detect('container')
    expect(found).toMatchObject({ problem: { code: 'noContainer' } })
    await expect(run(sandbox, 'echo ran > never')).rejects.toThrow(words)
    expect(() => readFileSync(`${base}/never`)).toThrow('ENOENT')
  })

  test.each(['docker', 'podman', 'kubernetes', 'lxc', 'other'] as const)(
    '%s can be one',
    async (container) => {
      const found = await sandboxIn({ container }).detect('container')
      expect(found).toMatchObject({ backend: 'container', version: container, abilities: { holds: false } })
    },
  )

  test.each([
    ['Read only', { mode: 'read-only' as const }, 'Read only cannot be kept'],
    ['a denied file', { deniedReads: ['/w/.env'] }, '“cannot read /w/.env” cannot be kept'],
    ['a denied pattern', { deniedGlobs: [{ folder: '/w', pattern: '*.key' }] }, '“cannot read *.key”'],
    ['a profile', { access: { entries: [], lifted: [] } }, 'a permission profile cannot be kept'],
    ['a limited network', { proxied: true }, 'a network limited to some hosts cannot be kept'],
  ])('%s is refused, not dropped', async (_title, more, words) => {
    await expect(specOf(docker, more)).rejects.toThrow(words)
  })

  test('full access stays what it is', async () => {
    expect(await specOf(docker, { mode: 'danger-full-access' })).toMatchObject({ boundary: 'none' })
  })
})
