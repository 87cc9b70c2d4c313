import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Effective } from '../policy/settings/effective-config.ts'
import { ConfigStore } from './config-store.ts'
import { writeConfigKey } from './write-config.ts'

let root = ''
let store: ConfigStore | null = null
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gatehouse-store-'))
  await mkdir(join(root, 'home'))
  await mkdir(join(root, 'w'))
})
afterEach(async () => {
  store?.dispose()
  await rm(root, { recursive: true, force: true })
})

const open = async (): Promise<ConfigStore> => {
  store = await ConfigStore.open({
    places: { systemDir: join(root, 'etc'), gatehouseHome: join(root, 'home') },
    cwd: join(root, 'w'),
    home: null,
    tmpdir: null,
    hostName: 'box',
    trust: 'trusted',
    flags: [],
    profile: null,
    session: {},
  })
  return store
}

/** The next change, and how long it took to be told. */
async function nextChange(
  of: ConfigStore,
  act: () => Promise<unknown>,
): Promise<{ now: Effective; ms: number }> {
  const told = new Promise<Effective>((resolve) => {
    const stop = of.onChange((now) => {
      stop()
      resolve(now)
    })
  })
  const from = performance.now()
  await act()
  return { now: await told, ms: performance.now() - from }
}

test.each([
  [
    'a file that appears in a folder that was not there',
    'etc',
    'requirements.toml',
    'allowed_sandbox_modes = ["read-only"]',
  ],
  [
    'a requirement that is dropped in',
    'etc/requirements.d',
    'a.toml',
    'allowed_sandbox_modes = ["read-only"]',
  ],
  ['a file of the folder', 'w/.gatehouse', 'config.toml', 'sandbox_mode = "read-only"'],
  ['a file that becomes broken', 'home', 'config.toml', 'sandbox_mode = '],
])('%s is in force within a second', async (_title, folder, name, text) => {
  const opened = await open()
  expect(opened.current.effective.sandbox.type).toBe('workspaceWrite')
  const { now, ms } = await nextChange(opened, async () => {
    await mkdir(join(root, folder), { recursive: true })
    await writeFile(join(root, folder, name), text)
  })
  expect(now.effective.sandbox.type).toBe('readOnly')
  expect(ms).toBeLessThan(1500)
  expect(opened.current).toBe(now)
})

test('a comment changes nothing that anybody has to hear of, apart from lines', async () => {
  const file = join(root, 'home', 'config.toml')
  await writeFile(file, 'web_search = "cached"\n')
  const opened = await open()
  let told = 0
  opened.onChange(() => told++)
  await appendFile(file, '# nothing\n')
  await opened.reload()
  expect(told).toBe(0)
})

test('another trust or choice of the session is taken up by reading again', async () => {
  const opened = await open()
  const now = await opened.reload({ trust: null })
  expect(now.effective.sandbox.type).toBe('readOnly')
  expect(
    (await opened.reload({ trust: 'trusted', session: { approvalPolicy: 'never' } })).effective
      .approvalPolicy,
  ).toBe('never')
})

test('a key is written into the file, also through a link, and a broken file is left alone', async () => {
  const file = join(root, 'home', 'config.toml')
  await writeFile(join(root, 'real.toml'), '# mine\nweb_search = "live" # why\n')
  await symlink(join(root, 'real.toml'), file)
  expect(await writeConfigKey(file, ['web_search'], 'cached')).toEqual({ status: 'written' })
  expect(await writeConfigKey(file, ['history', 'max_bytes'], null)).toEqual({ status: 'unchanged' })
  expect(await readFile(join(root, 'real.toml'), 'utf8')).toBe('# mine\nweb_search = "cached" # why\n')
  await writeFile(file, 'a = [')
  expect(await writeConfigKey(file, ['b'], 1)).toMatchObject({ status: 'refused' })
  expect(await readFile(file, 'utf8')).toBe('a = [')
})
