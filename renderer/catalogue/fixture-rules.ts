import type { ApprovalId, SessionId } from '../../protocol/ids.ts'
import type { PastCase, RuleDraft, RuleRow, RulesState, TokenPattern } from '../../protocol/rules.ts'

export const billing = '/home/dana/src/billing-api'
export const managedFile = '/etc/gatehouse/requirements.toml'
export const ownRules = '/home/dana/.gatehouse/rules/default.rules'
export const ownDrafts = '/home/dana/.gatehouse/rules/gatehouse.toml'
export const teamRules = `${billing}/.codex/rules/team.rules`

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export const fixed = (text: string): TokenPattern => ({ kind: 'fixed', text })

export const commandDraft = (tokens: readonly TokenPattern[], more: Partial<RuleDraft> = {}): RuleDraft => ({
  decision: 'allow',
  subject: { kind: 'command', tokens: [...tokens], openEnd: false },
  where: billing,
  runs: 'asAsked',
  endsAtMs: null,
  note: null,
  match: [],
  notMatch: [],
  ...more,
})

const words = (line: string): string[] => line.split(' ')

/** `git push origin` and any branch but two: the rule the pictures of the design are about. */
export const pushDraft = (endsAtMs: number | null): RuleDraft =>
  commandDraft(
    [fixed('git'), fixed('push'), fixed('origin'), { kind: 'any', except: ['main', 'release/*'] }],
    {
      endsAtMs,
      note: 'branches of my own; main goes through a PR',
      match: [words('git push origin fix/retry'), words('git push origin feat/x')],
      notMatch: [words('git push origin main'), words('git push --force origin fix')],
    },
  )

type Facts = Pick<RuleRow, 'id' | 'group' | 'what' | 'sentence'> & Partial<RuleRow>

const row = (facts: Facts): RuleRow => ({
  decision: 'allow',
  where: null,
  runs: null,
  endsAtMs: null,
  createdAtMs: null,
  used: 0,
  lastUsedAtMs: null,
  source: { file: ownRules, line: 1 },
  note: null,
  reviewed: true,
  coveredBy: null,
  lockedBy: null,
  draft: null,
  ...facts,
})

function managedRows(nowMs: number): RuleRow[] {
  const managed = { group: 'managed', lockedBy: 'acme-baseline v7', decision: 'forbidden' } as const
  return [
    row({
      ...managed,
      id: 'm-paste',
      what: 'host *.paste.example',
      sentence: 'Never reach paste.example or anything below it.',
      used: 12,
      lastUsedAtMs: nowMs - 2 * day,
      source: { file: managedFile, line: 21 },
      note: 'paste sites are not for company data',
    }),
    row({
      ...managed,
      id: 'm-sudo',
      what: 'sudo …',
      sentence: 'Never run sudo, whatever follows.',
      used: 3,
      lastUsedAtMs: nowMs - 9 * day,
      source: { file: managedFile, line: 26 },
    }),
    row({
      ...managed,
      id: 'm-kube',
      decision: 'prompt',
      what: 'kubectl --context prod …',
      sentence: 'Ask before kubectl --context prod, whatever follows.',
      used: 1,
      lastUsedAtMs: nowMs - 17 * day,
      source: { file: managedFile, line: 31 },
      note: 'production belongs to the on-call person',
    }),
  ]
}

function workspaceRows(nowMs: number): RuleRow[] {
  const team = { group: 'workspace', where: billing } as const
  return [
    row({
      ...team,
      id: 'w-merge',
      decision: 'prompt',
      what: 'gh pr merge …',
      sentence: 'Ask before gh pr merge in billing-api, whatever follows.',
      used: 1,
      lastUsedAtMs: nowMs - 5 * day,
      source: { file: teamRules, line: 3 },
    }),
    row({
      ...team,
      id: 'w-test',
      what: 'npm test …',
      sentence: 'Allow npm test in billing-api, whatever follows, inside the sandbox.',
      runs: 'sandbox',
      used: 41,
      lastUsedAtMs: nowMs - 12 * minute,
      source: { file: teamRules, line: 9 },
    }),
    row({
      ...team,
      id: 'w-registry',
      what: 'host registry.npmjs.example',
      sentence: 'Allow registry.npmjs.example, port 443, from commands in billing-api.',
      used: 19,
      lastUsedAtMs: nowMs - minute,
      source: { file: `${billing}/.codex/config.toml`, line: 12 },
    }),
  ]
}

