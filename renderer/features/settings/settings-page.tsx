import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { useStores } from '../../state/context.tsx'
import { Notice } from '../../ui/states.tsx'
import { AboutSettings } from './about-settings.tsx'
import { AnswerSettings } from './answer-settings.tsx'
import { AppearanceSettings } from './appearance-settings.tsx'
import { ConfigFacts } from './config-facts.tsx'
import { HouseSettings } from './house-settings.tsx'
import { ModelKeys } from './model-keys.tsx'
import { SandboxStatus } from './sandbox-status.tsx'
import { StartSettings } from './start-settings.tsx'
import './settings.css'

/** What the person chose, what files say, and what this machine can do. Everything takes effect at once. */
export function SettingsPage() {
  const { preferences } = useStores()
  const problem = useStore(preferences.store, (state) => state.problem)
  return (
    <div className="settings">
      {problem !== null && (
        <Notice level="problem" title="The last change was not kept.">
          {problem}
        </Notice>
      )}
      <Group title="Appearance">
        <AppearanceSettings />
      </Group>
      <Group title="Answers">
        <AnswerSettings />
      </Group>
      <Group title="New sessions">
        <StartSettings />
      </Group>
      <Group title="Model keys">
        <ModelKeys />
      </Group>
      <Group title="House agent">
        <HouseSettings />
      </Group>
      <Group title="Sandbox">
        <SandboxStatus />
      </Group>
      <Group title="config.toml">
        <ConfigFacts />
      </Group>
      <Group title="About">
        <AboutSettings />
      </Group>
    </div>
  )
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="settings-group" aria-label={title}>
      <h2>{title}</h2>
      <div className="settings-body">{children}</div>
    </section>
  )
}
