import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '../main/platform/clock.ts'
import { createSandbox } from '../main/sandbox/create-sandbox.ts'
import { noGrant } from '../protocol/action.ts'
import { median, type Result, timed, times } from './measure.ts'
import { root, scratch } from './support.ts'

const run = promisify(execFile)

/** A sandboxed `true`, from the host's call to its exit, against the same kind of bwrap profile run bare. */
export async function launch(): Promise<readonly Result[]> {
  const home = scratch()
  const folder = home.path
  const gatehouseHome = path.join(home.path, '.gatehouse')
  const sandbox = createSandbox({
    launcher: path.join(root, 'native-sandbox/out/launcher'),
    stateDir: path.join(gatehouseHome, 'state/sandbox'),
    clock: systemClock,
  })
  const { mkdirSync } = await import('node:fs')
  mkdirSync(path.join(folder, 'work'))
  const request = {
    mode: 'workspace-write',
    folder: path.join(folder, 'work'),
    extraWritableRoots: [],
    deniedReads: [],
    grant: noGrant,
    gatehouseHome,
  } as const
  const spec = await sandbox.buildSpec(request)
  const ours = (): Promise<number> =>
    timed(() =>
      sandbox.pipe({
        spec,
        argv: ['true'],
        cwd: request.folder,
        env: { PATH: '/usr/bin:/bin' },
        stdin: null,
        maxBytes: 100,
        timeoutMs: 10_000,
        signal: null,
      }),
    )
  const bare = [
    '--unshare-all',
    '--die-with-parent',
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '--tmpfs',
    '/tmp',
    '--bind',
    request.folder,
    request.folder,
    '--',
    'true',
  ]
  const bwrap = (): Promise<number> => timed(() => run('bwrap', bare))
  for (let i = 0; i < 5; i++) await Promise.all([ours(), bwrap()])
  const sample: number[] = []
  const baseline: number[] = []
  // Turn about, so that both meet the same weather.
  await times(60, async () => {
    sample.push(await ours())
    baseline.push(await bwrap())
    return 0
  })
  home.remove()
  return [
    {
      name: 'sandboxed true',
      sample,
      baseline: { name: 'bare bwrap', sample: baseline },
      budget: '≤ 1.6 × bare',
      met: median(sample) / median(baseline) <= 1.6,
    },
  ]
}
