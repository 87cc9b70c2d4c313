import { useEffect, useState } from 'react'
import type { ConfigView } from '../../../protocol/policy.ts'
import { usePolicy, useSessions, useStores } from '../../state/context.tsx'
import { type PolicyAnswer, usePolicyAnswer } from '../../state/policy-answer.ts'
import { Button } from '../../ui/button.tsx'
import { Select } from '../../ui/segmented.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Loading, Notice } from '../../ui/states.tsx'
import { ConfigLayers } from './config-layers.tsx'
import { ConfigNotices } from './config-notices.tsx'
import { DefaultPreset } from './default-preset.tsx'
import { DowngradeFacts } from './downgrade-facts.tsx'
import { EffectiveValues } from './effective-values.tsx'
import { Group } from './group.tsx'
import { OwnKey } from './own-key.tsx'
import { partsFor } from './permission-search.ts'
import { orderedNotices, unsaidProblems } from './permission-words.ts'

const modes = [
  { value: 'read-only', label: 'read-only: nothing is written' },
  { value: 'workspace-write', label: 'workspace-write: the folder may be written' },
] as const
const policies = [
  { value: 'untrusted', label: 'untrusted: before every command but known reads' },
  { value: 'on-request', label: 'on-request: to leave the boundary' },
  { value: 'never', label: 'never: what needs more is refused' },
] as const

type Props = {
  /** Only what matches is shown. Empty: everything. */
  readonly query: string
  readonly config: PolicyAnswer<ConfigView>
  readonly folder: string | null
  onFolder(folder: string | null): void
}

/** What is in force, where each value comes from, and what administrators took away. */
export function Permissions({ query, config, folder, onFolder }: Props) {
  const { client } = useStores()
  const presets = usePolicyAnswer(`presets ${folder}`, () =>
    client.call('policy/presets', { sessionId: null, folder }),
  )
  const watched = usePolicy((state) => state.problems)
  const own = useOwnProblems()
  const view = config.value
  if (view === null) {
    return config.problem === null ? (
      <Loading what="Reading settings files…" />
    ) : (
      <Group title="Permissions">
        <Notice level="problem" title="What is in force is not known.">
          <Spelled text={config.problem.message} limit={400} />
        </Notice>
        <Button onClick={config.again}>Read again</Button>
      </Group>
    )
  }
  const notices = orderedNotices(view.notices, watched)
  const others = unsaidProblems(own, notices)
  const shown = partsFor(query, view)
  return (
    <>
      {shown.notices && notices.length + others.length > 0 && (
        <Group title="To look at">
          <ConfigNotices notices={notices} others={others} />
        </Group>
      )}
      {shown.newSessions && (
        <Group title="New sessions">
          <DefaultPreset choices={presets.value} />
          <OwnKey
            label="Sandbox mode, where no preset is chosen"
            hint="sandbox_mode in your own config.toml"
            settingKey="sandbox_mode"
            choices={modes}
            view={view}
            onWritten={config.again}
          />
          <OwnKey
            label="When to ask, where the preset does not say"
            hint="approval_policy in your own config.toml; a switch per kind of question is written by hand"
            settingKey="approval_policy"
            choices={policies}
            view={view}
            onWritten={config.again}
          />
        </Group>
      )}
      {shown.downgrades.length > 0 && (
        <Group title="Lowered by a requirement">
          {shown.downgrades.map((downgrade) => (
            <div key={downgrade.key} className="settings-downgrade">
              <h3 className="mono">
                <Spelled text={downgrade.key} limit={120} />
              </h3>
              <DowngradeFacts downgrade={downgrade} />
            </div>
          ))}
        </Group>
      )}
      {(query === '' || shown.values.length > 0) && (
        <Group title="What is in force">
          <ForFolder folder={folder} onFolder={onFolder} />
          {shown.values.length === 0 ? (
            <p className="settings-words">No value is set; everything is as built in.</p>
          ) : (
            <EffectiveValues values={shown.values} downgrades={view.downgrades} />
          )}
        </Group>
      )}
      {shown.layers && (
        <Group title="Sources">
          <ConfigLayers layers={view.layers} />
        </Group>
      )}
    </>
  )
}

/** Settings differ by folder when a folder that was vouched for brings its own. */
function ForFolder({ folder, onFolder }: Pick<Props, 'folder' | 'onFolder'>) {
  const byId = useSessions((state) => state.byId)
  const folders = [...new Set([...byId.values()].map((session) => session.folder))].toSorted()
  return (
    <div className="settings-folder">
      <Select
        label="For"
        value={folder ?? ''}
        choices={[
          { value: '', label: 'Every folder' },
          ...folders.map((each) => ({ value: each, label: each.slice(0, 160) })),
        ]}
        onChange={(next) => onFolder(next === '' ? null : next)}
      />
    </div>
  )
}

/** What is wrong with the app's own records. */
function useOwnProblems(): readonly string[] {
  const { client } = useStores()
  const [problems, setProblems] = useState<readonly string[]>([])
  useEffect(() => {
    let gone = false
    client.call('app/problems', {}).then(
      (answer) => !gone && setProblems(answer.problems),
      // `policy/config` says what is wrong with the host.
      () => {},
    )
    return () => {
      gone = true
    }
  }, [client])
  return problems
}
