import type { Json } from '../../../protocol/config.ts'
import type { RawTable } from './layer.ts'
import { emptyTable } from './layer.ts'
import { readLayer } from './read-layer.ts'
import { SettingsTree } from './settings-tree.ts'

/** Reads a permission profile out of a requirements file: the same keys as in `config.toml`, nothing wrong. */
export function readRequiredProfile(table: RawTable): { readonly table: Json } | { readonly wrong: string } {
  const permissions = Object.create(null) as Record<string, unknown>
  permissions['profile'] = table
  const reading = readLayer(
    {
      name: 'managed',
      file: null,
      base: '/',
      state: 'read',
      why: null,
      whyLine: null,
      table: { ...emptyTable, permissions },
      lineOf: () => null,
    },
    null,
  )
  const problem = reading.notices.find((notice) => notice.level === 'problem')
  if (problem) return { wrong: problem.message.replace(/\.$/, '') }
  return { table: new SettingsTree([reading]).get(['permissions', 'profile']) ?? {} }
}
