import path from 'node:path'
import { createFileSecretStore } from '../platform/file-secret-store.ts'
import { createPrivateRecord } from '../platform/private-record.ts'
import type { SecretStore } from '../platform/secret-store.ts'
import type { ElectronApi } from './electron-api.ts'

type Keychain = Pick<ElectronApi['safeStorage'], 'decryptStringAsync' | 'encryptStringAsync'>

/**
 * Chooses where secrets are kept: encrypted with a key of the system's keychain, or, where there is none,
 * in a file with mode 0600. On Linux Electron also "encrypts" with a key built into Chromium when it finds
 * no keychain (`basic_text`); that is no better than a plain file, so it is not called a keychain.
 *
 * Call it once Electron is ready.
 *
 * @param home GATEHOUSE_HOME
 */
export async function chooseSecretStore(
  e: Pick<ElectronApi, 'safeStorage'>,
  home: string,
  platform: NodeJS.Platform,
): Promise<SecretStore> {
  const keychain = await keychainName(e.safeStorage, platform)
  return keychain === null
    ? createFileSecretStore(path.join(home, 'state/secrets.json'))
    : createKeychainStore(e.safeStorage, keychain, path.join(home, 'state/secrets.keychain.json'))
}

async function keychainName(
  safeStorage: ElectronApi['safeStorage'],
  platform: NodeJS.Platform,
): Promise<string | null> {
  const available = await safeStorage.isAsyncEncryptionAvailable().catch(() => false)
  if (!available) return null
  if (platform !== 'linux') return 'the system keychain'
  const backend = safeStorage.getSelectedStorageBackend()
  return backend === 'basic_text' || backend === 'unknown' ? null : `the system keychain (${backend})`
}

/** @param file holds the encrypted values, which are of no use without the keychain; still mode 0600 */
export function createKeychainStore(keychain: Keychain, keptIn: string, file: string): SecretStore {
  const record = createPrivateRecord(file)
  const set = async (name: string, value: string): Promise<void> => {
    const encrypted = (await keychain.encryptStringAsync(value)).toString('base64')
    await record.update((values) => void values.set(name, encrypted))
  }
  return {
    keptIn,
    async get(name) {
      const encrypted = (await record.read()).get(name)
      if (encrypted === undefined) return null
      const { result, shouldReEncrypt } = await decrypt(keychain, name, encrypted)
      // The keychain changed its key: keep the value readable after the old one is gone.
      if (shouldReEncrypt) await set(name, result)
      return result
    },
    set,
    remove: (name) => record.update((values) => void values.delete(name)),
  }
}

async function decrypt(
  keychain: Keychain,
  name: string,
  encrypted: string,
): Promise<Electron.DecryptStringAsyncReturnValue> {
  try {
    return await keychain.decryptStringAsync(Buffer.from(encrypted, 'base64'))
  } catch (e) {
    throw new Error(
      `The system keychain no longer opens “${name}”. Unlock it and try again, or enter the value again in Settings.`,
      { cause: e },
    )
  }
}
