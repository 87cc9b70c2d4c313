import { mkdir, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Json } from '../../protocol/config.ts'
import { writeAtomically } from '../platform/atomic-file.ts'
import { removeTomlKey, setTomlKey } from './edit-toml.ts'
import { findText } from './find-text.ts'

export type Written =
  | { readonly status: 'written' | 'unchanged' }
  | { readonly status: 'refused'; readonly problem: string }

/**
 * Sets a key of a settings file, or removes it. Everything else in the file stays byte for byte; when that is not
 * possible nothing is written and the answer says why. A link is followed, so that it stays a link.
 *
 * @param path names of the tables, then of the key
 * @param value null removes the key
 */
export async function writeConfigKey(file: string, path: readonly string[], value: Json): Promise<Written> {
  const target = await realpath(file).catch(() => file)
  const found = await findText(target)
  if (found.state === 'unreadable') return { status: 'refused', problem: found.why }
  const text = found.state === 'text' ? found.text : ''
  const edit = value === null ? removeTomlKey(text, path) : setTomlKey(text, path, value)
  if ('problem' in edit) return { status: 'refused', problem: edit.problem }
  if (edit.text === text) return { status: 'unchanged' }
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await writeAtomically(target, edit.text)
  } catch (error) {
    return { status: 'refused', problem: `${target} could not be written: ${(error as Error).message}.` }
  }
  return { status: 'written' }
}
