import { type KeyboardEvent, type ReactNode, useId, useState } from 'react'
import type { SessionId } from '../../../protocol/ids.ts'
import type { ConfigView } from '../../../protocol/policy.ts'
import { describeProblem } from '../../../protocol/sandbox.ts'
import { presetOf } from '../../../protocol/settings.ts'
import type { FolderFacts } from '../../../protocol/workspace.ts'
import { useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Checkbox } from '../../ui/segmented.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Notice } from '../../ui/states.tsx'
import { AgentChoice } from './agent-choice.tsx'
import { AskChoice } from './ask-choice.tsx'
import { FactsOfFolder } from './folder-facts.tsx'
import { askLimit, type Locks, permittedPreset, type StartPreset } from './permitted.ts'
import { PresetChoice } from './preset-choice.tsx'
import { holds, SandboxCheckView } from './sandbox-check.tsx'
import { deniedReadsOf, readAgent, type Setup, type SetupProblems } from './setup.ts'
import { useAnswer } from './use-answer.ts'

/** What administrators leave to choose from; null where that could not be asked. */
export type Limits = {
  readonly presets: Locks | null
  readonly config: ConfigView | null
  readonly problem: string | null
}

type Props = {
  readonly facts: FolderFacts
  readonly initial: Setup
  /** The preset that would be chosen if nothing were locked. */
  readonly wanted: StartPreset
  readonly limits: Limits
  onCancel(): void
  onStarted(id: SessionId): void
}

/** What led here is gone from the screen; the keyboard goes on where the facts begin. */
const focusOnMount = (heading: HTMLHeadingElement | null): void => heading?.focus()

/** Everything that is decided once, when a folder is opened, on one page. */
export function SetupForm({ facts, initial, wanted, limits, onCancel, onStarted }: Props) {
  const { client, preferences } = useStores()
  const [setup, setSetup] = useState(initial)
  const [problems, setProblems] = useState<SetupProblems>({})
  const [starting, setStarting] = useState(false)
  const [refusal, setRefusal] = useState<{ title: string; fix: string } | null>(null)
  const deniedReads = deniedReadsOf(facts, setup.keepSecretsUnread)
  const check = useAnswer(`${facts.path} ${deniedReads.length}`, () =>
    client.call('folders/check', { path: facts.path, deniedReads }),
  )
  // A lock that arrives while the form is open takes the choice back.
  const preset = permittedPreset(setup.preset, limits.presets)
  const { allowed } = askLimit(limits.config)
  const policy =
    setup.policy === 'preset' || (allowed?.includes(setup.policy) ?? true) ? setup.policy : 'preset'
  const bounded = check.state === 'ready' && holds(check.value)
  const change = (next: Setup): void => {
    setSetup(next)
    setProblems({})
    setRefusal(null)
  }

  const start = async (): Promise<void> => {
    const read = readAgent(setup)
    if (!read.ok) return setProblems(read.problems)
    if (!bounded || starting || preset === null) return
    setStarting(true)
    setRefusal(null)
    try {
      const answer = await client.call('sessions/start', {
        folder: facts.path,
        agent: read.agent,
        preset,
        ...(policy === 'preset' ? {} : { approvalPolicy: policy }),
        deniedReads,
        prompt: setup.agent === 'terminal' ? '' : setup.prompt.trim(),
        trust: setup.trust,
      })
      if (answer.status === 'refused') return setRefusal({ title: answer.why, fix: '' })
      if (answer.status === 'sandboxUnavailable') return setRefusal(describeProblem(answer.problem))
      if (read.agent.kind === 'house') void preferences.set({ house: read.agent })
      onStarted(answer.id)
    } catch (cause) {
      setRefusal({ title: problemOf(cause).message, fix: '' })
    } finally {
      setStarting(false)
    }
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey) || event.repeat) return
    event.preventDefault()
    void start()
  }

  return (
    // Catches the chord from every field of the form.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className="start setup" onKeyDown={onKeyDown}>
      <h2 className="setup-folder mono" tabIndex={-1} ref={focusOnMount}>
        <Spelled text={facts.path} limit={200} />
      </h2>
      <Part title="What is here">
        <FactsOfFolder facts={facts} />
      </Part>
      <Part title="How much room">
        {limits.problem !== null && (
          <p className="start-problem">
            What is locked here is not known: <Spelled text={limits.problem} limit={300} /> The host refuses
            it at the start.
          </p>
        )}
        <PresetChoice
          facts={facts}
          wanted={wanted}
          value={preset ?? setup.preset}
          locks={limits.presets}
          onChange={(next) => change({ ...setup, preset: next })}
        />
        <AskChoice
          value={policy}
          config={limits.config}
          onChange={(next) => change({ ...setup, policy: next })}
        />
        {facts.secrets.length > 0 && (
          <Checkbox
            label={`Keep ${listWords(facts.secrets)} unreadable`}
            hint={`No command of this session can read ${facts.secrets.length === 1 ? 'it' : 'them'}, whatever it asks for.`}
            checked={setup.keepSecretsUnread}
            onChange={(keepSecretsUnread) => change({ ...setup, keepSecretsUnread })}
          />
        )}
        {facts.trusted ? (
          <p className="start-quiet">You vouched for this folder before.</p>
        ) : (
          <Checkbox
            label="I vouch for this folder"
            hint="Asked once and remembered. It does not switch on the settings the folder brings."
            checked={setup.trust}
            onChange={(trust) => change({ ...setup, trust })}
          />
        )}
      </Part>
      <Part title="Sandbox check">
        <SandboxCheckView check={check} />
      </Part>
      <Part title="Agent">
        <AgentChoice setup={setup} problems={problems} onChange={change} />
        {setup.agent !== 'terminal' && (
          <Field
            label="First message"
            hint="Empty starts the session without a turn."
            control={({ id, describedBy }) => (
              <textarea
                id={id}
                aria-describedby={describedBy}
                className="input"
                rows={3}
                maxLength={200_000}
                value={setup.prompt}
                onChange={(event) => change({ ...setup, prompt: event.target.value })}
              />
            )}
          />
        )}
      </Part>
      {refusal !== null && (
        <Notice level="problem" title={<Spelled text={refusal.title} limit={400} />}>
          {refusal.fix === '' ? 'Nothing was started.' : <Spelled text={refusal.fix} limit={600} />}
        </Notice>
      )}
      {Object.keys(problems).length > 0 && (
        <Notice level="problem" title="Something is missing above.">
          {Object.values(problems).join(' ')}
        </Notice>
      )}
      <div className="start-buttons setup-buttons">
        <Button
          look="strong"
          keyHint="Mod+Enter"
          aria-disabled={!bounded || starting || preset === null}
          aria-busy={starting}
          onClick={() => void start()}
        >
          {starting ? 'Starting…' : `Start in ${presetOf(preset ?? setup.preset).name}`}
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
        {preset === null && <p className="start-problem">It cannot start: every preset is locked.</p>}
        {!bounded && check.state !== 'asking' && (
          <p className="start-problem">It cannot start: see Sandbox check.</p>
        )}
      </div>
    </div>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = useId()
  return (
    <section className="setup-part" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <div className="setup-body">{children}</div>
    </section>
  )
}

/** ".env", ".env and key.pem", ".env, key.pem and 3 more". */
function listWords(paths: readonly string[]): string {
  const [first = '', second = '', ...more] = paths
  if (paths.length === 1) return first
  if (more.length === 0) return `${first} and ${second}`
  return `${first}, ${second} and ${more.length} more`
}
