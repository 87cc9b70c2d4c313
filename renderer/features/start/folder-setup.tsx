import type { SessionId } from '../../../protocol/ids.ts'
import { usePreferences, useStores } from '../../state/context.tsx'
import { usePolicyAnswer } from '../../state/policy-answer.ts'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { ErrorState, Loading } from '../../ui/states.tsx'
import { initialSetup, wantedPreset } from './setup.ts'
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
  // What is locked decides what is chosen at first, so the form waits for it; without it the host decides alone.
  const presets = usePolicyAnswer(folder, () => client.call('policy/presets', { sessionId: null, folder }))
  const config = usePolicyAnswer(folder, () => client.call('policy/config', { folder }))
  const limitsAsked = [presets, config].every((answer) => answer.value !== null || answer.problem !== null)
  if (
    inspected.state === 'asking' ||
    (!limitsAsked && inspected.state === 'ready' && inspected.value.status === 'ok')
  )
    return <Loading what={`Looking at ${folder}…`} />
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
      initial={initialSetup(facts, preferences, demo, presets.value)}
      wanted={wantedPreset(facts, preferences)}
      limits={{
        presets: presets.value,
        config: config.value,
        problem: presets.problem?.message ?? config.problem?.message ?? null,
      }}
      onCancel={onCancel}
      onStarted={onStarted}
    />
  )
}
