import { type ConfigLayer, isTable, own } from '../settings/layer.ts'

/** What the files say of the proxy itself, besides hosts. */
export type ProxySwitches = { readonly socks5: boolean; readonly upstreamProxy: boolean }

/**
 * `enable_socks5` and `allow_upstream_proxy` of `features.network_proxy`, on unless said otherwise, as in Codex. One
 * `false` among all files is enough. Pure.
 */
export function proxySwitches(
  layers: readonly ConfigLayer[],
  requirements: readonly ConfigLayer[],
): ProxySwitches {
  const tables = [
    ...layers.map((layer) => at(layer, 'features', 'network_proxy')),
    ...requirements.flatMap((layer) => [
      at(layer, 'experimental_network'),
      at(layer, 'network_proxy'),
      at(layer, 'permissions', 'network'),
    ]),
  ]
  const off = (key: string): boolean => tables.some((table) => isTable(table) && own(table, key) === false)
  return { socks5: !off('enable_socks5'), upstreamProxy: !off('allow_upstream_proxy') }
}

function at({ state, table }: ConfigLayer, ...path: readonly string[]): unknown {
  let value: unknown = state === 'read' ? table : undefined
  for (const name of path) value = isTable(value) ? own(value, name) : undefined
  return value
}
