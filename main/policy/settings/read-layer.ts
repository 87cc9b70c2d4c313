import type { Json, Notice } from '../../../protocol/config.ts'
import { configShape, profileShape } from './config-shape.ts'
import type { ConfigLayer, RawTable } from './layer.ts'
import { isTable, keyText, own, placeOf } from './layer.ts'
import { nearestName } from './nearest-name.ts'
import { isWithin, joinPlain } from './plain-path.ts'
import type { Shape } from './shape.ts'
import { isOfType, typeWords } from './shape.ts'
import { notFromFolders } from './unused-keys.ts'

/** One value of a layer. A `table` leaf stands for a table that was named, whatever is in it. */
export type ReadLeaf = {
  readonly path: readonly string[]
  readonly line: number | null
  readonly value: Json | undefined
}

/** What a layer says, once everything unknown and wrong was taken out of it. */
export type LayerReading = {
  readonly layer: ConfigLayer
  readonly leaves: readonly ReadLeaf[]
  /** What holds in place of wrong values, whatever other layers say. */
  readonly pins: readonly { readonly path: readonly string[]; readonly value: Json }[]
  /** Permission profiles in which something is wrong. */
  readonly brokenProfiles: readonly string[]
  readonly notices: readonly Notice[]
}

type Walk = {
  readonly layer: ConfigLayer
  readonly home: string | null
  readonly leaves: ReadLeaf[]
  readonly pins: { path: readonly string[]; value: Json }[]
  readonly brokenProfiles: Set<string>
  readonly notices: Notice[]
  readonly shape: Shape
}

/** More than this many notices of one layer are of no help to anybody. */
const maxNotices = 200

/**
 * Reads one layer. Unknown keys are told and dropped; a wrong value is told and the narrowest possible value is
 * pinned in its place. Never throws.
 */
export function readLayer(layer: ConfigLayer, home: string | null): LayerReading {
  const walk: Walk = {
    layer,
    home,
    leaves: [],
    pins: [],
    brokenProfiles: new Set(),
    notices: [],
    shape: layer.name === 'profile' ? profileShape : configShape,
  }
  const raw = layer.name === 'folder' ? narrowFolder(layer.table, walk) : layer.table
  readTable(raw, walk.shape, [], walk)
  return {
    layer,
    leaves: walk.leaves,
    pins: walk.pins,
    brokenProfiles: [...walk.brokenProfiles],
    notices: walk.notices,
  }
}

function readTable(raw: RawTable, shape: Shape, path: readonly string[], walk: Walk): void {
  if (shape.kind !== 'table') return
  if (path.length > 0) leaf(path, undefined, walk)
  for (const name of Object.keys(raw)) {
    const inside = Object.hasOwn(shape.keys, name) ? shape.keys[name] : shape.names?.(name)
    const here = [...path, name]
    if (inside) readKey(raw[name], inside, here, walk)
    else unknown(here, shape, walk)
  }
}

function readKey(value: unknown, shape: Shape, path: readonly string[], walk: Walk): void {
  const place = { base: walk.layer.base, home: walk.home }
  if (shape.kind === 'unused') {
    if (!isOfType(value, shape.type)) wrong(path, `must be ${typeWords[shape.type]}`, undefined, walk)
    else if (path.length === 1) {
      tell('info', 'notUsedHere', path, `${keyText(path)} is a key of Codex that is not used here.`, walk)
    }
    return
  }
  if (shape.kind === 'table' && isTable(value)) {
    readTable(value, shape, path, walk)
    return
  }
  const read = shape.kind === 'value' ? shape.read : shape.or
  const result = read?.(value, place) ?? { wrong: 'must be a table' }
  if ('wrong' in result) wrong(path, result.wrong, shape.narrow, walk)
  else leaf(path, result.value, walk)
}

function leaf(path: readonly string[], value: Json | undefined, walk: Walk): void {
  walk.leaves.push({ path, value, line: walk.layer.lineOf(path) })
}

function wrong(path: readonly string[], words: string, narrow: Json | undefined, walk: Walk): void {
  if (narrow !== undefined) walk.pins.push({ path, value: narrow })
  const profile = path[0] === 'permissions' ? path[1] : undefined
  if (profile !== undefined) walk.brokenProfiles.add(profile)
  const until =
    typeof narrow === 'string' || typeof narrow === 'boolean'
      ? `; until this is mended it is ${JSON.stringify(narrow)}`
      : ''
  tell('problem', 'wrongValue', path, `${keyText(path)} ${words}${until}.`, walk)
}

