import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { ApprovalId } from '../../../protocol/ids.ts'
import type { RuleDraft } from '../../../protocol/rule-draft.ts'
import { command, edit, escalation, inputTo, shell } from '../../testing/builders.ts'
import { openPolicy, type TestPolicy } from '../../testing/open-policy.ts'
import { approvalRequest } from '../../testing/requests.ts'

let open: TestPolicy | null = null
afterEach(() => {
  open?.close()
  open = null
})
const start = async (gatehouse?: string): Promise<TestPolicy> => {
  open = await openPolicy(gatehouse === undefined ? {} : { 'home/rules/gatehouse.toml': gatehouse })
  return open
}
const textOf = ({ files }: TestPolicy): string =>
  readFileSync(path.join(files.path, 'home/rules/gatehouse.toml'), 'utf8')

const draft = (words: readonly string[], more: Partial<RuleDraft> = {}): RuleDraft => ({
  decision: 'allow',
  subject: { kind: 'command', tokens: words.map((text) => ({ kind: 'fixed', text })), openEnd: false },
  where: null,
  runs: 'sandbox',
  endsAtMs: null,
  note: null,
  match: [],
  notMatch: [],
  ...more,
})
const mine = (rule: RuleDraft) => ({ replaces: null, rule })

/** Comments, odd spacing, a rule written by hand, and line ends as Windows writes them. */
const file = `# what the team allows\r\n\r\n[[gatehouse.rules]]   # first\r\nid   = "a"\r\ndecision = "allow"\r\ncommand = ["make", "test"]\r\ncreated_at = 2026-01-01T00:00:00Z\r\n\r\n# between\r\n[[gatehouse.rules]]\r\nid = "b"\r\ndecision = "prompt"\r\ncommand = ["make"]\r\nopen_end = true\r\nreviewed = false\r\ncreated_at = 2026-01-01T00:00:00Z\r\n# at the end\r\n`
const first =
  '[[gatehouse.rules]]   # first\r\nid   = "a"\r\ndecision = "allow"\r\ncommand = ["make", "test"]\r\ncreated_at = 2026-01-01T00:00:00Z\r\n'

test('a rule that is saved is added at the end, and holds for the next question', async () => {
  const p = await start(file)
  const saved = await p.desk.save(mine(draft(['npm', 'test'], { note: 'daily' })), { reviewed: false })
  expect(saved).toEqual({ status: 'saved', id: 'ru_1' })
  expect(textOf(p).startsWith(file)).toBe(true)
  expect(textOf(p).slice(file.length)).toMatch(/^\r\n\[\[gatehouse\.rules\]\]\r\nid = "ru_1"\r\n/)
  const lookup = await p.policy.lookup(p.work, p.work)
  expect(lookup.match(['npm', 'test']).map(({ rule }) => rule.kind === 'gatehouse' && rule.note)).toEqual([
    'daily',
  ])
})

test('the first rule of all makes the file', async () => {
  const p = await start()
  expect(await p.desk.save(mine(draft(['npm', 'test'])), { reviewed: true })).toMatchObject({
    status: 'saved',
  })
  expect(textOf(p).startsWith('[[gatehouse.rules]]\n')).toBe(true)
})

test('replacing a rule changes its lines only, and keeps its id and its beginning', async () => {
  const p = await start(file)
  const saved = await p.desk.save({ replaces: 'a', rule: draft(['make', 'check']) }, { reviewed: true })
  expect(saved).toEqual({ status: 'saved', id: 'a' })
  const [before, behind] = file.split(first) as [string, string]
  expect(textOf(p).startsWith(before)).toBe(true)
  expect(textOf(p).endsWith(behind)).toBe(true)
  const { set } = await p.policy.rules.of(null)
  expect(set.gatehouse.find((r) => r.id === 'a')).toMatchObject({
    createdAtMs: Date.parse('2026-01-01T00:00:00Z'),
    subject: { tokens: [{ text: 'make' }, { text: 'check' }] },
  })
})

test('removing a rule takes its lines and one blank one, and no comment', async () => {
  const p = await start(file)
  expect(await p.desk.remove('a')).toEqual({ status: 'saved', id: 'a' })
  expect(textOf(p)).toBe(file.replace(`${first}\r\n`, ''))
})

test('looking at a rule marks it, and nothing else changes', async () => {
  const p = await start(file)
  expect(await p.desk.review('b')).toMatchObject({ status: 'saved' })
  const { set } = await p.policy.rules.of(null)
  expect(set.gatehouse.map((r) => [r.id, r.reviewed, r.decision])).toEqual([
    ['a', false, 'allow'],
    ['b', true, 'prompt'],
  ])
  const upTo = file.indexOf('[[gatehouse.rules]]\r\nid = "b"')
  expect(textOf(p).slice(0, upTo)).toBe(file.slice(0, upTo))
  expect(textOf(p).endsWith('# at the end\r\n')).toBe(true)
})

test('a rule that was removed meanwhile is neither replaced nor marked nor removed', async () => {
  const p = await start(file)
  const less = file.replace(`${first}\r\n`, '')
  p.files.write('home/rules/gatehouse.toml', less)
  const rule = draft(['make', 'check'])
  expect(await p.desk.save({ replaces: 'a', rule }, { reviewed: true })).toMatchObject({ status: 'refused' })
  expect(await p.desk.remove('a')).toMatchObject({ status: 'refused' })
  expect(await p.desk.review('a')).toMatchObject({ status: 'refused' })
  expect(textOf(p)).toBe(less)
})

