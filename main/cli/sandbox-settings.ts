import os from 'node:os'
import { SandboxMode, type Settings } from '../../protocol/settings.ts'
import { defaultSystemDir } from '../config/config-places.ts'
import { loadLayers } from '../config/load-layers.ts'
import { closedFullAccessWords, isClosedFullAccess } from '../host/policy/closed-full-access.ts'
import { downgradeWords, settingsFrom } from '../host/policy/policy-store.ts'
import type { SessionChoice } from '../policy/settings/choose-settings.ts'
import { type Effective, type EffectiveInput, effectiveConfig } from '../policy/settings/effective-config.ts'
import { type ConfigLayer, isTable, own } from '../policy/settings/layer.ts'

export type SandboxChoice = {
  /** Absolute and resolved: where the command starts, and its workspace. */
  readonly folder: string
  readonly gatehouseHome: string
  readonly home: string
  readonly tmpdir: string | null
  /** `-c key=value`, in order. */
  readonly flags: readonly string[]
  /** `-P NAME`. */
  readonly profile: string | null
  /** Where an administrator's files are; tests use a folder of their own. */
  readonly systemDir?: string
}

export type SandboxSettings = {
  readonly effective: Effective
  readonly settings: Settings
  /** What an administrator lowered, one sentence each. */
  readonly lowered: readonly string[]
}

/**
 * The settings of one command line. As with `codex sandbox`, `sandbox_mode` of a file does not count here: `-P`
 * decides, then `-c`, then `default_permissions` of the files, and without any of them it is Read only.
 * Requirements hold for all of them.
 *
 * @returns a sentence when the settings cannot be used as they are: nothing is run under a guess
 */
export async function sandboxSettings(
  choice: SandboxChoice,
): Promise<SandboxSettings | { readonly problem: string }> {
  const { input } = await loadLayers({
    places: { systemDir: choice.systemDir ?? defaultSystemDir, gatehouseHome: choice.gatehouseHome },
    cwd: choice.folder,
    home: choice.home,
    tmpdir: choice.tmpdir,
    hostName: os.hostname(),
    trust: null,
    flags: choice.flags,
    profile: null,
    session: {},
  })
  const session = sessionChoice(choice.profile, input)
  if ('problem' in session) return session
  const effective = effectiveConfig({ ...input, session })
  const wrong = effective.notices.find(({ level }) => level === 'problem')
  if (wrong) {
    const { message, place } = wrong
    const where = place === null ? '' : `${place.file}:${place.line ?? 1}: `
    return { problem: `${where}${message} Nothing was run.` }
  }
  const bounded = effective.settings.permissions.mode !== 'danger-full-access'
  if (bounded && asksForLandlock(effective.configured))
    return {
      problem:
        'features.use_legacy_landlock asks for a boundary that does not hide the sockets of other programs, and is not built here. Remove it. Nothing was run.',
    }
  if (isClosedFullAccess(effective))
    return { problem: `With these settings ${closedFullAccessWords} Nothing was run.` }
  return {
    effective,
    settings: settingsFrom(effective, { preset: null, leaseEndsAtMs: null, deniedReads: [] }),
    lowered: effective.downgrades.map(downgradeWords),
  }
}

/** Codex's older boundary. Codex does not start with it either wherever reading or writing is restricted. */
function asksForLandlock(configured: unknown): boolean {
  const features = isTable(configured) ? own(configured, 'features') : null
  return isTable(features) && own(features, 'use_legacy_landlock') === true
}

/** What decides about the boundary. */
function sessionChoice(
  profile: string | null,
  input: EffectiveInput,
): SessionChoice | { readonly problem: string } {
  if (profile !== null) return { permissionProfile: profile }
  const flags = input.layers.find(({ name }) => name === 'flags')
  const named = flags ? chosenIn(flags) : {}
  if ('problem' in named || named.sandboxMode || named.permissionProfile !== undefined) return named

  // Asked without the modes of the files: what is left names a profile or nothing.
  const without = effectiveConfig({ ...input, layers: input.layers.map(withoutMode) })
  const undecided = without.notices.find(({ code }) => code === 'noDefaultPermissions')
  if (undecided) return { problem: undecided.message }
  const { configured } = without
  const id = isTable(configured) ? own(configured, 'default_permissions') : null
  return typeof id === 'string' ? { permissionProfile: id } : { sandboxMode: 'read-only' }
}

/** Both given on one command line: the profile, and never more than the mode. */
function chosenIn({ table }: ConfigLayer): SessionChoice | { readonly problem: string } {
  const [mode, id] = [own(table, 'sandbox_mode'), own(table, 'default_permissions')]
  const read = SandboxMode.safeParse(mode)
  if (mode !== undefined && !read.success)
    return { problem: `sandbox_mode is one of ${SandboxMode.options.join(', ')}.` }
  if (id !== undefined && typeof id !== 'string') return { problem: 'default_permissions is a name.' }
  return {
    ...(read.success ? { sandboxMode: read.data } : {}),
    ...(id === undefined ? {} : { permissionProfile: id }),
  }
}

function withoutMode(layer: ConfigLayer): ConfigLayer {
  const { sandbox_mode: _mode, ...table } = layer.table
  return { ...layer, table }
}
