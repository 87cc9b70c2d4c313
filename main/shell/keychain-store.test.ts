import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeElectron } from '../testing/fake-electron.ts'
import { chooseSecretStore, createKeychainStore } from './keychain-store.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'gatehouse-keychain-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const { safeStorage } = createFakeElectron().api

test('a value is on the disk only encrypted, and reads back', async () => {
  const store = await chooseSecretStore({ safeStorage }, home, 'linux')
  await store.set('model.anthropic', 'sk-plain')
  const file = path.join(home, 'state/secrets.keychain.json')
  expect(await readFile(file, 'utf8')).not.toContain('sk-plain')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await store.get('model.anthropic')).toBe('sk-plain')
  await store.remove('model.anthropic')
  expect(await store.get('model.anthropic')).toBeNull()
})

test('a keychain that changed its key says what to do, and not the value', async () => {
  const store = createKeychainStore(safeStorage, 'the system keychain', path.join(home, 'k.json'))
  await store.set('model.google', 'sk-plain')
  const other = createKeychainStore(
    { ...safeStorage, decryptStringAsync: () => Promise.reject(new Error('bad key')) },
    'the system keychain',
    path.join(home, 'k.json'),
  )
  await expect(other.get('model.google')).rejects.toThrow(
    'The system keychain no longer opens “model.google”. Unlock it and try again, or enter the value again in Settings.',
  )
})

test('after the keychain changed its key, the value is encrypted anew', async () => {
  let encrypted = 0
  const rotated = {
    encryptStringAsync: async (text: string) => Buffer.from(`${++encrypted}:${text}`),
    decryptStringAsync: async (buffer: Buffer) => ({
      result: buffer.toString().replace(/^\d+:/, ''),
      shouldReEncrypt: encrypted === 1,
    }),
  }
  const store = createKeychainStore(rotated, 'the system keychain', path.join(home, 'k.json'))
  await store.set('a', 'value')
  expect(await store.get('a')).toBe('value')
  expect(await store.get('a')).toBe('value')
  expect(encrypted).toBe(2)
})

test('a keychain that cannot be asked counts as none', async () => {
  const broken = { ...safeStorage, isAsyncEncryptionAvailable: () => Promise.reject(new Error('no bus')) }
  const store = await chooseSecretStore({ safeStorage: broken }, home, 'darwin')
  expect(store.keptIn).toContain('not encrypted')
})
