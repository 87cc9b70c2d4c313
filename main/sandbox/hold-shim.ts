import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SandboxSpec } from '../../protocol/sandbox.ts'

/** Where the preload shim is inside. It lets the kernel answer first, and a call wait only when that refused it. */
export const shimInside = '/run/gatehouse/hold-shim.so'

/** Built and shipped beside the launcher. */
export const shimBeside = (launcher: string): string => `${dirname(launcher)}/hold-shim.so`

/**
 * The shim for one run; null where it is not wanted, not there, or of no use. Where reads are held every open waits
 * once already, and the shim would only ask a second time.
 *
 * @param hold what this run really holds
 */
export function shimFor(
  spec: Pick<SandboxSpec, 'holdShim'>,
  hold: 'none' | 'writes' | 'all',
  launcher: string,
): string | null {
  const path = shimBeside(launcher)
  return spec.holdShim === true && hold === 'writes' && existsSync(path) ? path : null
}

/** The command's variables with the shim in front of what it preloads itself. */
export function withShim(env: Readonly<Record<string, string>>): Record<string, string> {
  const own = env['LD_PRELOAD'] ?? ''
  return { ...env, LD_PRELOAD: own === '' ? shimInside : `${shimInside}:${own}` }
}

/** Why the shim is not used although it may be wanted; "" when it is there. */
export const shimMissing = (launcher: string): string =>
  existsSync(shimBeside(launcher))
    ? ''
    : `${shimBeside(launcher)} is not there. Build it: node native-sandbox/build.mjs`
