import type { SessionId } from '../../../protocol/ids.ts'
import { usePreferences, useStores } from '../../state/context.tsx'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { ErrorState, Loading } from '../../ui/states.tsx'
import { initialSetup } from './setup.ts'
import { SetupForm } from './setup-form.tsx'
import { useAnswer } from './use-answer.ts'

type Props = {
  readonly folder: string
  /** The demo project was just made here. */
  readonly demo: boolean
  onCancel(): void
  onStarted(id: SessionId): void
}

/** Facts first; the form stands below them once they are known. */
export function FolderSetup({ folder, demo, onCancel, onStarted }: Props) {
  const { client } = useStores()
  const preferences = usePreferences()
  const inspected = useAnswer(folder, () => client.call('folders/inspect', { path: folder }))
  if (inspected.state === 'asking') return <Loading what={`Looking at ${folder}…`} />
  if (inspected.state === 'failed' || inspected.value.status === 'noFolder') {
    const why =
      inspected.state === 'failed'
        ? inspected.why
        : inspected.value.status === 'noFolder'
          ? inspected.value.why
          : ''
    return (
      <ErrorState title="This folder cannot be opened." fix={<Spelled text={why} limit={400} />}>
        <Button onClick={inspected.again}>Look again</Button>
        <Button onClick={onCancel}>Choose another folder</Button>
      </ErrorState>
    )
  }
  const { facts } = inspected.value
  return (
    <SetupForm
      facts={facts}
      initial={initialSetup(facts, preferences, demo)}
      onCancel={onCancel}
      onStarted={onStarted}
    />
  )
}
