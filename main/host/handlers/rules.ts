import { createHash } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import type { HostHandlers } from '../../../protocol/contract.ts'
import type { RulesState } from '../../../protocol/rules.ts'
import { expandDeniedGlobs } from '../../config/expand-denied-globs.ts'
import { readRuleFile } from '../../config/rule-files.ts'
import type { FolderRules } from '../../config/rules-store.ts'
import { parseRules } from '../../policy/rules/parse-rules.ts'
import type { HostContext } from '../host-context.ts'
import { settingsFrom } from '../policy/policy-store.ts'
import { rulesState } from '../policy/rule-rows.ts'
import { testSubject } from '../policy/test-subject.ts'

type Topic = Extract<keyof HostHandlers, `rules/${string}`>

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The Rules page, its tester and the scope editor. */
export function ruleHandlers(context: HostContext): Pick<HostHandlers, Topic> {
  const { policy, uses, clock, desk } = context

  const stateOf = async (folder: string | null): Promise<RulesState> => {
    const rules = await policy.rules.of(folder)
    return rulesState(rules, uses, clock.nowMs(), await filesOf(rules))
  }
  const filesOf = async (rules: FolderRules): Promise<RulesState['files']> => {
    const user = path.join(policy.rules.userFolder, 'default.rules')
    const known = new Set(
      [...rules.set.prefix, ...rules.set.gatehouse, ...rules.set.problems].map((r) => r.place.file),
    )
    const all = [...new Set([policy.rules.ownFile, user, ...known])]
    return Promise.all(
      all.map(async (file) => ({
        file,
        exists: !('message' in (await readRuleFile(file))),
        editable: desk.mayEdit(file),
      })),
    )
  }

  return {
    'rules/watch': ({ folder }, sink) => {
      let sending = false
      const send = (): void => {
        if (sending) return
        sending = true
        void stateOf(folder)
          .then((state) => sink.change(state))
          .catch(() => {})
          .finally(() => {
            sending = false
          })
      }
      const stops = [policy.onChange(send), desk.onChange(send)]
      // The first reading follows at once; a snapshot cannot wait for the disk.
      void stateOf(folder).then(
        (state) => sink.reset(state),
        () => {},
      )
      return {
        snapshot: { rows: [], problems: [], files: [] },
        stop: () => {
          for (const stop of stops) stop()
        },
      }
    },
    'rules/test': async ({ subject, folder, sandboxMode, approvalPolicy, draft }) => {
      const effective = await policy.effective(folder, { sandboxMode, ...asPolicy(approvalPolicy) })
      const own = settingsFrom(effective, { preset: null, leaseEndsAtMs: null, deniedReads: [] })
      const closed = await expandDeniedGlobs(own.deniedGlobs ?? [])
      const settings = { ...own, deniedReads: [...own.deniedReads, ...closed] }
      const decode = policy.decode
      const rules = await policy.lookup(folder, folder)
      return testSubject(subject, {
        folder,
        home: os.homedir(),
        context: { settings, rules, decode },
        withDraft: draft ? { settings, rules: await desk.lookupWith(draft, folder), decode } : null,
        network: await policy.network(folder),
      })
    },
    'rules/preview': ({ replaces, rule, folder, days }) => desk.preview({ replaces, rule }, folder, days),
    'rules/suggest': ({ approvalId }) => desk.suggest(approvalId),
    'rules/save': ({ replaces, rule }) => desk.save({ replaces, rule }, { reviewed: true }),
    'rules/remove': ({ id }) => desk.remove(id),
    'rules/review': ({ id }) => desk.review(id),
    'rules/text': async ({ file }) => {
      if (!desk.mayRead(file)) return { status: 'refused', why: `${file} is no rules file that is in force.` }
      const read = await policy.rules.text(file)
      if ('message' in read) return { status: 'refused', why: read.message }
      return { status: 'read', text: read.text, digest: sha256(read.text), editable: desk.mayEdit(file) }
    },
    'rules/saveText': async ({ file, text, digest }) => {
      if (!desk.mayEdit(file)) return { status: 'refused', why: `${file} cannot be changed here.` }
      const before = await policy.rules.text(file)
      if ('message' in before) return { status: 'refused', why: before.message }
      if (sha256(before.text) !== digest) return { status: 'changedMeanwhile' }
      const problems = file.endsWith('.rules')
        ? parseRules([{ file, text }]).problems
        : desk.problemsOf(file, text)
      if (problems.length > 0)
        return {
          status: 'invalid',
          problems: problems.map(({ message, place }) => ({
            message,
            line: place.line,
            column: place.column,
          })),
        }
      await policy.rules.write(file, text)
      await policy.check()
      return { status: 'saved', id: file }
    },
  }
}

/** `granular` has no switches here; the tester takes it for the policy that asks most. */
const asPolicy = (
  policy: 'untrusted' | 'on-request' | 'granular' | 'never',
): { approvalPolicy?: 'untrusted' | 'on-request' | 'never' } =>
  policy === 'granular' ? {} : { approvalPolicy: policy }