function unknown(path: readonly string[], shape: Shape, walk: Walk): void {
  if (walk.notices.length >= maxNotices) return
  const key = path.join('.')
  const siblings = shape.kind === 'table' ? Object.keys(shape.keys) : []
  const below = path.slice(0, -1).join('.')
  const elsewhere = allKeys.find((candidate) => candidate.split('.').at(-1) === path.at(-1))
  const near = nearestName(path.at(-1) ?? '', siblings)
  const nearest =
    elsewhere ??
    (near && (below ? `${below}.${near}` : near)) ??
    (path.length > 1 ? null : nearestName(key, allKeys))
  const hint = nearest ? ` Did you mean ${keyText(nearest.split('.'))}?` : ''
  tell(
    'warning',
    'unknownKey',
    path,
    `${keyText(path)} is not a key this version reads; it has no effect.${hint}`,
    walk,
  )
}

/** What only a person or an administrator may say is taken out before a folder's file is read. */
function narrowFolder(raw: RawTable, walk: Walk): RawTable {
  const kept = Object.create(null) as Record<string, unknown>
  for (const name of Object.keys(raw)) {
    const value = raw[name]
    const wide =
      (name === 'sandbox_mode' && value === 'danger-full-access') ||
      (name === 'default_permissions' && value === ':danger-full-access')
    if (notFromFolders.includes(name)) {
      const words = `${name} cannot be set by a folder; set it in your own config.toml if you want it.`
      tell('warning', 'notFromFolder', [name], words, walk)
    } else if (wide) {
      const words = `${name} asks for full access, which a folder cannot give itself; it has no effect.`
      tell('warning', 'folderWidens', [name], words, walk)
    } else kept[name] = name === 'permissions' ? withoutWholeDisk(value, walk) : value
  }
  return kept
}

/** Entries of a folder's permission profiles that would make the whole disk writable become `read`. */
function withoutWholeDisk(raw: unknown, walk: Walk): unknown {
  if (!isTable(raw)) return raw
  const profiles = Object.create(null) as Record<string, unknown>
  for (const [name, profile] of Object.entries(raw)) {
    profiles[name] = profile
    if (!isTable(profile)) continue
    const files = own(profile, 'filesystem')
    if (!isTable(files)) continue
    const kept = Object.create(null) as Record<string, unknown>
    for (const [spelled, access] of Object.entries(files)) {
      kept[spelled] = access
      if (!coversDisk(spelled)) continue
      kept[spelled] = isTable(access)
        ? Object.fromEntries(
            Object.entries(access).map(([sub, one]) => [
              sub,
              one === 'write' && coversDisk(`/${sub}`) ? 'read' : one,
            ]),
          )
        : access === 'write'
          ? 'read'
          : access
      if (JSON.stringify(kept[spelled]) === JSON.stringify(access)) continue
      const words = 'A folder cannot make the whole disk writable; this is "read".'
      tell('warning', 'folderWidens', ['permissions', name, 'filesystem', spelled], words, walk)
    }
    profiles[name] = { ...profile, filesystem: kept }
  }
  return profiles
}

const coversDisk = (spelled: string): boolean =>
  spelled === ':root' ||
  (spelled.startsWith('/') && isWithin('/', joinPlain('/', spelled.replace(/\/\*\*$/, ''))))

function tell(
  level: Notice['level'],
  code: string,
  path: readonly string[],
  message: string,
  walk: Walk,
): void {
  if (walk.notices.length >= maxNotices && level !== 'problem') return
  walk.notices.push({ level, code, message, place: placeOf(walk.layer, path) })
}

/** Keys to be suggested: those that decide something. */
const allKeys: readonly string[] = keysOf(configShape, [])

function keysOf(shape: Shape, path: readonly string[]): string[] {
  if (shape.kind === 'unused') return []
  if (shape.kind === 'value') return [path.join('.')]
  const here = path.length > 0 ? [path.join('.')] : []
  return [...here, ...Object.entries(shape.keys).flatMap(([name, inside]) => keysOf(inside, [...path, name]))]
}
