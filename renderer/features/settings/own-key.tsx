import { useState } from 'react'
import type { ConfigView } from '../../../protocol/policy.ts'
import { useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'
import { Place } from '../../ui/place.tsx'
import { Select } from '../../ui/segmented.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Notice } from '../../ui/states.tsx'
import { DowngradeFacts } from './downgrade-facts.tsx'
import { layerNames, ownChoice, valueText } from './permission-words.ts'

type Props = {
  readonly label: string
  readonly hint: string
  /** A key of the person's own config.toml. */
  readonly settingKey: string
  readonly choices: readonly { readonly value: string; readonly label: string }[]
  readonly view: ConfigView
  onWritten(): void
}

type Saving =
  | { readonly state: 'no' | 'saving' | 'saved' }
  | { readonly state: 'refused'; readonly why: string }

const notSet = ''

/** Writes one key of config.toml, says where, and shows what administrators leave of the choice. */
export function OwnKey({ label, hint, settingKey, choices, view, onWritten }: Props) {
  const { client } = useStores()
  const [saving, setSaving] = useState<Saving>({ state: 'no' })
  const { own, downgrade, value, overriddenBy } = ownChoice(view, settingKey)
  const written = own === null ? notSet : typeof own === 'string' ? own : valueText(own)
  const permitted = downgrade !== null && Array.isArray(downgrade.allowed) ? downgrade.allowed : null
  const offered = [
    {
      value: notSet,
      label: value === null || own !== null ? 'Not set' : `Not set; ${valueText(value.value)} holds`,
    },
    ...choices.filter((each) => permitted === null || permitted.includes(each.value)),
  ]
  // What stands in the file is shown even when it is locked, or was written by hand and is no choice here.
  if (!offered.some((each) => each.value === written)) {
    const known = choices.find((each) => each.value === written)?.label ?? written
    offered.push({ value: written, label: downgrade === null ? known : `${known} (locked)` })
  }
  const file = view.layers.find((layer) => layer.name === 'user')?.file ?? null

  async function write(next: string): Promise<void> {
    if (next === written) return
    setSaving({ state: 'saving' })
    try {
      const answer = await client.call('policy/setConfig', {
        key: settingKey,
        value: next === notSet ? null : next,
      })
      setSaving(answer.status === 'saved' ? { state: 'saved' } : { state: 'refused', why: answer.why })
      onWritten()
    } catch (thrown) {
      setSaving({ state: 'refused', why: problemOf(thrown).message })
    }
  }

  return (
    <div className="own-key">
      <Select
        label={label}
        value={written}
        choices={offered}
        disabled={saving.state === 'saving'}
        onChange={(next) => void write(next)}
      />
      <p className="field-hint" role="status">
        {saving.state === 'saving' && 'Writing…'}
        {saving.state === 'saved' && (
          <>
            Written to{' '}
            {file === null ? 'your own file.' : <Place file={file} line={lineOf(view, settingKey)} />}
          </>
        )}
        {(saving.state === 'no' || saving.state === 'refused') && hint}
      </p>
      {saving.state === 'refused' && (
        <Notice level="problem" title="Not written.">
          <Spelled text={saving.why} limit={400} />
        </Notice>
      )}
      {overriddenBy !== null && value !== null && (
        <p className="settings-words">
          {layerNames[overriddenBy.layer]} decides: <span className="mono">{valueText(value.value)}</span>. It
          is stronger than your own file, so a choice here has no effect while it stands.{' '}
          {overriddenBy.file !== null && <Place file={overriddenBy.file} line={overriddenBy.line} />}
        </p>
      )}
      {downgrade !== null && <DowngradeFacts downgrade={downgrade} />}
    </div>
  )
}

/** The line of the key in the person's own file; null when another layer decides. */
function lineOf(view: ConfigView, key: string): number | null {
  const origin = view.values.find((each) => each.key === key)?.origin
  return origin?.layer === 'user' ? origin.line : null
}
