import { useState } from 'react'
import type { SecretName } from '../../../protocol/app.ts'
import { useApp, useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import type { Provider } from './setup.ts'
import { useAnswer } from './use-answer.ts'

/** Whether a key for this provider is stored, and a field to store one. The value is never shown again. */
export function ModelKey({ provider }: { readonly provider: Provider }) {
  const { client } = useStores()
  const keptIn = useApp((state) => state.info?.secretsKeptIn ?? 'the secret store')
  const name: SecretName = `model.${provider}`
  const list = useAnswer('secrets', () => client.call('secrets/list', {}))
  const [value, setValue] = useState('')
  const [replacing, setReplacing] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  if (list.state === 'asking') return <p className="start-quiet">Looking for a stored key…</p>
  if (list.state === 'failed') {
    return (
      <p className="start-problem">
        Stored keys cannot be read: {list.why} <Button onClick={list.again}>Try again</Button>
      </p>
    )
  }
  const store = async (): Promise<void> => {
    setProblem(null)
    try {
      const answer = await client.call('secrets/set', { name, value: value.trim() })
      if (answer.status === 'refused') return setProblem(answer.why ?? 'The key was not stored.')
      setValue('')
      setReplacing(false)
      list.again()
    } catch (cause) {
      setProblem(problemOf(cause).message)
    }
  }
  if (list.value.some((secret) => secret.name === name && secret.stored) && !replacing) {
    return (
      <p className="model-key">
        A key is stored in {keptIn}. <Button onClick={() => setReplacing(true)}>Replace</Button>
      </p>
    )
  }
  return (
    <div className="model-key">
      <TextField
        machine
        type="password"
        label="Key"
        hint={
          provider === 'openai-compatible'
            ? `Kept in ${keptIn}. Local servers often need none.`
            : `Kept in ${keptIn}. It never enters the sandbox.`
        }
        problem={problem}
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <Button disabled={value.trim() === ''} onClick={() => void store()}>
        Store key
      </Button>
    </div>
  )
}
