import type { AgentSpec } from '../../../protocol/sessions.ts'
import { Argv } from '../../ui/argv.tsx'
import { TextField } from '../../ui/field.tsx'
import { Segmented, Select } from '../../ui/segmented.tsx'
import { ModelKey } from './model-key.tsx'
import { type Provider, type Setup, type SetupProblems, withProvider } from './setup.ts'
import { splitArgv } from './split-argv.ts'

type Props = {
  readonly setup: Setup
  readonly problems: SetupProblems
  onChange(setup: Setup): void
}

const agents: readonly { readonly value: AgentSpec['kind']; readonly label: string }[] = [
  { value: 'demo', label: 'Demo' },
  { value: 'house', label: 'House' },
  { value: 'terminal', label: 'Terminal' },
]
const sentences: Record<AgentSpec['kind'], string> = {
  demo: 'A scripted agent, offline. Its commands are real and run in the real sandbox.',
  house:
    'Our own agent over a model of your choice. The model is called from outside the sandbox, so its key never enters.',
  terminal: 'Any program in a terminal, wholly inside the sandbox. You type to it there.',
}

/** Which agent works here, and what it needs to start. */
export function AgentChoice({ setup, problems, onChange }: Props) {
  return (
    <div className="agent-choice">
      <Segmented
        label="Agent"
        hideLabel
        value={setup.agent}
        choices={agents}
        onChange={(agent) => onChange({ ...setup, agent })}
      />
      <p className="start-quiet">{sentences[setup.agent]}</p>
      {setup.agent === 'house' && <House setup={setup} problems={problems} onChange={onChange} />}
      {setup.agent === 'terminal' && <Program setup={setup} problems={problems} onChange={onChange} />}
    </div>
  )
}

const providers: readonly { readonly value: Provider; readonly label: string }[] = [
  { value: 'anthropic', label: 'Anthropic' },
  { value: 'google', label: 'Google' },
  { value: 'openai-compatible', label: 'OpenAI-compatible, also local servers' },
]

function House({ setup, problems, onChange }: Props) {
  const { house } = setup
  const change = (part: Partial<Setup['house']>): void => onChange({ ...setup, house: { ...house, ...part } })
  return (
    <div className="house">
      <Select
        label="Provider"
        value={house.provider}
        choices={providers}
        onChange={(provider) => onChange(withProvider(setup, provider))}
      />
      <TextField
        machine
        label="Model"
        problem={problems.model ?? null}
        value={house.model}
        onChange={(event) => change({ model: event.target.value })}
      />
      <TextField
        machine
        label="Address"
        hint="Empty for the provider's own."
        problem={problems.baseUrl ?? null}
        placeholder={house.provider === 'openai-compatible' ? 'http://127.0.0.1:8080/v1' : ''}
        value={house.baseUrl}
        onChange={(event) => change({ baseUrl: event.target.value })}
      />
      <TextField
        label="Context, in tokens"
        hint="What the model reads at most. Older turns are shortened before that."
        inputMode="numeric"
        problem={problems.contextTokens ?? null}
        value={house.contextTokens}
        onChange={(event) => change({ contextTokens: event.target.value })}
      />
      <ModelKey key={house.provider} provider={house.provider} />
    </div>
  )
}

function Program({ setup, problems, onChange }: Props) {
  const { argv, literal } = splitArgv(setup.commandLine)
  return (
    <div className="program">
      <TextField
        machine
        label="Command line"
        hint={`Spaces divide arguments. '…' keeps everything, "…" keeps spaces, \\ keeps the next character.`}
        problem={
          setup.commandLine === '' ? (problems.commandLine ?? null) : splitArgv(setup.commandLine).problem
        }
        placeholder="bash"
        value={setup.commandLine}
        onChange={(event) => onChange({ ...setup, commandLine: event.target.value })}
      />
      {argv.length > 0 && (
        <div className="program-argv">
          <span className="start-quiet">Starts exactly</span> <Argv argv={argv} />
        </div>
      )}
      {literal.length > 0 && (
        <p className="start-quiet">
          No shell reads this line: {literal.join(' ')} {literal.length === 1 ? 'is' : 'are'} passed on as
          typed. For a shell, write bash -c '…'.
        </p>
      )}
    </div>
  )
}
