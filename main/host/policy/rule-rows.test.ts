import { afterEach, expect, test } from 'vitest'
import { RuleUses } from '../../approvals/rule-use.ts'
import { openPolicy, type TestPolicy } from '../../testing/open-policy.ts'
import { draftOf, ruleOf, rulesState } from './rule-rows.ts'

let open: TestPolicy | null = null
afterEach(() => {
  open?.close()
  open = null
})

const gatehouse = `[[gatehouse.rules]]
id = "here"
decision = "allow"
command = ["make", { any = true, except = ["x*"] }]
where = "/w"
created_at = 2026-01-01T00:00:00Z
match = [["make", "all"]]
[[gatehouse.rules]]
id = "lease"
decision = "allow"
command = ["npm", "test"]
runs = "as-asked"
ends_at = 2026-03-02T00:00:00Z
created_at = 2026-01-01T00:00:00Z
note = "today"
[[gatehouse.rules]]
id = "over"
decision = "allow"
command = ["npm", "start"]
ends_at = 2026-02-01T00:00:00Z
created_at = 2026-01-01T00:00:00Z
[[gatehouse.rules]]
id = "path"
decision = "prompt"
write = "/out"
created_at = 2026-01-01T00:00:00Z
reviewed = true
`
const requirements = `[rules]
prefix_rules = [{ pattern = [{ token = "zap" }], decision = "forbidden", justification = "never" }]
`
const rules = `prefix_rule(pattern=["git", "push"], decision="prompt")
prefix_rule(pattern=["git", "push", "origin"], decision="prompt")
`

const state = async (uses = new RuleUses()) => {
  open = await openPolicy({
    'home/rules/gatehouse.toml': gatehouse,
    'home/rules/a.rules': rules,
    'more/requirements.toml': requirements,
  })
  await open.policy.lookup(open.work, open.work)
  const found = await open.policy.rules.of(null)
  return rulesState(found, uses, open.clock.nowMs(), [])
}

test('each rule stands in the group of who decides it, and what is over is left out', async () => {
  const { rows, problems } = await state()
  expect(problems).toEqual([])
  expect(rows.map(({ what, group, lockedBy, reviewed }) => [what, group, lockedBy, reviewed])).toEqual([
    ['zap …', 'managed', 'requirements.toml', true],
    ['git push …', 'you', null, true],
    ['git push origin …', 'you', null, true],
    ['make *(not x*)', 'workspace', null, false],
    ['npm test', 'leases', null, false],
    ['write /out', 'you', null, true],
  ])
})

test('a rule that another one makes needless names it', async () => {
  const { rows } = await state()
  const [, wide, narrow] = rows
  expect([wide?.coveredBy, narrow?.coveredBy]).toEqual([null, wide?.id])
})

test('uses are counted under the id that verdicts name', async () => {
  const uses = new RuleUses()
  const origin = { kind: 'rule' as const, file: 'a.rules', line: 1, ruleId: 'lease' }
  uses.add({ kind: 'run', origin, justification: null }, 5)
  uses.add({ kind: 'run', origin, justification: null }, 9)
  const { rows } = await state(uses)
  expect(rows.find(({ id }) => id === 'lease')).toMatchObject({ used: 2, lastUsedAtMs: 9, note: 'today' })
  expect(rows.find(({ id }) => id === 'here')).toMatchObject({ used: 0, lastUsedAtMs: null })
})

test('only rules made here have a draft, and a draft as a rule says the same', async () => {
  const { rows } = await state()
  expect(rows.filter(({ draft }) => draft !== null).map(({ id }) => id)).toEqual(['here', 'lease', 'path'])
  for (const { draft } of rows) {
    if (draft === null) continue
    const rule = ruleOf(draft, { id: 'a', createdAtMs: 0, reviewed: true, file: 'f' })
    expect(draftOf(rule)).toEqual(draft)
  }
})
