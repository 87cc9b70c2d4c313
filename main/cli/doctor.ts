import { mkdtemp, realpath, rm } from 'node:fs/promises'
import os, { tmpdir } from 'node:os'
import path from 'node:path'
import { noGrant } from '../../protocol/action.ts'
import { defaultSystemDir } from '../config/config-places.ts'
import { loadLayers } from '../config/load-layers.ts'
import { containerPlace, withPlace } from '../host/container-place.ts'
import { systemClock } from '../platform/clock.ts'
import { type Effective, effectiveConfig } from '../policy/settings/effective-config.ts'
import { createSandbox } from '../sandbox/create-sandbox.ts'
import { diagnose, type Trial } from '../sandbox/doctor.ts'
import type { Check } from '../sandbox/doctor-checks.ts'
import { gatherDoctorFacts } from '../sandbox/doctor-facts.ts'
import { SandboxUnavailable } from '../sandbox/sandbox-unavailable.ts'
import { type Command, print, readArguments, type Surroundings, UsageProblem } from './command.ts'
import { homeOf } from './config-show.ts'
import { launcherPath } from './run-in-sandbox.ts'

const help = `gatehouse doctor [--json] [--pretty]

Whether a boundary can be built here by this user, and if not, what to do. Looks at bubblewrap, user namespaces,
containers, WSL, the kernel, the launcher and Gatehouse's own folder, then really builds a boundary and knocks at it.

One line each: ok, limited (it works, with less) or broken, what it means, and the command that mends it.
Exit code 0 when a boundary was built and held, or the container is the boundary as the settings say; 1 when not.

  --json     {"ok","checks":[{"name","state","means","fix"}]}
  --pretty   indent the JSON

Example:
  gatehouse doctor
`

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'whether a boundary can be built here, and what to do if not',
  help,
  run: async (args, surroundings) => {
    const { values, words, rest } = readArguments(args, {
      json: { type: 'boolean' },
      pretty: { type: 'boolean' },
    })
    const extra = [...words, ...(rest ?? [])][0]
    if (extra !== undefined) throw new UsageProblem(`${JSON.stringify(extra)} belongs to no option.`)

    const gatehouseHome = homeOf(surroundings)
    const { env } = surroundings
    const effective = await ownSettings(surroundings, gatehouseHome)
    const [facts, trial] = await Promise.all([
      gatherDoctorFacts({ env, launcher: launcherPath, gatehouseHome }),
      tryBoundary(gatehouseHome, effective, surroundings),
    ])
    const checks = diagnose(facts, trial, effective.settings.holdShim)
    const stands = checks[0]?.state !== 'broken'
    if (values.json) print(surroundings, { ok: stands, checks }, values.pretty)
    else surroundings.out(checks.map(toText).join(''))
    return stands ? 0 : 1
  },
}

/** What the person's own files say, without any folder's. */
async function ownSettings(
  { home, env, systemDir }: Surroundings,
  gatehouseHome: string,
): Promise<Effective> {
  const { input } = await loadLayers({
    places: { systemDir: systemDir ?? defaultSystemDir, gatehouseHome },
    cwd: null,
    home,
    tmpdir: env['TMPDIR'] ?? null,
    hostName: os.hostname(),
    trust: null,
    flags: [],
    profile: null,
    session: {},
  })
  return effectiveConfig(input)
}

/** Builds the boundary of a folder that is made for it, and tries to get out. */
async function tryBoundary(
  gatehouseHome: string,
  effective: Effective,
  { platform }: Surroundings,
): Promise<Trial> {
  const { boundary } = effective.settings
  const contained = boundary === 'container'
  const sandbox = createSandbox({
    launcher: launcherPath,
    stateDir: path.join(gatehouseHome, 'state', 'sandbox'),
    clock: systemClock,
    ...(platform ? { platform } : {}),
  })
  let folder: string | null = null
  try {
    const found = await sandbox.detect(boundary)
    if ('problem' in found) return { problem: withPlace(found.problem, containerPlace(effective)) }
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'gatehouse-doctor-')))
    const spec = await sandbox.buildSpec({
      mode: 'workspace-write',
      folder,
      extraWritableRoots: [],
      deniedReads: [],
      grant: noGrant,
      gatehouseHome,
      ...(contained ? { container: true } : {}),
    })
    const probes = await sandbox.probe(spec, folder)
    const { abilities } = found
    const container = contained ? { container: found.version } : {}
    return { backend: `${found.backend} ${found.version}`, abilities, probes, ...container }
  } catch (problem) {
    if (problem instanceof SandboxUnavailable) return { problem: problem.problem }
    // A state folder that cannot be written: told by its own check as well.
    if (problem instanceof Error) return { problem: { code: 'backendFailed', detail: problem.message } }
    throw problem
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true })
  }
}

const toText = ({ name, state, means, fix }: Check): string =>
  `${state.padEnd(8)}${name}: ${means}\n${fix === null ? '' : `        → ${fix}\n`}`