test('a rule that moved meanwhile is replaced where it now stands', async () => {
  const p = await start(file)
  p.files.write('home/rules/gatehouse.toml', `# one line more\r\n${file}`)
  expect(
    await p.desk.save({ replaces: 'b', rule: draft(['make', 'check']) }, { reviewed: true }),
  ).toMatchObject({
    status: 'saved',
  })
  expect(textOf(p).startsWith(`# one line more\r\n${file.slice(0, file.indexOf('# between'))}`)).toBe(true)
  expect(textOf(p)).not.toContain('"prompt"')
})

test('a file with a problem is not written to', async () => {
  const broken = `${file}\r\n[[gatehouse.rules]]\r\nid = 1\r\n`
  const p = await start(broken)
  expect(await p.desk.save(mine(draft(['npm', 'test'])), { reviewed: true })).toMatchObject({
    status: 'refused',
  })
  expect(textOf(p)).toBe(broken)
})

// prettier-ignore
test.each<[string, RuleDraft]>([
  ['no program', draft([''])],
  [
    'too much',
    draft(['bash'], {
      subject: { kind: 'command', tokens: [{ kind: 'fixed', text: 'bash' }], openEnd: true },
    }),
  ],
  ['an example that does not match', draft(['make'], { match: [['cargo']] })],
  ['an end in the past', draft(['make'], { endsAtMs: 1 })],
  ['a folder that is none', draft(['make'], { where: 'here' })],
  ['half a letter', draft(['make', '\ud800'])],
  ['a blank note', draft(['make'], { note: ' ' })],
])('a rule with %s is refused, and nothing is written', async (_title, rule) => {
  const p = await start(file)
  const answer = await p.desk.save(mine(rule), { reviewed: true })
  expect(answer).toMatchObject({ status: 'refused', why: expect.stringMatching(/\.$/) as string })
  expect(textOf(p)).toBe(file)
})

// prettier-ignore
test.each<
  [
    string,
    ReturnType<typeof shell> | ReturnType<typeof edit> | ReturnType<typeof inputTo>,
    RuleDraft,
    RegExp | null,
  ]
>([
  ['the command itself', command(['make', 'test']), draft(['make', 'test']), null],
  ['a part of a script', shell('cd src && make test'), draft(['make', 'test']), null],
  ['another command', command(['make', 'test']), draft(['make', 'check']), /does not match/],
  ['fewer words', command(['make', 'test']), draft(['make']), /does not match/],
  ['another folder', command(['make']), draft(['make'], { where: '/elsewhere' }), /another folder/],
  ['this folder', command(['make']), draft(['make'], { where: '/w' }), null],
  ['a rule that asks', command(['make']), draft(['make'], { decision: 'prompt' }), /must be an allow rule/],
  ['a rule that has ended', command(['make']), draft(['make'], { endsAtMs: 1 }), /ended/],
  [
    'a file for a command',
    command(['make']),
    draft([], { subject: { kind: 'write', path: '/w/a' } }),
    /does not match/,
  ],
  ['the file', edit('/out/a'), draft([], { subject: { kind: 'write', path: '/out/a' } }), null],
  ['a folder above the file', edit('/out/a'), draft([], { subject: { kind: 'write', path: '/out' } }), null],
  ['another file', edit('/out/a'), draft([], { subject: { kind: 'write', path: '/out/b' } }), /every file/],
  ['a command for a file', edit('/out/a'), draft(['make']), /about a file/],
  ['anything for typed text', inputTo(true), draft(['python3']), /cannot be answered/],
])('as the answer to a question: %s', async (_title, action, rule, why) => {
  const p = await start()
  const answer = await p.desk.checkAnswer(approvalRequest({ action }), rule)
  if (why === null) expect(answer).toBeNull()
  else expect(answer).toMatch(why)
})

test('what is suggested for an open question is narrow, ends the same day, and answers it', async () => {
  const p = await start('[[gatehouse.rules]]\nid = "a"\ndecision = "allow"\ncommand = ["git", "add", "-A"]\n')
  const action = shell('git add -A && git push origin main', {
    cwd: p.work,
    escalation: escalation({ network: true }),
  })
  const request = approvalRequest({}, { action, folder: p.work })
  p.requests.push(request)
  const answer = await p.desk.suggest(request.id)
  expect(answer).toMatchObject({
    status: 'suggested',
    draft: {
      decision: 'allow',
      subject: {
        kind: 'command',
        tokens: ['git', 'push', 'origin', 'main'].map((text) => ({ kind: 'fixed', text })),
        openEnd: false,
      },
      where: p.work,
      endsAtMs: p.clock.nowMs() + 8 * 3_600_000,
    },
    parts: [
      { text: 'git add -A', coveredBy: expect.stringContaining('gatehouse.toml') as string },
      { coveredBy: null },
    ],
  })
  if (answer.status === 'suggested') expect(await p.desk.checkAnswer(request, answer.draft)).toBeNull()
  expect(await p.desk.suggest('ap_other' as ApprovalId)).toMatchObject({ status: 'refused' })
})

test('files that may be read and edited are rules files only', async () => {
  const { desk, policy, work } = await start()
  const own = path.join(policy.rules.userFolder, 'a.rules')
  expect([desk.mayEdit(own), desk.mayRead(own)]).toEqual([true, true])
  for (const name of [
    '/etc/passwd',
    path.join(policy.rules.userFolder, '../config.toml'),
    `${own}/../../x.rules`,
    '',
  ])
    expect([desk.mayEdit(name), desk.mayRead(name)]).toEqual([false, false])
  const ofFolder = path.join(work, '.gatehouse/rules/a.rules')
  expect([desk.mayEdit(ofFolder), desk.mayRead(ofFolder)]).toEqual([false, true])
})
