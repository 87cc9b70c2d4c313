import { type FormEvent, useState } from 'react'
import { AgentSpec } from '../../../protocol/sessions.ts'
import { usePreferences, useStores } from '../../state/context.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Select } from '../../ui/segmented.tsx'

type Provider = 'openai-compatible' | 'anthropic' | 'google'

/** What a new house agent is offered with. Checked by the same schema that starts one. */
export function HouseSettings() {
  const { house } = usePreferences()
  const { preferences } = useStores()
  const [provider, setProvider] = useState<Provider>(house?.provider ?? 'openai-compatible')
  const [model, setModel] = useState(house?.model ?? '')
  const [baseUrl, setBaseUrl] = useState(house?.baseUrl ?? '')
  const [context, setContext] = useState(String(house?.contextTokens ?? 128_000))
  const [problem, setProblem] = useState<string | null>(null)
  const [kept, setKept] = useState(false)

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault()
    const parsed = AgentSpec.safeParse({
      kind: 'house',
      provider,
      model: model.trim(),
      baseUrl: baseUrl.trim(),
      contextTokens: Number(context),
    })
    if (!parsed.success || parsed.data.kind !== 'house') {
      return setProblem(
        'Needs a model name, an http or https address or none, and 2,000 to 4,000,000 tokens.',
      )
    }
    setProblem(null)
    await preferences.set({ house: parsed.data })
    setKept(preferences.store.getState().problem === null)
  }

  return (
    <form className="settings-house" onSubmit={(event) => void save(event)} onChange={() => setKept(false)}>
      <Select
        label="Model API"
        value={provider}
        choices={[
          { value: 'openai-compatible', label: 'OpenAI-compatible, local servers too' },
          { value: 'anthropic', label: 'Anthropic' },
          { value: 'google', label: 'Google' },
        ]}
        onChange={setProvider}
      />
      <TextField label="Model" machine value={model} onChange={(event) => setModel(event.target.value)} />
      <TextField
        label="Address"
        hint="Empty for the provider’s own."
        machine
        inputMode="url"
        value={baseUrl}
        onChange={(event) => setBaseUrl(event.target.value)}
      />
      <TextField
        label="Context, tokens"
        hint="Older turns are shortened before this is reached."
        machine
        inputMode="numeric"
        value={context}
        problem={problem}
        onChange={(event) => setContext(event.target.value)}
      />
      <span className="settings-row">
        <Button submits>Keep as default</Button>
        <span role="status">{kept ? 'Kept.' : ''}</span>
      </span>
    </form>
  )
}
