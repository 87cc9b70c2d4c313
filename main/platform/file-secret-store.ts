import { createPrivateRecord } from './private-record.ts'
import type { SecretStore } from './secret-store.ts'

/**
 * Keeps secrets unencrypted in one file with mode 0600: for `serve`, and for desktops without a keychain.
 * `keptIn` says so on screen. Every method rejects with `PrivateFileRefused` when the file is open to others.
 *
 * @param file absolute path
 */
export function createFileSecretStore(file: string): SecretStore {
  const record = createPrivateRecord(file)
  return {
    keptIn: `a file only you can read (${file}), not encrypted`,
    get: async (name) => (await record.read()).get(name) ?? null,
    set: (name, value) => record.update((values) => void values.set(name, value)),
    remove: (name) => record.update((values) => void values.delete(name)),
  }
}
