import type { Ref } from 'react'
import type { RulesState } from '../../../protocol/rules.ts'
import { folderName } from '../../card/scope/terms.tsx'
import { keyOf } from '../../keys/keymap.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Select } from '../../ui/segmented.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { countHealth, type Health, healthKinds } from './group-rules.ts'
import { fileName } from './rule-words.ts'

type Props = {
  readonly rules: RulesState
  readonly filter: string
  readonly health: Health | null
  readonly folder: string | null
  readonly folders: readonly string[]
  readonly shown: number
  readonly nowMs: number
  readonly searchRef: Ref<HTMLDivElement>
  onFilter(filter: string): void
  onHealth(health: Health | null): void
  onFolder(folder: string | null): void
  onNew(): void
  onText(at: { readonly file: string; readonly line: number | null }): void
}

const all = '*'
const healthWords: Readonly<Record<Health, string>> = {
  unused: 'not used in 30 days',
  covered: 'covered by another',
  unreviewed: 'unreviewed, made from a card',
}

/** Filter, folder, what is wrong with the files, and what is worth a look. */
export function RulesHead(props: Props) {
  const { rules, filter, health, folder, folders, searchRef, onText, ...rest } = props
  const counts = countHealth(rules.rows, rest.nowMs)
  return (
    <div className="rules-head">
      <div className="rules-bar">
        <div ref={searchRef} className="rules-filter">
          <TextField
            label={<span className="sr-only">Filter rules</span>}
            placeholder="Filter: command, folder, note, file"
            value={filter}
            onChange={(event) => rest.onFilter(event.target.value)}
          />
        </div>
        <Select
          label="Rules for"
          hideLabel
          value={folder ?? all}
          choices={[
            { value: all, label: 'All folders' },
            ...folders.map((each) => ({ value: each, label: `In ${folderName(each)}` })),
          ]}
          onChange={(next) => rest.onFolder(next === all ? null : next)}
        />
        <span className="rules-verbs">
          <Button keyHint={keyOf('newRule')} onClick={rest.onNew}>
            New rule
          </Button>
          {rules.files.length > 0 && (
            <Menu
              align="end"
              label="Open as text"
              entries={rules.files.map(({ file, exists, editable }) => ({
                id: file,
                label: fileName(file),
                hint: `${file}${exists ? '' : ' · not there yet'}${editable ? '' : ' · locked'}`,
                onSelect: () => onText({ file, line: null }),
              }))}
            />
          )}
        </span>
      </div>
      {rules.problems.length > 0 && (
        <ul className="rules-problems" aria-label="Problems of the files">
          {rules.problems.map(({ message, source }) => (
            <li key={`${source.file}:${source.line} ${message}`}>
              <strong className="scope-red">✕ Not used</strong>
              <span>
                <Spelled text={message} limit={400} />{' '}
                <span className="mono">
                  <Spelled text={`${fileName(source.file)}, line ${source.line}`} limit={120} />
                </span>{' '}
                <button type="button" className="link-button" onClick={() => onText(source)}>
                  open as text
                </button>
              </span>
            </li>
          ))}
        </ul>
      )}
      <div className="rules-health">
        <span>
          {rest.shown} of {rules.rows.length} · the strictest match wins: forbid, ask, allow
        </span>
        <span className="rules-looks" role="group" aria-label="Worth a look">
          {healthKinds.map((kind) =>
            counts[kind] === 0 ? null : (
              <button
                key={kind}
                type="button"
                className="rules-look"
                aria-pressed={health === kind}
                onClick={() => rest.onHealth(health === kind ? null : kind)}
              >
                {counts[kind]} {healthWords[kind]}
              </button>
            ),
          )}
        </span>
      </div>
    </div>
  )
}
