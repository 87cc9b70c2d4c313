import { symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TempFolder } from '../testing/temp-folder.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { browseFolder } from './browse-folder.ts'
import { inspectFolder } from './inspect-folder.ts'

let folder: TempFolder
beforeEach(() => {
  folder = tempFolder()
})
afterEach(() => folder.remove())

const known = { trusted: false, gatehouseHome: '/nonexistent/.gatehouse' }

async function facts(path = folder.path, more: Partial<typeof known> = {}) {
  const answer = await inspectFolder(path, { ...known, ...more })
  if (answer.status !== 'ok') throw new Error(answer.why)
  return answer.facts
}

test('a repository of the person: its facts, and Auto', async () => {
  folder.sh(`git init -q -b main .; echo a > a; git add a; git commit -qm one; git commit -qm two --allow-empty
    git config user.email ann@example.org; git remote add origin https://example.org/x; git remote add two ../y
    echo b > a; echo staged > s; git add s; echo new > n; echo "i" > .gitignore; echo i > i`)
  const head = folder.sh('git rev-parse HEAD').trim()
  expect(await facts()).toEqual({
    path: folder.path,
    git: { branch: 'main', head, remotes: 2, changedFiles: 4, yourCommits: 2 },
    brings: [],
    secrets: [],
    trusted: false,
    recommended: 'auto',
    because: 'It is a git repository with 2 commits of yours in the last 30 days.',
    warnings: [],
  })
})

test('a repository of somebody else: read only, unless vouched for', async () => {
  folder.sh('git init -q .; git config user.email bob@example.org; git commit -qm one --allow-empty')
  expect(await facts()).toMatchObject({
    recommended: 'read-only',
    because: 'It is a git repository without a commit of yours in the last 30 days.',
  })
  expect(await facts(folder.path, { trusted: true })).toMatchObject({ recommended: 'auto', trusted: true })
})

test('a folder without git: read only, also when vouched for', async () => {
  expect(await facts(folder.path, { trusted: true })).toMatchObject({
    git: null,
    recommended: 'read-only',
    because: 'The folder is not under git, so changes cannot be compared with a commit and taken back.',
  })
})

test('states of a repository: detached, packed, without a commit, a second work tree, a subfolder', async () => {
  folder.sh('mkdir one; cd one; git init -q -b topic/x .; echo a > a; mkdir sub')
  expect((await facts(join(folder.path, 'one'))).git).toMatchObject({ branch: 'topic/x', head: null })
  folder.sh(
    'cd one; git add a; git commit -qm one; git pack-refs --all; git gc -q; git worktree add -q ../two',
  )
  const head = folder.sh('cd one; git rev-parse HEAD').trim()
  expect((await facts(join(folder.path, 'one'))).git).toMatchObject({
    branch: 'topic/x',
    head,
    changedFiles: 0,
  })
  expect((await facts(join(folder.path, 'two'))).git).toMatchObject({ branch: 'two', head })
  const inside = await facts(join(folder.path, 'one/sub'))
  expect(inside.git).toMatchObject({ head })
  expect(inside.warnings).toEqual([`The repository begins above this folder, at ${folder.path}/one.`])
  folder.sh('cd one; git checkout -q --detach')
  expect((await facts(join(folder.path, 'one'))).git).toMatchObject({ branch: null, head })
})

test.each([
  ['points to itself', 'gitdir: .git'],
  ['is noise', '\0\xff\x00garbage'],
  ['points nowhere', 'gitdir: /nonexistent/x'],
])('a .git file that %s is no repository', async (_title, content) => {
  folder.write('.git', content)
  expect((await facts()).git).toBeNull()
})

test('a repository with a broken index or broken refs is told, not thrown', async () => {
  folder.sh('git init -q -b main .; echo a > a; git add a; git commit -qm one; echo junk > .git/index')
  const broken = await facts()
  expect(broken.git).toMatchObject({ branch: 'main', changedFiles: 0 })
  expect(broken.warnings).toContain('How many files differ from the last commit could not be told.')
  folder.write('.git/HEAD', 'ref: refs/heads/../../../../etc/passwd\n')
  expect((await facts()).git).toMatchObject({ branch: null, head: null })
})

test('agent settings are told with what is in them', async () => {
  folder.write(
    '.codex/config.toml',
    `notify = ["x"]\n[mcp_servers.github]\ncommand = "gh"\n[[hooks.PreToolUse]]\nmatcher = "a"\n[[hooks.PreToolUse.hooks]]\ncommand = "a"\n[[hooks.PreToolUse.hooks]]\ncommand = "b"\n`,
  )
  folder.write(
    '.claude/settings.json',
    '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"x"}]}]},"permissions":{"allow":["Bash"]}}',
  )
  folder.write('.mcp.json', '{"mcpServers":{"a b\\u202e":{},"two":{}}}')
  folder.write('.vscode/tasks.json', '{ // comment\n"tasks":[{"runOptions":{"runOn":"folderOpen"}}]}')
  folder.write('AGENTS.md', '# Hello\nAlways run `make deploy` at the end.\n')
  folder.write('CLAUDE.md', 'Be kind. The word runs and `code` are here.\n')
  folder.sh('mkdir .gatehouse .cursor .agents; ln -s /etc/passwd GEMINI.md')
  expect((await facts()).brings).toEqual([
    { path: '.gatehouse', what: 'rules and settings for Gatehouse, 0 entries' },
    {
      path: '.codex/config.toml',
      what: 'settings for Codex, 2 hooks, a notify program, 1 MCP server (github)',
    },
    {
      path: '.claude/settings.json',
      what: 'settings for Claude Code, 1 hook, 1 permission granted in advance',
    },
    { path: '.mcp.json', what: 'MCP servers for agents, 2 MCP servers (a?b?, two)' },
    { path: '.cursor', what: 'rules and settings for Cursor, 0 entries' },
    { path: '.agents', what: 'skills and settings for agents, 0 entries' },
    { path: '.vscode/tasks.json', what: 'tasks for VS Code, one runs when the folder is opened' },
    { path: 'AGENTS.md', what: 'instructions, 3 lines; tells the agent to run "make deploy"' },
    { path: 'CLAUDE.md', what: 'instructions, 2 lines' },
    { path: 'GEMINI.md', what: 'a symlink, which is not followed' },
  ])
})

