import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFileSecretStore } from './file-secret-store.ts'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gatehouse-secrets-'))
  file = path.join(folder, 'home/secrets.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Writes the file as something else would have left it. */
async function given(content: string, mode = 0o600): Promise<void> {
  file = path.join(folder, 'secrets.json')
  await writeFile(file, content)
  await chmod(file, mode)
}

test('what was set is read back by another store of the same file', async () => {
  await createFileSecretStore(file).set('model.anthropic', 'sk-1')
  const store = createFileSecretStore(file)
  expect(await store.get('model.anthropic')).toBe('sk-1')
  expect(await store.get('model.google')).toBeNull()
})

test('only the owner can open the file and its folder', async () => {
  const store = createFileSecretStore(file)
  await store.set('a', '1')
  await store.set('a', '2')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700)
})

test('writes that overlap all arrive, and leave nothing else behind', async () => {
  const store = createFileSecretStore(file)
  const names = Array.from({ length: 20 }, (_, n) => `name-${n}`)
  await Promise.all(names.map((name) => store.set(name, name)))
  await store.remove('name-3')
  expect(Object.keys(JSON.parse(await readFile(file, 'utf8')) as object).sort()).toEqual(
    names.filter((name) => name !== 'name-3').sort(),
  )
  expect(await readdir(path.dirname(file))).toEqual(['secrets.json'])
})

test('removing what is not there is no problem', async () => {
  await expect(createFileSecretStore(file).remove('a')).resolves.toBeUndefined()
})

test.each([0o640, 0o604, 0o620, 0o602, 0o666])(
  'a file with mode %o is not read, and the remedy is named',
  async (mode) => {
    await given('{"a":"1"}', mode)
    const store = createFileSecretStore(file)
    await expect(store.get('a')).rejects.toThrow(`Run: chmod 600 '${file}'`)
    await expect(store.set('b', '2')).rejects.toMatchObject({ problem: { code: 'openToOthers', mode } })
    expect(await readFile(file, 'utf8')).toBe('{"a":"1"}')
  },
)

test('a link in its place is not followed', async () => {
  await given('{"a":"1"}')
  const link = path.join(folder, 'link.json')
  await symlink(file, link)
  await expect(createFileSecretStore(link).get('a')).rejects.toMatchObject({ problem: { code: 'notAFile' } })
})

test('a pipe in its place is refused and does not hang', async () => {
  const pipe = path.join(folder, 'pipe')
  execFileSync('mkfifo', ['-m', '600', pipe])
  await expect(createFileSecretStore(pipe).get('a')).rejects.toMatchObject({ problem: { code: 'notAFile' } })
})

test.each([
  ['', 'it is not JSON'],
  ['{"a":"sk-secret-value"', 'it is not JSON'],
  ['[]', 'it is not an object'],
  ['null', 'it is not an object'],
  ['{"a":1}', '“a” is not a text'],
  [`"${'x'.repeat(1024 * 1024)}"`, 'it is larger than 1 MB'],
])('a broken file is named without its content: %.20s', async (content, detail) => {
  await given(content)
  const failure = await createFileSecretStore(file)
    .get('a')
    .catch((e: unknown) => e as Error)
  expect(failure).toMatchObject({ problem: { code: 'notReadable', detail } })
  expect((failure as Error).message).not.toContain('sk-secret')
})

test.each(['__proto__', 'constructor', 'toString'])('the name %s is a name like any other', async (name) => {
  const store = createFileSecretStore(file)
  expect(await store.get(name)).toBeNull()
  await store.set(name, 'value')
  expect(await store.get(name)).toBe('value')
})

test('a write that did not work does not stop the next one', async () => {
  await given('{"a":"1"}', 0o644)
  const store = createFileSecretStore(file)
  await expect(store.set('b', '2')).rejects.toThrow('chmod 600')
  await chmod(file, 0o600)
  await store.set('b', '2')
  expect(await store.get('a')).toBe('1')
})
