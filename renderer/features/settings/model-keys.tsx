import { type FormEvent, useEffect, useState } from 'react'
import type { SecretName } from '../../../protocol/app.ts'
import { useApp, useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Loading, Notice } from '../../ui/states.tsx'

const names: Readonly<Record<SecretName, string>> = {
  'model.openai-compatible': 'OpenAI-compatible',
  'model.anthropic': 'Anthropic',
  'model.google': 'Google',
}

type Stored = { readonly name: SecretName; readonly stored: boolean }

/** Stored or not is all that is ever shown; a value goes in and does not come out. */
export function ModelKeys() {
  const { client } = useStores()
  const keptIn = useApp((state) => state.info?.secretsKeptIn ?? null)
  const [keys, setKeys] = useState<readonly Stored[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [round, setRound] = useState(0)

  useEffect(() => {
    let current = true
    client.call('secrets/list', {}).then(
      (list) => current && setKeys(list),
      (thrown: unknown) => current && setProblem(problemOf(thrown).message),
    )
    return () => {
      current = false
    }
  }, [client, round])

  const again = (): void => setRound((count) => count + 1)
  return (
    <>
      <p className="settings-words">
        Used by the host for model calls; commands and agents in the sandbox never see them.
        {keptIn !== null && (
          <>
            {' '}
            Kept in <Spelled text={keptIn} limit={200} />.
          </>
        )}
      </p>
      {problem !== null && (
        <Notice level="problem" title="The keys could not be read.">
          {problem}
        </Notice>
      )}
      {keys === null && problem === null && <Loading what="Reading which keys are stored" />}
      {keys?.map((key) => (
        <ModelKey key={key.name} stored={key} onChanged={again} />
      ))}
    </>
  )
}

function ModelKey({ stored: { name, stored }, onChanged }: { readonly stored: Stored; onChanged(): void }) {
  const { client, announcements } = useStores()
  const [editing, setEditing] = useState(false)
  const [value, setValue] = useState('')
  const [problem, setProblem] = useState<string | null>(null)

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault()
    const secret = value.trim()
    if (secret === '') return
    // Gone from the page whatever the answer is.
    setValue('')
    try {
      const { status, why } = await client.call('secrets/set', { name, value: secret })
      if (status === 'refused') return setProblem(why ?? 'The host did not store it.')
      setProblem(null)
      setEditing(false)
      announcements.say(`${names[name]} key stored.`)
      onChanged()
    } catch (thrown) {
      setProblem(problemOf(thrown).message)
    }
  }

  async function remove(): Promise<void> {
    try {
      await client.call('secrets/remove', { name })
      announcements.say(`${names[name]} key removed.`)
      onChanged()
    } catch (thrown) {
      setProblem(problemOf(thrown).message)
    }
  }

  return (
    <div className="settings-key">
      <span className="settings-key-name">{names[name]}</span>
      <span className="settings-key-state">{stored ? 'stored' : 'not stored'}</span>
      {!editing && (
        <span className="settings-row">
          <Button
            onClick={() => setEditing(true)}
            aria-label={`${stored ? 'Replace' : 'Set'} the ${names[name]} key`}
          >
            {stored ? 'Replace' : 'Set'}
          </Button>
          {stored && (
            <Button look="quiet" onClick={() => void remove()} aria-label={`Remove the ${names[name]} key`}>
              Remove
            </Button>
          )}
        </span>
      )}
      {editing && (
        <form className="settings-key-form" onSubmit={(event) => void save(event)}>
          <TextField
            label={`${names[name]} key`}
            type="password"
            machine
            value={value}
            problem={problem}
            hint="It is not shown again."
            onChange={(event) => setValue(event.target.value)}
          />
          <span className="settings-row">
            <Button submits disabled={value.trim() === ''}>
              Store
            </Button>
            <Button look="quiet" onClick={() => setEditing(false)}>
              Back
            </Button>
          </span>
        </form>
      )}
    </div>
  )
}
