import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TempFolder, tempFolder } from '../testing/temp-folder.ts'
import { commands } from './commands.ts'
import { runCli } from './run-cli.ts'

let folder: TempFolder
beforeEach(() => {
  folder = tempFolder()
})
afterEach(() => folder.remove())

const gatehouse = async (...args: readonly string[]) => {
  const said = { out: '', err: '' }
  const code = await runCli(args, commands, {
    cwd: folder.path,
    env: { GATEHOUSE_HOME: 'gate' },
    home: path.join(folder.path, 'home'),
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  })
  const { out, err } = said
  return { code, json: out === '' ? null : (JSON.parse(out) as Record<string, unknown>), out, err }
}

test.each(commands.map((command) => [command.name, command] as const))(
  '%s has a help that begins with its use',
  (name, { help }) => {
    expect(help.startsWith(`gatehouse ${name} `)).toBe(true)
    expect(help.endsWith('\n')).toBe(true)
  },
)

const pushAsks = 'prefix_rule(pattern=["git", "push"], decision="prompt", justification="look first")\n'

test('rules check prints what Codex prints', async () => {
  folder.write('a.rules', pushAsks)
  folder.write('b.rules', 'prefix_rule(pattern=["git"])\n')
  const { code, out } = await gatehouse(
    'rules',
    'check',
    '--rules',
    'a.rules',
    '--rules',
    'b.rules',
    '--',
    'git',
    'push',
  )
  expect(code).toBe(0)
  expect(out).toBe(
    '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["git","push"],"decision":"prompt","justification":"look first"}},{"prefixRuleMatch":{"matchedPrefix":["git"],"decision":"allow"}}],"decision":"prompt"}\n',
  )
})

test('rules check resolves program paths when asked to', async () => {
  folder.write('a.rules', pushAsks)
  const check = (...more: readonly string[]) =>
    gatehouse('rules', 'check', '--rules', 'a.rules', ...more, '--', '/usr/bin/git', 'push')
  expect((await check()).out).toBe('{"matchedRules":[]}\n')
  expect((await check('--resolve-host-executables')).json).toMatchObject({ decision: 'prompt' })
})

test('rules check answers nothing while a file cannot be read in full', async () => {
  folder.write('a.rules', 'prefix_rule(pattern=["git"], match=["ls"])\n')
  const { code, out, err } = await gatehouse(
    'rules',
    'check',
    '--rules',
    'a.rules',
    '--rules',
    'no.rules',
    '--',
    'git',
  )
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/^no\.rules:1:1: There is no such file\.\na\.rules:1:1: /)
})

test('rules test tells every problem with its place', async () => {
  folder.write('good.rules', pushAsks)
  folder.write('bad.rules', `${pushAsks}prefix_rule(pattern=["git"], match=["ls"])\n`)
  const { code, json, err } = await gatehouse('rules', 'test', 'good.rules', 'bad.rules')
  expect(code).toBe(1)
  expect(json).toMatchObject({
    files: [
      { file: 'good.rules', rules: 1, problems: [] },
      {
        file: 'bad.rules',
        rules: 1,
        problems: [{ kind: 'example-did-not-match', line: 2, column: 1, example: ['ls'] }],
      },
    ],
  })
  expect(err).toMatch(/^bad\.rules:2:1: /)
  expect((await gatehouse('rules', 'test', 'good.rules')).code).toBe(0)
})

const granted = `[[gatehouse.rules]]
id = "ru_1"
decision = "allow"
command = ["git", "push", "origin", { any = true, except = ["main"] }]
runs = "as-asked"
created_at = 2026-01-01T00:00:00Z
`
const over = `[[gatehouse.rules]]
id = "ru_2"
decision = "forbidden"
command = ["git", "push"]
open_end = true
ends_at = 2026-01-02T00:00:00Z
created_at = 2026-01-01T00:00:00Z
`

