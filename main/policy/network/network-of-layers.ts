import { type ConfigLayer, isTable, own, type RawTable } from '../settings/layer.ts'
import type { HostRules } from './host-rule.ts'
import { type NetworkSource, unreadable } from './network-rules.ts'
import { type NetworkSettings, type NetworkTable, networkSettings } from './network-settings.ts'

/** Where requirements may write about the network. More than one of them in a file is a mistake, and all count. */
const managedTables = [['experimental_network'], ['network_proxy'], ['permissions', 'network']] as const

/**
 * What the files say about hosts, as they stand: `features.network_proxy`, the network of the permission profile in
 * `default_permissions` with all it extends, and an administrator's tables. Tables of several files all count, so a
 * deny of any of them holds. Never throws.
 *
 * @param layers those that are in force
 * @param more `network_rule` lines
 * @param profile the permission profile in force, null for none; absent: the one in `default_permissions`
 */
export function networkOfLayers(
  layers: readonly ConfigLayer[],
  requirements: readonly ConfigLayer[],
  more: readonly HostRules[] = [],
  profile?: string | null,
): NetworkSettings {
  const broken: HostRules[] = []
  const read = (layer: ConfigLayer, managed: boolean): boolean => {
    if (layer.state === 'broken') {
      const source = sourceOf(layer, [], managed)
      broken.push(unreadable(layer.why ?? 'A file of settings cannot be read.', source, []))
    }
    return layer.state === 'read'
  }
  const tables: NetworkTable[] = []
  const profiles = new Set<string>(typeof profile === 'string' ? [profile] : [])
  const inForce = layers.filter((layer) => read(layer, false))
  for (const layer of inForce) {
    addTable(tables, layer, ['features', 'network_proxy'], false)
    const name = own(layer.table, 'default_permissions')
    if (profile === undefined && typeof name === 'string') profiles.add(name)
  }
  // A set grows while it is walked, and holds each name once: profiles that extend each other end.
  for (const name of profiles) {
    for (const layer of inForce) {
      addTable(tables, layer, ['permissions', name, 'network'], false)
      const parent = at(layer.table, ['permissions', name, 'extends'])
      if (typeof parent === 'string') profiles.add(parent)
    }
  }
  for (const layer of requirements.filter((one) => read(one, true)))
    for (const path of managedTables) addTable(tables, layer, path, true)
  return networkSettings(tables, [...broken, ...more])
}

function addTable(
  tables: NetworkTable[],
  layer: ConfigLayer,
  path: readonly string[],
  managed: boolean,
): void {
  const value = at(layer.table, path)
  if (value !== undefined) tables.push({ source: sourceOf(layer, path, managed), value })
}

const sourceOf = (layer: ConfigLayer, path: readonly string[], managed: boolean): NetworkSource => ({
  label: path.join('.') || (layer.file ?? 'the settings'),
  managed,
  placeOf: (below) =>
    layer.file === null
      ? null
      : { file: layer.file, line: layer.lineOf([...path, ...below]) ?? layer.whyLine ?? 1, column: 1 },
})

function at(table: RawTable, path: readonly string[]): unknown {
  let value: unknown = table
  for (const name of path) value = isTable(value) ? own(value, name) : undefined
  return value
}
