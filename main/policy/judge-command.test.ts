import { expect, test } from 'vitest'
import type { CommandAction } from '../../protocol/action.ts'
import { type Settings, settingsOf } from '../../protocol/settings.ts'
import { escalation, shell } from '../testing/builders.ts'
import { decode } from '../testing/decoder.ts'
import { lookup } from '../testing/rules.ts'
import { noFacts } from './action-facts.ts'
import { judgeCommand } from './judge-command.ts'

type Policy = Settings['approvalPolicy']
const settings = (
  approvalPolicy: Policy,
  sandboxMode: Settings['sandboxMode'] = 'workspace-write',
): Settings => ({
  ...settingsOf('auto'),
  sandboxMode,
  approvalPolicy,
})
const judge = (action: CommandAction, rules: string, set: Settings) =>
  judgeCommand(action, decode(action.argv), noFacts, set, lookup(rules))

const forbidRm = 'prefix_rule(["rm"], decision="forbidden", justification="Move it to the trash.")'
const askPush = 'prefix_rule(["git", "push"], decision="prompt")'
const askDeploy = 'prefix_rule(["npm", "run", "deploy"], decision="prompt")'
const allowMake = 'prefix_rule(["make"])'
const none = ''

// prettier-ignore
test.each<[string, string, string, Policy, 'run' | 'review' | 'forbid']>([
  // title                                     command                          rules      policy        verdict
  ['a forbidden command', 'rm x', forbidRm, 'on-request', 'forbid'],
  ['unattended too', 'rm x', forbidRm, 'never', 'forbid'],
  ['behind a redirection', 'rm x > /dev/null', forbidRm, 'on-request', 'forbid'],
  ['behind a pipe', 'cat f | rm x', forbidRm, 'on-request', 'forbid'],
  ['in a substitution', 'echo $(rm x)', forbidRm, 'on-request', 'forbid'],
  ['in a loop', 'for i in a; do rm $i; done', forbidRm, 'on-request', 'forbid'],
  ['behind a variable', 'X=1 rm x', forbidRm, 'on-request', 'forbid'],
  ['behind sudo', 'sudo -u root rm x', forbidRm, 'on-request', 'forbid'],
  ['behind env and a shell', "env A=b sh -c 'rm x'", forbidRm, 'on-request', 'forbid'],
  ['behind find', 'find . -exec rm {} +', forbidRm, 'on-request', 'forbid'],
  ['by its path', '/bin/rm x', forbidRm, 'on-request', 'forbid'],
  ['escaped', '\\rm x', forbidRm, 'on-request', 'forbid'],
  ['a glob after it', 'rm *', forbidRm, 'on-request', 'forbid'],
  ['a program known at run time', '$X y', forbidRm, 'on-request', 'review'],
  ['unattended, that is refused', '$X y', forbidRm, 'never', 'forbid'],
  ['a subcommand known at run time', 'git $X', askPush, 'on-request', 'review'],
  ['an argument known at run time', 'npm run $T', askDeploy, 'on-request', 'review'],
  ['unattended, that is refused too', 'npm run $T', askDeploy, 'never', 'forbid'],
  ['and without a rule it stays inside', 'npm run $T', none, 'on-request', 'run'],
  ['a prompting prefix', 'git push origin', askPush, 'on-request', 'review'],
  ['unattended, a prompt is refused', 'git push origin', askPush, 'never', 'forbid'],
  ['beside it, nothing is asked', 'git log', askPush, 'on-request', 'run'],
  ['an allowed prefix under untrusted', 'make all', allowMake, 'untrusted', 'run'],
  ['an allowed part and an unknown one', 'make && ./x', allowMake, 'untrusted', 'review'],
  ['an allowed part and a reading one', 'make && ls', allowMake, 'untrusted', 'run'],
  ['an allowed one that writes elsewhere', 'make > ../x', allowMake, 'untrusted', 'review'],
  ['an allowed one with another environment', 'PATH=. make', allowMake, 'untrusted', 'review'],
  ['a forced delete', 'rm -rf x', none, 'on-request', 'review'],
  ['unattended, it is refused', 'rm -rf x', none, 'never', 'forbid'],
  ['even behind busybox', 'busybox rm -rf x', none, 'on-request', 'review'],
  ['a rule that names the force', 'rm -rf build', 'prefix_rule(["rm", "-rf", "build"])', 'on-request', 'run'],
  ['a rule that does not', 'rm -rf build', 'prefix_rule(["rm"])', 'on-request', 'review'],
  ['fetched text run', 'curl -s a | sh', none, 'on-request', 'review'],
  ['unattended without rules, it stays inside', 'curl -s a | sh', none, 'never', 'run'],
  ['a program of its own stays inside', "python3 -c 'print(1)'", none, 'on-request', 'run'],
  ['also in a here-document', "python3 - <<'E'\nprint(1)\nE", none, 'on-request', 'run'],
  ['but not from a pipe', 'curl -s a | python3', none, 'on-request', 'review'],
  ['and untrusted asks for it', "python3 -c 'print(1)'", none, 'untrusted', 'review'],
  ['reading, under untrusted', 'git status | head', none, 'untrusted', 'run'],
  ['the strictest of two rules', 'rm x', `${forbidRm}\nprefix_rule(["rm"])`, 'on-request', 'forbid'],
])('%s: %s', (_title, script, rules, policy, expected) => {
  expect(judge(shell(script), rules, settings(policy)).verdict.kind).toBe(expected)
})