test('a gatehouse.toml is read as what it is, by its ending', async () => {
  folder.write('a.rules', pushAsks)
  folder.write('gatehouse.toml', `${granted}${over}`)
  const check = (...words: readonly string[]) =>
    gatehouse('rules', 'check', '--rules', 'gatehouse.toml', ...words)
  const own = {
    gatehouseRuleMatch: {
      id: 'ru_1',
      matchedPrefix: ['git', 'push', 'origin', 'x'],
      decision: 'allow',
      runs: 'asAsked',
    },
  }
  // The second rule has ended.
  expect((await check('--', 'git', 'push', 'origin', 'x')).json).toEqual({
    matchedRules: [own],
    decision: 'allow',
  })
  expect((await check('--', 'git', 'push', 'origin', 'main')).json).toEqual({ matchedRules: [] })
  expect((await check('--rules', 'a.rules', '--', 'git', 'push', 'origin', 'x')).json).toMatchObject({
    decision: 'prompt',
  })

  const tested = await gatehouse('rules', 'test', 'a.rules', 'gatehouse.toml')
  expect(tested.code).toBe(0)
  expect(tested.json).toMatchObject({
    files: [
      {
        file: 'a.rules',
        rules: 1,
        sentences: [{ line: 1, sentence: 'Asks before every command that begins with git push.' }],
      },
      { file: 'gatehouse.toml', rules: 2, sentences: [{ line: 1 }, { line: 7 }], problems: [] },
    ],
  })
})

test('a gatehouse.toml with a problem is told with its place, and restricts', async () => {
  folder.write('gatehouse.toml', `${granted}ends_a = 1\n`)
  const { code, out, err } = await gatehouse('rules', 'check', '--rules', 'gatehouse.toml', '--', 'git')
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/^gatehouse\.toml:1:1: The key "ends_a" is not known\. Did you mean ends_at\?/)
  folder.write('gatehouse.toml', 'a = [\n')
  const judged = await gatehouse('judge', '--rules', 'gatehouse.toml', '--', 'make')
  expect([judged.code, judged.json?.['verdict']]).toEqual([1, 'review'])
})

test('judge tells the verdict and the step that made it', async () => {
  folder.write('a.rules', pushAsks)
  folder.write('gatehouse.toml', granted)
  const judge = async (...args: readonly string[]) => (await gatehouse('judge', ...args)).json
  const answer = await judge('--rules', 'a.rules', '--shell', 'ls && git push origin main')
  expect(answer).toMatchObject({ verdict: 'review', parts: [{ text: 'ls' }, { verdict: 'review' }] })
  expect(answer?.['reasoning']).toContainEqual(
    expect.objectContaining({ decides: true, layer: 'rules', source: { file: 'a.rules', line: 1 } }),
  )
  const allowed = await judge(
    '--rules',
    'gatehouse.toml',
    '--policy',
    'untrusted',
    '--',
    'git',
    'push',
    'origin',
    'x',
  )
  expect(allowed).toMatchObject({ verdict: 'run' })
  expect(await judge('--policy', 'untrusted', '--', 'git', 'push', 'origin', 'x')).toMatchObject({
    verdict: 'review',
  })
})

test.each([
  ['rules=true', 'review'],
  ['rules=false,sandbox_approval=true', 'forbid'],
  [' rules = true , skill_approval=false', 'review'],
  ['', 'forbid'],
])('judge under granular with %j: a rule that asks gives %s', async (switches, verdict) => {
  folder.write('a.rules', pushAsks)
  const { code, json } = await gatehouse(
    'judge',
    '--policy',
    'granular',
    '--granular',
    switches,
    '--rules',
    'a.rules',
    '--',
    'git',
    'push',
  )
  expect([code, json?.['verdict']]).toEqual([0, verdict])
})

const hosts =
  '[features.network_proxy]\nenabled = true\ndomains = { "a.com" = "allow", "*.b.com" = "deny" }\n'

// prettier-ignore
test.each<[string, string[], Record<string, unknown>]>([
  [
    'an allowed host',
    ['a.com:443'],
    {
      decision: 'allow',
      reason: 'allowed',
      rule: { pattern: 'a.com', decision: 'allow', file: 'c.toml', line: 3 },
    },
  ],
  ['a denied host', ['x.b.com:443'], { decision: 'deny', reason: 'denied', rule: { pattern: '*.b.com' } }],
  ['another host', ['c.com:443'], { decision: 'ask', reason: 'not_allowed', rule: null }],
  [
    'where a name leads',
    ['a.com:443', '--resolved', '10.0.0.1'],
    { decision: 'deny', reason: 'not_allowed_local' },
  ],
  [
    'several addresses',
    ['a.com:443', '--resolved', '8.8.8.8', '::1'],
    { decision: 'deny', reason: 'not_allowed_local' },
  ],
  ['an IPv6 address', ['[::1]:80'], { decision: 'deny', reason: 'not_allowed_local' }],
  ['something that is no host', ['https://a.com'], { decision: 'deny', reason: 'invalid_host' }],
  [
    "an administrator's deny",
    ['a.com:443', '--requirements', 'r.toml'],
    { decision: 'deny', rule: { file: 'r.toml', line: 2 } },
  ],
])('judge host: %s', async (_title, args, expected) => {
  folder.write('c.toml', hosts)
  folder.write('r.toml', '[experimental_network]\ndenied_domains = ["a.com"]\n')
  const { code, json, err } = await gatehouse('judge', 'host', ...args, '--config', 'c.toml')
  expect([code, err]).toEqual([0, ''])
  expect(json).toMatchObject(expected)
})

