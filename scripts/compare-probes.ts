import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Compared } from '../main/policy/vectors/comparison.ts'
import { openCommandLines, runAlone } from './vectors-sandbox/command-lines.ts'
import { compareProbe, type Finding } from './vectors-sandbox/compare-probe.ts'
import { sandboxDifferences } from './vectors-sandbox/differences.ts'
import { openLab } from './vectors-sandbox/lab.ts'
import { type Probe, type Ran, readProbes } from './vectors-sandbox/probe-file.ts'
import { runProbe } from './vectors-sandbox/run-probe.ts'

export const probesFile = 'sandbox-probes.json'

/** As many as keep two processors busy; each probe waits a good part of its time. */
const atOnce = 3
/** Every so many-th is run as a person starts it: a process for it alone. */
const alone = 40

/**
 * Runs the probes of a folder through `gatehouse sandbox` and compares each with what Codex let it do. `sysprobe.c`
 * lies beside them.
 *
 * @param wanted which of them; absent: all
 * @returns null when the folder has no probes
 */
export async function compareProbes(
  folder: string,
  wanted: (probe: Probe) => boolean = () => true,
): Promise<readonly Compared[] | null> {
  const file = path.join(folder, probesFile)
  if (!existsSync(file)) return null
  const probes = readProbes(JSON.parse(readFileSync(file, 'utf8'))).filter(wanted)
  const lab = await openLab(path.join(folder, 'sysprobe.c'))
  try {
    const compared: Compared[] = []
    let next = 0
    const work = async (): Promise<void> => {
      const lines = openCommandLines()
      try {
        for (let at = next++; at < probes.length; at = next++) {
          const probe = probes[at]
          const run = at % alone === 0 ? runAlone : lines.run
          if (probe) compared[at] = judge(probe, await runProbe(lab, probe, at + 1000, run))
        }
      } finally {
        lines.close()
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    return compared
  } finally {
    lab.close()
  }
}

/** Pure: what one run comes to. */
export function judge(probe: Probe, ran: Ran): Compared {
  const findings = compareProbe(probe, ran)
  const wider = findings.filter(({ kind }) => kind === 'wider')
  const shown = wider.length > 0 ? wider : findings
  const named = shown.map(
    (finding) => sandboxDifferences.find(({ fits }) => fits(finding, probe))?.id ?? null,
  )
  return {
    title: probe.id,
    result: wider.length > 0 ? 'wider' : findings.length > 0 ? 'stricter' : 'agree',
    difference: wider.length > 0 || named.includes(null) ? null : (named[0] ?? null),
    codex: words(shown, 'codex'),
    ours: words(shown, 'ours'),
  }
}

const words = (findings: readonly Finding[], side: 'codex' | 'ours'): string =>
  findings.map((finding) => finding[side]).join('; ')