function ownRows(nowMs: number): RuleRow[] {
  const build = commandDraft([fixed('npm'), fixed('run'), { kind: 'oneOf', texts: ['build', 'lint'] }], {
    where: null,
    runs: 'sandbox',
    match: [words('npm run build')],
    notMatch: [words('npm run deploy')],
  })
  return [
    row({
      id: 'y-build',
      group: 'you',
      what: 'npm run build|lint',
      sentence: 'Allow npm run build or lint everywhere, with nothing after it, inside the sandbox.',
      runs: 'sandbox',
      createdAtMs: nowMs - 40 * day,
      used: 88,
      lastUsedAtMs: nowMs - 3 * hour,
      source: { file: ownDrafts, line: 4 },
      draft: build,
    }),
    row({
      id: 'y-retry',
      group: 'you',
      what: 'npm test -- retry',
      sentence: 'Allow npm test -- retry in billing-api, with nothing after it, inside the sandbox.',
      where: billing,
      runs: 'sandbox',
      createdAtMs: nowMs - 8 * day,
      used: 6,
      lastUsedAtMs: nowMs - 2 * day,
      source: { file: ownDrafts, line: 19 },
      coveredBy: 'w-test',
      draft: commandDraft(words('npm test -- retry').map(fixed), { runs: 'sandbox' }),
    }),
    row({
      id: 'y-compose',
      group: 'you',
      what: 'docker compose up …',
      sentence:
        'Allow docker compose up everywhere, whatever follows, outside the sandbox when it asks for that.',
      runs: 'asAsked',
      createdAtMs: nowMs - 64 * day,
      source: { file: ownRules, line: 7 },
      note: 'for the old integration tests',
    }),
    row({
      id: 'y-main',
      group: 'you',
      decision: 'forbidden',
      what: 'git push origin main …',
      sentence: 'Never run git push origin main, whatever follows.',
      createdAtMs: nowMs - 90 * day,
      used: 2,
      lastUsedAtMs: nowMs - 21 * day,
      source: { file: ownRules, line: 11 },
      note: 'main goes through a PR',
    }),
  ]
}

function leaseRows(nowMs: number): RuleRow[] {
  const endsAtMs = nowMs + 6 * hour + 2 * minute
  return [
    row({
      id: 'l-push',
      group: 'leases',
      what: 'git push origin * (not main, release/*)',
      sentence:
        'Allow git push origin and any one branch except main and release/*, in billing-api, with nothing after it, outside the sandbox when it asks for that.',
      where: billing,
      runs: 'asAsked',
      endsAtMs,
      createdAtMs: nowMs - 118 * minute,
      used: 4,
      lastUsedAtMs: nowMs - hour,
      source: { file: ownDrafts, line: 33 },
      note: 'branches of my own; main goes through a PR',
      reviewed: false,
      draft: pushDraft(endsAtMs),
    }),
    row({
      id: 'l-cache',
      group: 'leases',
      what: 'write /home/dana/.cache/ms-playwright',
      sentence: 'Allow writing below /home/dana/.cache/ms-playwright, from billing-api.',
      where: billing,
      endsAtMs: nowMs + 11 * minute,
      createdAtMs: nowMs - 49 * minute,
      source: { file: ownDrafts, line: 52 },
      draft: commandDraft([fixed('x')], {
        subject: { kind: 'write', path: '/home/dana/.cache/ms-playwright' },
        endsAtMs: nowMs + 11 * minute,
      }),
    }),
  ]
}

/** Rules in all four groups, with everything that can be wrong with one. */
export const fixtureRules = (nowMs: number): RulesState => ({
  rows: [...managedRows(nowMs), ...workspaceRows(nowMs), ...ownRows(nowMs), ...leaseRows(nowMs)],
  problems: [
    {
      message:
        'decision = "alow" is none of allow, prompt, forbidden. The rule is not used; what begins with "docker push" is asked about until it is mended.',
      source: { file: ownRules, line: 14 },
    },
  ],
  files: [
    { file: managedFile, exists: true, editable: false },
    { file: teamRules, exists: true, editable: true },
    { file: ownRules, exists: true, editable: true },
    { file: ownDrafts, exists: true, editable: true },
  ],
})

export const ownRulesText = `# Rules of Dana, read by Gatehouse and Codex.
#
# Each begins with the words it is about. A decision is allow, prompt or
# forbidden; of all that match, the strictest wins.

# The old integration tests.
prefix_rule(pattern = ["docker", "compose", "up"], decision = "allow")

# Branches of my own are fine, see gatehouse.toml.
# Anything else goes through a PR.
prefix_rule(pattern = ["git", "push", "origin", "main"], decision = "forbidden",
            justification = "main goes through a PR")

prefix_rule(pattern = ["docker", "push"], decision = "alow")
`

type Past = readonly [daysAgo: number, line: string, outcome: PastCase['outcome'], note?: string]
const past: readonly Past[] = [
  [0.1, 'git push origin fix/retry', 'allowed'],
  [0.6, 'git push origin fix/retry', 'allowed'],
  [1.2, 'git push origin fix/jitter', 'allowed'],
  [2.5, 'npm run deploy', 'denied', 'deploys go through CI'],
  [3.1, 'git push origin feat/invoices', 'allowed'],
  [4.4, 'git push origin feat/invoices', 'allowed'],
  [6, 'git push origin feat/vat', 'allowed'],
  [8.3, 'git push origin fix/rounding', 'allowed'],
  [9.2, 'npm test -- retry', 'allowed'],
  [12, 'git push origin hotfix', 'denied', 'use a PR'],
  [14.5, 'git push origin fix/rounding', 'allowed'],
  [19, 'git push origin chore/deps', 'allowed'],
  [21, 'git push origin main', 'denied', 'main goes through a PR'],
  [25, 'git push origin tmp-release', 'denied'],
  [27, 'npx playwright install', 'unanswered'],
]

/** What was asked in billing-api in the last days, newest first. */
export const fixturePast = (nowMs: number): readonly PastCase[] =>
  past.map(([daysAgo, line, outcome, note], place) => ({
    sessionId: 'billing-api' as SessionId,
    approvalId: `past-${place}` as ApprovalId,
    atMs: Math.round(nowMs - daysAgo * day),
    folder: billing,
    text: line,
    words: words(line),
    outcome,
    note: note ?? null,
  }))