test('judge host: a rule that cannot be read is told, and nothing is allowed', async () => {
  folder.write('c.toml', '[features.network_proxy]\ndomains = { "a.com" = "allow", "b/" = "deny" }\n')
  const { code, json, err } = await gatehouse('judge', 'host', 'a.com:443', '--config', 'c.toml')
  expect(code).toBe(1)
  expect(json).toMatchObject({ decision: 'ask', reason: 'rules_unreadable' })
  expect(err).toMatch(/^c\.toml:2:1: /)
})

test('config effective prints values, origins and what is lowered', async () => {
  folder.write('c.toml', 'sandbox_mode = "danger-full-access"\nsandbox_mood = 1\n')
  folder.write('r.toml', 'allowed_sandbox_modes = ["read-only", "workspace-write"]\n')
  const { code, json, err } = await gatehouse(
    'config',
    'effective',
    '--config',
    'c.toml',
    '--requirements',
    'r.toml',
    '-c',
    'web_search=disabled',
  )
  expect(code).toBe(0)
  expect(json).toMatchObject({
    ok: true,
    effective: { webSearch: 'disabled' },
    downgrades: [{ key: 'sandbox_mode', chosen: 'danger-full-access' }],
  })
  expect(json?.['effective']).not.toMatchObject({ sandbox: { type: 'dangerFullAccess' } })
  expect(json?.['origins']).toContainEqual({
    key: 'sandbox_mode',
    value: 'danger-full-access',
    origin: { layer: 'user', file: 'c.toml', line: 1 },
  })
  expect(err).toContain('c.toml:2:1: ')
})

test('config effective: a broken file is bad input, and its narrow settings are printed', async () => {
  folder.write('c.toml', 'a = [\n')
  const { code, json, err } = await gatehouse('config', 'effective', '--config', 'c.toml')
  expect(code).toBe(1)
  expect(json).toMatchObject({
    ok: false,
    effective: { approvalPolicy: 'untrusted', sandbox: { type: 'readOnly' } },
  })
  expect(err).toMatch(/^c\.toml:\d+:1: c\.toml is no TOML/)
})

test('config effective reads the file of a folder that is trusted', async () => {
  folder.write('c.toml', '')
  folder.write('repo/.gatehouse/config.toml', 'approval_policy = "never"\n')
  const ask = (trust: string) =>
    gatehouse('config', 'effective', '--config', 'c.toml', '--cwd', 'repo', '--trust', trust)
  expect((await ask('trusted')).json).toMatchObject({ effective: { approvalPolicy: 'never' } })
  expect((await ask('untrusted')).json).toMatchObject({ effective: { approvalPolicy: 'untrusted' } })
})

test('config effective finds the file of a profile beside the file', async () => {
  folder.write('c.toml', '')
  folder.write('quiet.config.toml', 'approval_policy = "never"\n')
  const { json } = await gatehouse('config', 'effective', '--config', 'c.toml', '--profile', 'quiet')
  expect(json).toMatchObject({ ok: true, effective: { approvalPolicy: 'never' } })
})

test('config show names the layer, the file and the line of each value', async () => {
  folder.write('gate/config.toml', '\nweb_search = "disabled"\n')
  const { json } = await gatehouse('config', 'show', '--origins')
  expect(json?.['origins']).toContainEqual({
    key: 'web_search',
    value: 'disabled',
    origin: { layer: 'user', file: path.join(folder.path, 'gate/config.toml'), line: 2 },
  })
  expect((await gatehouse('config', 'show')).json).not.toHaveProperty('origins')
})

