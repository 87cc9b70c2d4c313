import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { narrowDefaults } from './config-file.ts'
import { loadConfig } from './load-config.ts'

let home = ''
let file = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-config-'))
  file = join(home, 'config.toml')
})
afterEach(() => rm(home, { recursive: true, force: true }))

const load = () => loadConfig(home, join(home, 'etc'))
const read = async (text: string | Uint8Array) => {
  await writeFile(file, text)
  return load()
}

test('no file changes nothing', async () => {
  expect(await load()).toEqual({ defaults: {}, facts: [], problems: [], files: [] })
})

test('a full file sets the defaults, each with its line', async () => {
  const config = await read(`# mine
sandbox_mode = "workspace-write"
approval_policy = "untrusted"

[sandbox_workspace_write]
writable_roots = ["/srv/cache"]
network_access = false

[gatehouse]
anything = 1
`)
  expect(config).toEqual({
    defaults: {
      sandboxMode: 'workspace-write',
      approvalPolicy: 'untrusted',
      extraWritableRoots: ['/srv/cache'],
    },
    facts: [
      { key: 'sandbox_mode', value: '"workspace-write"', origin: `${file}:2` },
      { key: 'approval_policy', value: '"untrusted"', origin: `${file}:3` },
      { key: 'sandbox_workspace_write.writable_roots', value: '["/srv/cache"]', origin: `${file}:6` },
      { key: 'sandbox_workspace_write.network_access', value: 'false', origin: `${file}:7` },
      { key: 'gatehouse', value: '{"anything":1}', origin: `${file}:9` },
    ],
    problems: [],
    files: [file],
  })
})

test.each([
  [
    'a misspelled key',
    'aproval_policy = "never"',
    ':1: aproval_policy is not a key this version reads; it has no effect. Did you mean approval_policy?',
  ],
  [
    'a key in the wrong table',
    '\nnetwork_access = true',
    ':2: network_access is not a key this version reads; it has no effect. Did you mean sandbox_workspace_write.network_access?',
  ],
  ['a key nobody knows', 'zebra = 1', ':1: zebra is not a key this version reads; it has no effect.'],
  [
    'a key of the prototype',
    'constructor = 1',
    ':1: constructor is not a key this version reads; it has no effect.',
  ],
  ['another', '__proto__ = 1', ':1: __proto__ is not a key this version reads; it has no effect.'],
])('%s is told and changes nothing', async (_title, text, problem) => {
  const config = await read(text)
  expect(config).toEqual({ defaults: {}, facts: [], problems: [`${file}${problem}`], files: [file] })
})

test.each([
  ['the whole disk', '"/"'],
  ['what climbs to it', '"/srv/../.."'],
  ['another home', '"~root/x"'],
  ['a number', '3'],
])('%s as a writable root leaves none', async (_title, root) => {
  const config = await read(`[sandbox_workspace_write]\nwritable_roots = ["/srv", ${root}]`)
  expect(config.defaults).toEqual({ extraWritableRoots: [] })
  expect(config.problems).toEqual([
    `${file}:2: sandbox_workspace_write.writable_roots must be a list of at most 100 folders: "/a/b", "~/a" or "a/b"; the whole disk is not possible.`,
  ])
})

test('a value in place of a table leaves the table at its narrowest', async () => {
  const config = await read('sandbox_workspace_write = true')
  expect(config.defaults).toEqual({ extraWritableRoots: [] })
  expect(config.problems).toEqual([`${file}:1: sandbox_workspace_write must be a table.`])
})

test('a wrong dial is set to its narrowest value', async () => {
  const config = await read('sandbox_mode = "read-onyl"\napproval_policy = true\n')
  expect(config.defaults).toEqual({ sandboxMode: 'read-only', approvalPolicy: 'untrusted' })
  expect(config.problems).toEqual([
    `${file}:1: sandbox_mode must be one of "read-only", "workspace-write", "danger-full-access"; until this is mended it is "read-only".`,
    `${file}:2: approval_policy must be "untrusted", "on-request", "never" or { granular = { sandbox_approval = …, rules = …, mcp_elicitations = … } }; until this is mended it is "untrusted".`,
  ])
})

test('a file that is no TOML leaves the narrowest settings and names the line', async () => {
  const config = await read('sandbox_mode = "danger-full-access"\n[broken\n')
  expect(config.defaults).toEqual(narrowDefaults)
  expect(config.facts).toEqual([])
  expect(config.problems).toHaveLength(1)
  expect(config.problems[0]).toContain(`${file}:2: `)
  expect(config.problems[0]).toMatch(/Read only/)
})

test.each([
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), 'is not UTF-8'],
  ['a file of 2 MB', Buffer.alloc(2 * 1024 * 1024, 0x23), 'is larger than 256 KB'],
  [
    'more keys than anybody writes',
    Array.from({ length: 6000 }, (_, i) => `k${i} = 1`).join('\n'),
    'more than 5000 values',
  ],
  ['a key of 5,000 tables', `${'a.'.repeat(5000)}b = 1`, 'nested deeper than 64 levels'],
  ['5,000 lists in each other', `a = ${'['.repeat(5000)}${']'.repeat(5000)}`, 'no TOML'],
])('%s leave the narrowest settings', async (_title, content, words) => {
  const config = await read(content)
  expect(config.defaults).toEqual(narrowDefaults)
  expect(config.problems[0]).toContain(words)
})

test('a folder named config.toml leaves the narrowest settings', async () => {
  await mkdir(file)
  const config = await load()
  expect(config.defaults).toEqual(narrowDefaults)
  expect(config.problems[0]).toContain('is not a plain file')
})

test('a requirement that cannot be read leaves the narrowest settings', async () => {
  await mkdir(join(home, 'etc', 'requirements.d'), { recursive: true })
  await writeFile(join(home, 'etc', 'requirements.d', 'b.toml'), 'allowed_sandbox_modes = 3\n')
  const config = await read('sandbox_mode = "danger-full-access"\napproval_policy = "never"\n')
  expect(config.defaults).toEqual(narrowDefaults)
  expect(config.problems.join('\n')).toContain('requirements.d/b.toml:1')
})
