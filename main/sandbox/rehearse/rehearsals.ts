import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { SandboxUnavailable } from '../sandbox-unavailable.ts'
import type { Rehearsals } from './rehearsal-run.ts'
import { type RehearseContext, rehearse, whyNoRehearsal } from './rehearse.ts'
import { sweepThrowaways } from './throwaway.ts'

/** The part of a sandbox that rehearses. What a killed host left behind is removed before the first copy is made. */
export function rehearsals(
  options: Omit<RehearseContext, 'launcher' | 'host'> & { readonly launcher: string | null },
): Rehearsals {
  let context: RehearseContext | null = null
  let known: Promise<string | null> | null = null

  function ready(launcher: string): RehearseContext {
    if (context !== null) return context
    sweepThrowaways(launcher, options.stateDir, isAlive)
    context = { ...options, launcher, host: `${nameOf(process.pid)}-${randomUUID().slice(0, 8)}` }
    return context
  }

  return {
    sweep() {
      if (options.launcher !== null) ready(options.launcher)
    },
    async whyNot() {
      if (process.platform !== 'linux') return 'Throwaway copies of this kind exist on Linux only.'
      if (options.launcher === null) return 'The launcher was not built.'
      known ??= whyNoRehearsal(ready(options.launcher))
      return known
    },
    async run(request) {
      if (options.launcher === null) {
        throw new SandboxUnavailable({ code: 'launcherMissing', path: 'native-sandbox/out/launcher' })
      }
      return rehearse(ready(options.launcher), request)
    },
  }
}

/** A process by its number and when it started, in ticks since boot; another one with the same number is another. */
function nameOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return `${pid}-${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
}

function isAlive(host: string): boolean {
  const [, name, pid] = /^((\d+)-\d+)-[0-9a-f]{8}$/.exec(host) ?? []
  try {
    return name !== undefined && nameOf(Number(pid)) === name
  } catch {
    return false
  }
}