test('agent settings that cannot be read say so', async () => {
  folder.write('.codex/config.toml', '[broken')
  folder.write('.claude/settings.json', '{')
  folder.sh('mkfifo .mcp.json')
  expect((await facts()).brings.map((one) => one.what)).toEqual([
    'settings for Codex that are not valid TOML',
    'settings for Claude Code that are not valid JSON',
    'is there, but could not be read',
  ])
})

test('files that look like secrets are named, harmless ones are not', async () => {
  const secret = [
    '.env',
    '.env.local',
    'ops/key.pem',
    'deep/er/id_ed25519',
    'credentials.json',
    'x.p12',
    '.netrc',
  ]
  const harmless = [
    '.env.example',
    '.env.sample',
    '.env.template',
    'id_rsa.pub',
    'keys.ts',
    'node_modules/x/.env',
    'package.json',
  ]
  for (const name of [...secret, ...harmless]) folder.write(name, '{}')
  folder.write('.npmrc', '//registry.example.org/:_authToken=abc\n')
  folder.write('sub/.npmrc', 'save-exact=true\n')
  folder.write('gcp.json', '{"type": "service_account"}')
  folder.sh('mkfifo pipe.json; ln -s /etc linked')
  const found = await facts()
  expect(found.secrets).toEqual([...secret, '.npmrc', 'gcp.json'].toSorted())
  expect(found.warnings).toEqual([])
})

test('the search for secrets ends, and says so', async () => {
  folder.sh('mkdir -p a/b/c/d/e/f/g; mkdir many; cd many; seq 1 20100 | xargs touch')
  const { warnings } = await facts()
  expect(warnings).toEqual([
    'The search for files that look like secrets ended after 20000 entries; there may be more.',
  ])
})

test.each([
  ['the home folder', () => homedir(), 'This is your home folder'],
  ['the whole disk', () => '/', 'This is the whole disk'],
])('%s is never recommended for writing', async (_title, path, words) => {
  const found = await facts(path(), { trusted: true })
  expect(found.recommended).toBe('read-only')
  expect(found.warnings[0]).toContain(words)
})

test('the home of Gatehouse, and what contains it, are told', async () => {
  folder.sh('mkdir -p home/state')
  const gatehouseHome = join(folder.path, 'home')
  expect((await facts(join(gatehouseHome, 'state'), { gatehouseHome })).because).toContain(
    'inside the home of Gatehouse',
  )
  expect((await facts(folder.path, { gatehouseHome })).because).toContain('contains the home of Gatehouse')
})

test('a link is resolved and told', async () => {
  folder.sh('mkdir real')
  symlinkSync(join(folder.path, 'real'), join(folder.path, 'link'))
  const found = await facts(join(folder.path, 'link'))
  expect(found.path).toBe(join(folder.path, 'real'))
  expect(found.warnings[0]).toContain(`the folder is ${folder.path}/real`)
})

test.each([
  ['does not exist', '/nonexistent/x', 'does not exist'],
  ['is a file', '/etc/passwd', 'is a file, not a folder'],
  ['leads through a file', '/etc/passwd/x', 'leads through a file'],
  ['is relative', 'src', 'is not an absolute path'],
  ['is empty', '', 'is not an absolute path'],
  ['has a NUL', '/tmp/a\0b', 'NUL'],
  ['has 5,000 characters', `/${'a/'.repeat(2500)}`, 'longer than 4096'],
  ['has a name of 300 characters', `/tmp/${'a'.repeat(300)}`, 'too long'],
])('a path that %s is no folder, in one sentence', async (_title, path, words) => {
  for (const answer of [await inspectFolder(path, known), await browseFolder(path)]) {
    expect(answer).toMatchObject({ status: 'noFolder', why: expect.stringContaining(words) })
  }
})

test('names that are not UTF-8 are bounded, not thrown', async () => {
  folder.sh(`mkdir "$(printf 'bad\\377')"; printf x > "$(printf 'key\\377.pem')"; mkdir good`)
  expect((await facts()).secrets).toHaveLength(1)
  expect(await browseFolder(folder.path)).toMatchObject({
    status: 'ok',
    folders: [{ name: 'good', git: false }],
  })
})

test('browsing shows folders only, sorted, hidden ones last, with a mark for git', async () => {
  folder.sh(
    'mkdir b a .hidden c; git init -q b; echo x > file; ln -s a link; ln -s nowhere dangling; ln -s loop loop',
  )
  writeFileSync(join(folder.path, 'z'), '')
  expect(await browseFolder(folder.path)).toEqual({
    status: 'ok',
    path: folder.path,
    parent: '/tmp',
    folders: [
      { name: 'a', git: false },
      { name: 'b', git: true },
      { name: 'c', git: false },
      { name: 'link', git: false },
      { name: '.hidden', git: false },
    ],
  })
  expect(await browseFolder('/')).toMatchObject({ status: 'ok', parent: null })
  expect(await browseFolder(null)).toMatchObject({ status: 'ok' })
})
