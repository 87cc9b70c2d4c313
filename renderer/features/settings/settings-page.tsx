import { type ReactNode, useState } from 'react'
import { useStore } from 'zustand'
import { useStores } from '../../state/context.tsx'
import { usePolicyAnswer } from '../../state/policy-answer.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState, Notice } from '../../ui/states.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { AboutSettings } from './about-settings.tsx'
import { AnswerSettings } from './answer-settings.tsx'
import { AppearanceSettings } from './appearance-settings.tsx'
import { Group } from './group.tsx'
import { HouseSettings } from './house-settings.tsx'
import { ModelKeys } from './model-keys.tsx'
import { partsFor } from './permission-search.ts'
import { Permissions } from './permissions.tsx'
import { SandboxStatus } from './sandbox-status.tsx'
import { SearchField } from './search-field.tsx'
import { matches } from './setting-search.ts'
import './settings.css'

type Page = 'permissions' | 'app'

type GroupOf = {
  readonly title: string
  /** What a person may search it by, besides its title. */
  readonly words: string
  readonly body: ReactNode
}

const groups: readonly GroupOf[] = [
  {
    title: 'Appearance',
    words: 'theme day night high contrast row height density compact comfortable diff colours',
    body: <AppearanceSettings />,
  },
  {
    title: 'Answers',
    words: 'single letters keys undo time fresh card ignores arming notify notifications',
    body: <AnswerSettings />,
  },
  {
    title: 'Model keys',
    words: 'OpenAI-compatible Anthropic Google secret keychain',
    body: <ModelKeys />,
  },
  { title: 'House agent', words: 'model API address context tokens', body: <HouseSettings /> },
  { title: 'Sandbox', words: 'bwrap seatbelt check probe boundary', body: <SandboxStatus /> },
  { title: 'About', words: 'version home logs state', body: <AboutSettings /> },
]

/** What the person chose, what files say, and what this machine can do. Everything takes effect at once. */
export function SettingsPage() {
  const { client, preferences } = useStores()
  const problem = useStore(preferences.store, (state) => state.problem)
  const [page, setPage] = useState<Page>('permissions')
  const [text, setText] = useState('')
  const [folder, setFolder] = useState<string | null>(null)
  const config = usePolicyAnswer(`config ${folder}`, () => client.call('policy/config', { folder }))
  const query = text.trim()
  const found = groups.filter(({ title, words }) => matches(query, `${title} ${words}`))
  const values = query === '' || config.value === null ? null : partsFor(query, config.value)
  const inPermissions =
    values === null
      ? 0
      : values.values.length +
        values.downgrades.length +
        (values.newSessions ? 1 : 0) +
        (values.layers ? 1 : 0)
  const permissions = <Permissions query={query} config={config} folder={folder} onFolder={setFolder} />
  const count = inPermissions + found.length
  return (
    <div className="settings">
      <SearchField
        query={text}
        onChange={setText}
        found={query === '' ? '' : count === 0 ? 'Nothing found' : `${count} found`}
      />
      {problem !== null && (
        <Notice level="problem" title="The last change was not kept.">
          {problem}
        </Notice>
      )}
      {query === '' ? (
        <Tabs<Page>
          label="Parts of the settings"
          className="settings-tabs"
          tabs={[
            { id: 'permissions', label: 'Permissions' },
            { id: 'app', label: 'App' },
          ]}
          value={page}
          onChange={setPage}
        >
          {page === 'permissions' ? permissions : <Groups of={groups} />}
        </Tabs>
      ) : (
        <>
          {inPermissions > 0 && permissions}
          <Groups of={found} />
          {count === 0 && (
            <EmptyState title="No setting has these words.">
              <Button onClick={() => setText('')}>Show all settings</Button>
            </EmptyState>
          )}
        </>
      )}
    </div>
  )
}

const Groups = ({ of }: { readonly of: readonly GroupOf[] }) =>
  of.map(({ title, body }) => (
    <Group key={title} title={title}>
      {body}
    </Group>
  ))
