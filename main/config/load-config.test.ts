import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { narrowDefaults } from './config-file.ts'
import { loadConfig, readConfig } from './load-config.ts'

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-config-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

test('no file changes nothing', async () => {
  expect(await loadConfig(home)).toEqual({ defaults: {}, facts: [], problems: [], files: [] })
})

test('a full file sets the defaults, each with its line', async () => {
  const file = join(home, 'config.toml')
  await writeFile(
    file,
    `# mine
sandbox_mode = "workspace-write"
approval_policy = "untrusted"

[sandbox_workspace_write]
writable_roots = ["/srv/cache"]
network_access = false

[gatehouse]
anything = 1
`,
  )
  expect(await loadConfig(home)).toEqual({
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
    ],
    problems: [],
    files: [file],
  })
})

const read = (text: string) => readConfig('/h/config.toml', text)

test.each([
  [
    'a misspelled key',
    'aproval_policy = "never"',
    '/h/config.toml:1: aproval_policy is not a key this version reads; it has no effect. Did you mean approval_policy?',
  ],
  [
    'a key in the wrong table',
    '\nnetwork_access = true',
    '/h/config.toml:2: network_access is not a key this version reads; it has no effect. Did you mean sandbox_workspace_write.network_access?',
  ],
  [
    'a key nobody knows',
    'zebra = 1',
    '/h/config.toml:1: zebra is not a key this version reads; it has no effect.',
  ],
  [
    'a root that is relative',
    '[sandbox_workspace_write]\nwritable_roots = ["cache"]',
    '/h/config.toml:2: sandbox_workspace_write.writable_roots must be a list of absolute paths without "." and ".." in them; "/" is not possible.',
  ],
  [
    'the whole disk as a root',
    '[sandbox_workspace_write]\nwritable_roots = ["/"]',
    '/h/config.toml:2: sandbox_workspace_write.writable_roots must be a list of absolute paths without "." and ".." in them; "/" is not possible.',
  ],
  [
    'a root that climbs',
    '[sandbox_workspace_write]\nwritable_roots = ["/srv/../etc"]',
    '/h/config.toml:2: sandbox_workspace_write.writable_roots must be a list of absolute paths without "." and ".." in them; "/" is not possible.',
  ],
  [
    'an open network',
    '[sandbox_workspace_write]\nnetwork_access = true',
    '/h/config.toml:2: sandbox_workspace_write.network_access is true, which has no effect: the network is opened by an answer in the inbox only.',
  ],
  [
    'a value in place of a table',
    'sandbox_workspace_write = true',
    '/h/config.toml:1: sandbox_workspace_write must be a table.',
  ],
  [
    'a key of the prototype',
    'constructor = 1',
    '/h/config.toml:1: constructor is not a key this version reads; it has no effect.',
  ],
])('%s is told and changes nothing', (_title, text, problem) => {
  expect(read(text)).toEqual({ defaults: {}, facts: [], problems: [problem], files: ['/h/config.toml'] })
})

test('a wrong dial is set to its narrowest value', () => {
  const config = read('sandbox_mode = "read-onyl"\napproval_policy = true\n')
  expect(config.defaults).toEqual({ sandboxMode: 'read-only', approvalPolicy: 'untrusted' })
  expect(config.problems).toEqual([
    '/h/config.toml:1: sandbox_mode must be one of "read-only", "workspace-write", "danger-full-access"; until then it is "read-only".',
    '/h/config.toml:2: approval_policy must be one of "untrusted", "on-request", "never"; until then it is "untrusted".',
  ])
})

test('a file that is no TOML leaves the narrowest settings and names the line', () => {
  const config = read('sandbox_mode = "danger-full-access"\n[broken\n')
  expect(config.defaults).toEqual(narrowDefaults)
  expect(config.facts).toEqual([])
  expect(config.problems).toHaveLength(1)
  expect(config.problems[0]).toMatch(/^\/h\/config\.toml:2: .*Read only/)
})

test.each([
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), 'is not UTF-8'],
  ['a file of 2 MB', Buffer.alloc(2 * 1024 * 1024, 0x23), 'is larger than 1 MB'],
])('%s leave the narrowest settings', async (_title, bytes, words) => {
  await writeFile(join(home, 'config.toml'), bytes)
  const config = await loadConfig(home)
  expect(config.defaults).toEqual(narrowDefaults)
  expect(config.problems[0]).toContain(words)
})

test('a folder named config.toml leaves the narrowest settings', async () => {
  await mkdir(join(home, 'config.toml'))
  const config = await loadConfig(home)
  expect(config.defaults).toEqual(narrowDefaults)
  expect(config.problems[0]).toContain('is not a plain file')
})

test('lines are found below comments, dotted keys and long strings', () => {
  const config = read(`[gatehouse]
note = """
sandbox_mode = "danger-full-access"
"""
[sandbox_workspace_write] # mine
"writable_roots" = [
  "/srv/a",
]
`)
  expect(config.facts).toEqual([
    { key: 'sandbox_workspace_write.writable_roots', value: '["/srv/a"]', origin: '/h/config.toml:6' },
  ])
  expect(read('sandbox_workspace_write.network_access = false').facts[0]?.origin).toBe('/h/config.toml:1')
})
