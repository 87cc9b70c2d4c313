import path from 'node:path'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { Inbox } from '../approvals/inbox.ts'
import { PastQuestions } from '../approvals/past-questions.ts'
import { FolderTrust } from '../config/folder-trust.ts'
import { PolicyStore } from '../host/policy/policy-store.ts'
import { type RuleDesk, ruleDesk } from '../host/policy/rule-desk.ts'
import { decode } from './decoder.ts'
import { FakeClock } from './fake-clock.ts'
import { type TempFolder, tempFolder } from './temp-folder.ts'

export type TestPolicy = {
  /** Holds `home/`, `etc/`, `more/` and `work/`. */
  readonly files: TempFolder
  /** The folder of sessions. */
  readonly work: string
  readonly policy: PolicyStore
  readonly desk: RuleDesk
  readonly past: PastQuestions
  readonly clock: FakeClock
  /** Open questions, as the desk sees them. */
  readonly requests: ApprovalRequest[]
  close(): void
}

/** Policy as the host opens it, over real files in a temporary folder. Time stands at `nowMs`. */
export async function openPolicy(
  files: Readonly<Record<string, string>> = {},
  nowMs = Date.parse('2026-03-01T12:00:00Z'),
): Promise<TestPolicy> {
  const folder = tempFolder()
  const at = (name: string): string => path.join(folder.path, name)
  for (const [name, text] of Object.entries({ 'work/a': '', 'more/.keep': '', ...files }))
    folder.write(name, text)
  const clock = new FakeClock(nowMs)
  const policy = new PolicyStore({
    places: { systemDir: at('etc'), gatehouseHome: at('home') },
    moreRequirements: at('more'),
    folders: await FolderTrust.load(at('home'), clock),
    clock,
    decode,
    startProblems: [],
  })
  await policy.start()
  const past = new PastQuestions()
  const requests: ApprovalRequest[] = []
  let count = 0
  const ids = { next: (prefix: string) => `${prefix}_${++count}` }
  const inbox = { requests } as unknown as Inbox
  return {
    files: folder,
    work: at('work'),
    policy,
    desk: ruleDesk({ policy, clock, ids, past, inbox }),
    past,
    clock,
    requests,
    close() {
      policy.dispose()
      folder.remove()
    },
  }
}