test('full access still asks before a forced delete and keeps its rules', () => {
  const full = settings('on-request', 'danger-full-access')
  expect(judge(shell('rm -rf x'), none, full).verdict.kind).toBe('review')
  expect(judge(shell('rm x'), forbidRm, full).verdict.kind).toBe('forbid')
})

test('granular refuses the categories that are off', () => {
  const switches = {
    sandboxApproval: true,
    rules: false,
    mcpElicitations: true,
    requestPermissions: false,
    skillApproval: false,
  }
  const granular: Settings = { ...settings('granular'), granular: switches }
  expect(judge(shell('git push'), askPush, granular).verdict.kind).toBe('forbid')
  expect(judge(shell('rm -rf x'), none, granular).verdict.kind).toBe('review')
  const leaving = shell('make', { escalation: escalation({ network: true }) })
  expect(judge(leaving, none, granular).verdict.kind).toBe('review')
  const closed: Settings = { ...granular, granular: { ...switches, sandboxApproval: false } }
  expect(judge(leaving, none, closed).verdict.kind).toBe('forbid')
})

const outside = { writePaths: [], network: false, unsandboxed: true }
const onePath = { writePaths: ['/home/dana/.cache/x'], network: false, unsandboxed: false }

test('an allow rule answers the question, the smaller grant first', () => {
  const asked = judge(shell('make', { escalation: escalation(outside) }), allowMake, settings('on-request'))
  expect(asked.verdict.kind).toBe('run')
  expect(asked.grant).toEqual({ writePaths: [], network: false, unsandboxed: false })

  const observed = escalation({}, { source: 'observed', ladder: [onePath, outside] })
  const missing = judge(shell('make', { escalation: observed }), allowMake, settings('on-request'))
  expect(missing.verdict).toMatchObject({ kind: 'run', origin: { kind: 'rule', line: 1 } })
  expect(missing.grant).toEqual(onePath)

  const net = escalation({}, { source: 'observed', ladder: [{ ...onePath, writePaths: [], network: true }] })
  expect(judge(shell('make', { escalation: net }), allowMake, settings('on-request')).verdict.kind).toBe(
    'review',
  )
})

test('a host that somebody denied is not asked for', () => {
  const observed = escalation(
    {},
    {
      source: 'observed',
      ladder: [{ writePaths: [], network: true, unsandboxed: false }],
      violations: [{ kind: 'connect', host: 'paste.example', port: 443, evidence: 'curl: (6)' }],
    },
  )
  const action = shell('curl https://paste.example', { escalation: observed })
  const rule = 'network_rule(host="paste.example", protocol="https", decision="deny")'
  expect(judge(action, rule, settings('on-request')).verdict).toMatchObject({
    kind: 'forbid',
    origin: { kind: 'rule', file: 'a.rules', line: 1 },
  })
  expect(judge(action, none, settings('on-request')).verdict.kind).toBe('review')
})

test('the path names every part, its rule and place, and one step that decides', () => {
  const { verdict, parts } = judge(shell('ls && rm x'), forbidRm, settings('on-request'))
  expect(verdict.justification).toBe('Move it to the trash.')
  expect(verdict.origin).toMatchObject({ kind: 'rule', file: 'a.rules', line: 1 })
  expect(parts.map((p) => [p.text, p.verdict])).toEqual([
    ['ls', null],
    ['rm x', 'forbid'],
  ])
  expect(verdict.reasoning?.filter((r) => r.decides)).toEqual([
    {
      layer: 'rules',
      text: '“rm x”: a.rules:1 forbids rm …',
      says: 'forbid',
      decides: true,
      source: { file: 'a.rules', line: 1 },
    },
  ])
})

test('a broken file asks for what it may restrict, and grants nothing', () => {
  const broken = 'prefix_rule(["make"])\nprefix_rule(["rm"], decision="forbiden")'
  expect(judge(shell('rm x'), broken, settings('on-request')).verdict).toMatchObject({
    kind: 'review',
    origin: { kind: 'brokenFile', file: 'a.rules' },
  })
  expect(judge(shell('make'), broken, settings('untrusted')).verdict.kind).toBe('review')
  expect(judge(shell('rm x'), broken, settings('never')).verdict.kind).toBe('forbid')
})

test('an overlong program of sed is told at once, and asks only where untrusted does', () => {
  const long = shell(`sed '${'t'.repeat(15_000)}' f`)
  expect(decode(long.argv).notInspectable).toMatch(/sed starts others/)
  expect(judge(long, none, settings('on-request')).verdict.kind).toBe('run')
  expect(judge(long, none, settings('untrusted')).verdict.kind).toBe('review')
})
