import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { dirname } from 'node:path'
import type { Probe, SandboxSpec } from '../../protocol/sandbox.ts'
import type { Sandbox } from './backend.ts'
import { launcherInside } from './bwrap-argv.ts'
import { isWithin } from './paths.ts'

/** How long one attempt may take, in milliseconds. It takes about 6. */
const attemptMs = 10_000

type Context = { readonly sandbox: Sandbox; readonly launcher: string | null; readonly stateDir: string }
type Attempt = { readonly kind: Probe['kind']; readonly argument: string; readonly target: string }

/**
 * Tries one forbidden write, connection and read inside the real spec. Each attempt is made twice by the same
 * program: on the host, where it must work, or it would prove nothing; and inside, where it must be stopped.
 * `blocked` is true only when both were seen. What the spec allows is not tried; without a boundary nothing is.
 */
export async function probe(context: Context, spec: SandboxSpec, folder: string): Promise<readonly Probe[]> {
  const { launcher } = context
  if (spec.boundary === 'none' || launcher === null) return []

  const secret = `${context.stateDir}/probe-${randomBytes(8).toString('hex')}`
  // Anybody on this machine may knock at an open port; only our own attempts know the word.
  const word = randomBytes(8).toString('hex')
  let reached = 0
  const listener = createServer((socket) => {
    let heard = ''
    socket.setEncoding('utf8').on('error', () => {})
    socket.setTimeout(attemptMs, () => socket.destroy())
    socket.on('data', (text: string) => {
      heard = (heard + text).slice(0, word.length)
      if (heard !== word) return
      reached++
      socket.destroy()
    })
  })
  try {
    await mkdir(context.stateDir, { recursive: true, mode: 0o700 })
    await writeFile(secret, 'a probe reads this\n', { mode: 0o600, flag: 'wx' })
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
    const address = listener.address()
    const port = typeof address === 'object' && address ? String(address.port) : ''

    const probes: Probe[] = []
    const at = await writeTarget(context, spec, folder)
    probes.push(
      await tryBoth(context, launcher, spec, { kind: 'write', argument: at, target: `a new file in ${at}` }),
    )
    if (spec.network === 'none') {
      const attempt = {
        kind: 'connect',
        argument: `${port}/${word}`,
        target: `127.0.0.1:${port} on this machine`,
      } as const
      const result = await tryBoth(context, launcher, spec, attempt)
      // What was sent may still be on its way through this machine's loopback.
      for (let tries = 0; reached === 0 && tries < 50; tries++) await new Promise((r) => setTimeout(r, 10))
      // The listener is the better witness: it must have heard from the host's attempt alone.
      probes.push(
        reached === 1
          ? result
          : { ...result, blocked: false, detail: `${reached} attempts arrived where 1 was made.` },
      )
    }
    const covered = spec.deniedReads.some((path) => isWithin(secret, path))
    const read = covered ? secret : spec.deniedReads[0]
    if (read) {
      probes.push(await tryBoth(context, launcher, spec, { kind: 'read', argument: read, target: read }))
    }
    return probes
  } finally {
    listener.close()
    await rm(secret, { force: true })
  }
}

/** A folder the spec keeps closed although the user may write there: the folder itself, or one nearby. */
async function writeTarget(context: Context, spec: SandboxSpec, folder: string): Promise<string> {
  const resolved = await realpath(folder)
  const candidates = [resolved, dirname(resolved), homedir(), '/var/tmp']
  const opened = [...spec.writableRoots, ...spec.grantedPaths]
  const hidden = ['/tmp', '/run', '/dev', '/proc', ...spec.deniedReads]
  for (const path of candidates) {
    const shown = isWithin(path, resolved) && spec.protectedPaths.some((p) => isWithin(path, p.path))
    if (opened.some((root) => isWithin(path, root))) continue
    // An attempt in a hidden folder would fail because nothing is there, or succeed in a private one.
    if (!shown && hidden.some((at) => isWithin(path, at))) continue
    if (context.launcher && (await attemptOutside(context.launcher, 'write', path)).includes(' opened'))
      return path
  }
  return '/var/tmp'
}

async function tryBoth(
  context: Context,
  launcher: string,
  spec: SandboxSpec,
  attempt: Attempt,
): Promise<Probe> {
  const { kind, argument, target } = attempt
  const control = await attemptOutside(launcher, kind, argument)
  const inside = await context.sandbox.pipe({
    spec,
    argv: [launcherInside, '--probe', kind, argument],
    cwd: '/',
    env: {},
    stdin: null,
    maxBytes: 4096,
    timeoutMs: attemptMs,
    signal: null,
  })
  const said = Buffer.from(inside.stdout).toString('utf8')
  const stopped = new RegExp(`^probe ${kind} stopped \\d+ (.+)$`, 'm').exec(said)?.[1]
  if (!control.includes(' opened')) {
    return {
      kind,
      target,
      blocked: false,
      made: false,
      detail: 'It does not work without a boundary either, so it proves nothing.',
    }
  }
  if (stopped) return { kind, target, blocked: true, detail: stopped }
  const detail = said.includes(' opened')
    ? 'It went through.'
    : `The attempt was not made: ${inside.startProblem ?? 'it gave no answer'}`
  return { kind, target, blocked: false, made: said.includes(' opened'), detail }
}

function attemptOutside(launcher: string, kind: Probe['kind'], argument: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(launcher, ['--probe', kind, argument], { timeout: attemptMs, env: {} }, (_error, stdout) =>
      resolve(stdout),
    )
  })
}
