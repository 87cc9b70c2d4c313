import { type Ref, useEffect, useMemo, useState } from 'react'
import type { RuleRow, TestAnswer, UnsavedRule } from '../../../protocol/rules.ts'
import type { Reason } from '../../../protocol/verdict.ts'
import type { Expects } from '../../card/scope/edit-draft.ts'
import { wordsOfLine } from '../../card/scope/line-words.ts'
import { useStores } from '../../state/context.tsx'
import { createLatest } from '../../state/latest.ts'
import { Button } from '../../ui/button.tsx'
import { Loading, Notice } from '../../ui/states.tsx'
import { asTest } from './as-test.ts'
import { TestAnswerView } from './test-answer.tsx'
import { isAbsolute, settingsOfForm, subjectOf, type TestForm } from './test-subject.ts'
import { TesterForm } from './tester-form.tsx'
import { UnsavedChange } from './unsaved-change.tsx'

type Props = {
  readonly form: TestForm
  readonly folders: readonly string[]
  readonly firstRef: Ref<HTMLDivElement>
  readonly unsaved: UnsavedRule | null
  /** The rule that an unsaved one stands for. */
  readonly replaced: RuleRow | null
  /** Counts up with every change of the rules, so that an answer is never older than they are. */
  readonly rules: unknown
  onForm(form: TestForm): void
  onOpen(source: NonNullable<Reason['source']>): void
  /** Makes the command an example of the rule in hand, or of the one that decided. */
  onExample(expects: Expects, words: readonly string[], decided: Reason['source']): void
  onContinue(): void
  onDrop(): void
}

type Shown = {
  readonly key: string | null
  readonly answer: TestAnswer | null
  readonly problem: string | null
}
const none: Shown = { key: null, answer: null, problem: null }

/** Would this be allowed? Nothing runs; the answer is the one a session would get. */
export function Tester(props: Props) {
  const { form, folders, unsaved, rules, onForm } = props
  const { client } = useStores()
  const [shown, setShown] = useState(none)
  const latest = useMemo(
    () =>
      createLatest({
        run: (params: string) => client.call('rules/test', JSON.parse(params)),
        done: (answer, key) => setShown({ key, answer, problem: null }),
        failed: ({ message }) => setShown((before) => ({ ...before, key: null, problem: message })),
      }),
    [client],
  )
  const subject = subjectOf(form)
  const asks = subject !== null && isAbsolute(form.folder)
  const key = JSON.stringify({ subject, folder: form.folder, ...settingsOfForm(form), draft: unsaved })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same question has another answer with other rules
  useEffect(() => {
    if (asks) latest.ask(key)
    return () => latest.stop()
  }, [latest, key, asks, rules])

  return (
    <section className="tester" aria-label="Would this be allowed?">
      <h2>Would this be allowed?</h2>
      <TesterForm form={form} folders={folders} firstRef={props.firstRef} onChange={onForm} />
      {!asks ? (
        <HowItGoes noFolder={subject !== null} />
      ) : shown.problem !== null ? (
        <Notice level="problem" title="The question could not be asked.">
          {shown.problem}
        </Notice>
      ) : shown.answer === null ? (
        <Loading what="Judging it" />
      ) : (
        <>
          <TestAnswerView answer={shown.answer} current={shown.key === key} onOpen={props.onOpen} />
          <Verbs {...props} answer={shown.answer} />
        </>
      )}
      {unsaved && (
        <UnsavedChange
          unsaved={unsaved}
          replaced={props.replaced}
          answer={asks && shown.key === key ? shown.answer : null}
          onContinue={props.onContinue}
          onDrop={props.onDrop}
        />
      )}
    </section>
  )
}

/** Stands where the answer will be, so that the page is of use before anything is typed. */
function HowItGoes({ noFolder }: { readonly noFolder: boolean }) {
  return (
    <div className="tester-how">
      <p>{noFolder ? 'Choose the folder it would happen in.' : 'Type something above. Nothing runs.'}</p>
      <h3>How an answer is found</h3>
      <ol>
        <li>It is read word by word. What cannot be told by reading always asks.</li>
        <li>Requirements come first; nobody here can lift them.</li>
        <li>Of all rules that match, the strictest wins: forbid, then ask, then allow.</li>
        <li>Commands known to only read run. Deletes without a copy ask.</li>
        <li>What no rule speaks of, the preset answers.</li>
      </ol>
    </div>
  )
}

function Verbs({ form, unsaved, answer, onExample }: Props & { readonly answer: TestAnswer }) {
  const { announcements } = useStores()
  const [copied, setCopied] = useState<string | null>(null)
  if (form.kind !== 'command' || answer.status !== 'answered') return null
  const { words } = wordsOfLine(form.command)
  if (!words || words.length === 0) {
    return <p className="rule-quiet">Only a single plain command can become an example of a rule.</p>
  }
  const decided = answer.reasoning.find(({ decides }) => decides)?.source ?? null
  const line = asTest(words, answer.verdict === 'run')
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(line)
      setCopied(line)
      announcements.say('Copied as a test.')
    } catch {
      setCopied(null)
    }
  }
  return (
    <div className="tester-verbs">
      <Button onClick={() => onExample('match', words, decided)}>Make this a must</Button>
      <Button onClick={() => onExample('notMatch', words, decided)}>Make this a must-not</Button>
      <Button onClick={() => void copy()}>{copied === line ? 'Copied' : 'Copy as test'}</Button>
      <p className="rule-quiet">
        {unsaved
          ? 'Goes to the examples of the unsaved rule.'
          : 'Goes to the examples of the rule that decided, or of a new one. Nothing is saved yet.'}
      </p>
    </div>
  )
}