test('import codex shows, then writes byte for byte, and replaces nothing by itself', async () => {
  const config = '\ufeffapproval_policy = "never" # mine\r\nmodel = "x"\r\n'
  folder.write('codex/config.toml', config)
  folder.write('codex/broken.config.toml', 'a = [\n')
  folder.write('codex/auth.json', '{}')
  folder.write('codex/rules/default.rules', pushAsks)

  const shown = await gatehouse('import', 'codex', '--home', 'codex')
  expect(shown.json).toMatchObject({
    files: [
      { file: 'broken.config.toml', state: 'broken', written: false },
      { file: 'config.toml', state: 'new', written: false, keys: ['approval_policy'] },
      { file: 'rules/default.rules', state: 'new', written: false, rules: 1 },
    ],
  })
  expect(() => statSync(path.join(folder.path, 'gate'))).toThrow('ENOENT')

  const written = await gatehouse('import', 'codex', '--home', 'codex', '--write')
  expect(written.code).toBe(1)
  expect(written.err).toContain('codex/broken.config.toml:')
  const target = path.join(folder.path, 'gate/config.toml')
  expect(readFileSync(target, 'utf8')).toBe(config)
  expect(statSync(target).mode & 0o777).toBe(0o600)

  folder.write('gate/config.toml', 'approval_policy = "on-request"\n')
  const kept = await gatehouse('import', 'codex', '--home', 'codex', '--write')
  expect(kept.err).toContain('was kept; --force replaces it')
  expect(readFileSync(target, 'utf8')).toBe('approval_policy = "on-request"\n')
  await gatehouse('import', 'codex', '--home', 'codex', '--write', '--force')
  expect(readFileSync(target, 'utf8')).toBe(config)
})

// prettier-ignore
test.each<[string, string[]]>([
  ['no file for a check', ['rules', 'check', '--', 'git']],
  ['no command for a check', ['rules', 'check', '--rules', 'a.rules', '--']],
  ['no file to test', ['rules', 'test']],
  ['no command to judge', ['judge']],
  ['two commands to judge', ['judge', '--shell', 'ls', '--', 'ls']],
  ['a command without --', ['judge', 'ls']],
  ['an unknown policy', ['judge', '--policy', 'maybe', '--', 'ls']],
  ['granular without switches', ['judge', '--policy', 'granular', '--', 'ls']],
  ['switches without granular', ['judge', '--granular', 'rules=true', '--', 'ls']],
  ['an unknown switch', ['judge', '--policy', 'granular', '--granular', '__proto__=true', '--', 'ls']],
  ['a switch without a value', ['judge', '--policy', 'granular', '--granular', 'rules', '--', 'ls']],
  ['an unknown mode', ['judge', '--mode', 'open', '--', 'ls']],
  ['no host', ['judge', 'host', '--config', 'c.toml']],
  ['no port', ['judge', 'host', 'a.com', '--config', 'c.toml']],
  ['no configuration', ['judge', 'host', 'a.com:443']],
  ['an unknown protocol', ['judge', 'host', 'a.com:443', '--config', 'c.toml', '--protocol', 'ftp']],
  ['a word too many', ['judge', 'host', 'a.com:443', 'b.com:443', '--config', 'c.toml']],
  ['an unknown level of trust', ['config', 'effective', '--config', 'c.toml', '--trust', 'maybe']],
  ['--force without --write', ['import', 'codex', '--force']],
])('%s is a usage problem', async (_title, args) => {
  folder.write('c.toml', '')
  const { code, out, err } = await gatehouse(...args)
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain('--help')
})

test('the program passes standard output, standard error and the exit code on', () => {
  folder.write('a.rules', pushAsks)
  const script = path.join(import.meta.dirname, '../../scripts/gatehouse.mjs')
  const run = (...args: readonly string[]) => {
    try {
      return {
        code: 0,
        out: execFileSync(script, args, { cwd: folder.path, encoding: 'utf8', stdio: 'pipe' }),
        err: '',
      }
    } catch (problem) {
      const { status, stdout, stderr } = problem as { status: number; stdout: string; stderr: string }
      return { code: status, out: stdout, err: stderr }
    }
  }
  expect(run('rules', 'check', '--rules', 'a.rules', '--', 'ls')).toEqual({
    code: 0,
    out: '{"matchedRules":[]}\n',
    err: '',
  })
  expect(run('rules', 'check', '--rules', 'b.rules', '--', 'ls')).toMatchObject({ code: 1, out: '' })
  const wrong = run('rule')
  expect([wrong.code, wrong.out]).toEqual([2, ''])
  expect(wrong.err).toContain('Did you mean `gatehouse rules`?')
})
