import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { SandboxProblem } from '../../protocol/sandbox.ts'
import type { MachineFacts } from './bwrap-argv.ts'
import { withCause } from './detect-platform.ts'
import { gatherPlatform } from './detect-platform-facts.ts'

/** A bubblewrap that was seen to build a boundary here. */
export type Backend = Pick<MachineFacts, 'ownUser' | 'refusesNested'> & {
  /** Absolute path of the program. */
  readonly bwrap: string
  readonly version: string
}

/** How long the trial may take before it counts as not working, in milliseconds. It takes about 5. */
const trialMs = 10_000

/** Builds an empty boundary around the launcher, once with a user namespace and, for root, once without. */
export async function detectBackend(launcher: string | null): Promise<Backend | { problem: SandboxProblem }> {
  if (process.platform !== 'linux') {
    return { problem: { code: 'unsupportedPlatform', platform: process.platform } }
  }
  if (launcher === null || !isExecutable(launcher)) {
    return { problem: { code: 'launcherMissing', path: launcher ?? 'native-sandbox/out/launcher' } }
  }
  const bwrap = findBwrap(process.env['PATH'] ?? '')
  if (bwrap === null) return { problem: { code: 'backendMissing', backend: 'bwrap' } }

  const said = await run(bwrap, ['--version'])
  const version = /(\d+)\.(\d+)[.\d]*/.exec(said.stdout)
  if (!version) return { problem: { code: 'backendFailed', detail: `${bwrap} --version: ${said.why}` } }
  const refusesNested = Number(version[1]) > 0 || Number(version[2]) >= 8

  let why = ''
  for (const ownUser of process.getuid?.() === 0 ? [true, false] : [true]) {
    const tried = await run(bwrap, trial({ ownUser, refusesNested }, launcher))
    // What the launcher answers to a use it does not know: it was started, so the boundary stood.
    if (tried.code === 125) return { bwrap, version: version[0], ownUser, refusesNested }
    why ||= tried.why
  }
  const denied = /namespace|uid map|gid map|Operation not permitted/i.test(why)
  if (!denied) return { problem: { code: 'backendFailed', detail: why } }
  return {
    problem: withCause({ code: 'namespacesDenied', detail: why }, await gatherPlatform(process.env)),
  }
}

function trial(
  { ownUser, refusesNested }: Pick<Backend, 'ownUser' | 'refusesNested'>,
  launcher: string,
): string[] {
  return [
    ['--die-with-parent', '--cap-drop', 'ALL'],
    ownUser ? ['--unshare-user'] : [],
    ownUser && refusesNested ? ['--disable-userns'] : [],
    ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-net'],
    ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--', launcher],
  ].flat()
}

/** The system's own first; then the PATH, but no relative entry, which would follow the working directory. */
export function findBwrap(path: string): string | null {
  const folders = ['/usr/bin', '/usr/local/bin', ...path.split(':').filter((entry) => isAbsolute(entry))]
  return folders.map((folder) => `${folder}/bwrap`).find(isExecutable) ?? null
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function run(file: string, argv: readonly string[]): Promise<{ code: number; stdout: string; why: string }> {
  return new Promise((resolve) => {
    execFile(file, argv, { timeout: trialMs, env: {} }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      const first = stderr.trim().split('\n')[0] || error?.message || ''
      resolve({ code, stdout, why: first.slice(0, 300) })
    })
  })
}
