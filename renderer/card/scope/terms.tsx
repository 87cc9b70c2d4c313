import type { RuleDraft } from '../../../protocol/rule-draft.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Segmented, Select } from '../../ui/segmented.tsx'
import { dateWords, timeWords, useNow } from '../../ui/time.tsx'
import { folderAbove, setPath } from './edit-draft.ts'
import { endOf, type Lasts, lastsChoices, lastsWords, leftWords } from './lasts.ts'

type Props = {
  readonly draft: RuleDraft
  readonly lasts: Lasts
  /** The end it had when the editor opened. */
  readonly keptMs: number | null
  /** Folders it may hold in, besides everywhere. */
  readonly places: readonly string[]
  onChange(draft: RuleDraft): void
  onLasts(lasts: Lasts): void
}

const everywhere = '*'
export const folderName = (folder: string): string => folder.split(/[\\/]/).filter(Boolean).at(-1) ?? folder

/** Where it holds, in what it runs, when it ends, and why it was made. */
export function Terms({ draft, lasts, keptMs, places, onChange, onLasts }: Props) {
  const known = draft.where === null || places.includes(draft.where) ? places : [draft.where, ...places]
  const where = {
    label: 'Where',
    value: draft.where ?? everywhere,
    onChange: (value: string) => onChange({ ...draft, where: value === everywhere ? null : value }),
  }
  const folders = known.map((folder) => ({ value: folder, label: folderName(folder) }))
  return (
    <section className="scope-part scope-terms" aria-label="Where and how long">
      {folders.length < 2 ? (
        <Segmented
          {...where}
          choices={[
            ...folders.map((folder) => ({ ...folder, label: `This workspace, ${folder.label}` })),
            { value: everywhere, label: 'Everywhere' },
          ]}
        />
      ) : (
        <Select {...where} choices={[...folders, { value: everywhere, label: 'Everywhere' }]} />
      )}
      {draft.decision === 'allow' && draft.subject.kind === 'command' && (
        <Segmented
          label="Runs in"
          value={draft.runs}
          choices={[
            { value: 'sandbox', label: 'The sandbox' },
            { value: 'asAsked', label: 'As asked, outside if it asks' },
          ]}
          onChange={(runs) => onChange({ ...draft, runs })}
        />
      )}
      <div>
        <Segmented
          label="Lasts"
          value={lasts}
          choices={[
            ...(keptMs === null ? [] : [{ value: 'kept' as const, label: 'As it is' }]),
            ...lastsChoices.map((value) => ({ value, label: lastsWords[value] })),
          ]}
          onChange={onLasts}
        />
        <p className="field-hint">
          <EndWords lasts={lasts} keptMs={keptMs} />
        </p>
      </div>
      <TextField
        label="Note"
        placeholder="Why; shown when it is asked about again"
        maxLength={500}
        value={draft.note ?? ''}
        onChange={(event) =>
          onChange({ ...draft, note: event.target.value === '' ? null : event.target.value })
        }
      />
    </section>
  )
}

function EndWords({ lasts, keptMs }: { readonly lasts: Lasts; readonly keptMs: number | null }) {
  const now = useNow()
  const end = endOf(lasts, now, keptMs)
  if (end === null) return 'It holds until somebody removes it.'
  return `Ends by itself ${dateWords(end)} at ${timeWords(end)}, in ${leftWords(end - now + 999)}.`
}

/** Which path, and one step wider at a time. */
export function PathScope({
  draft,
  onChange,
}: {
  readonly draft: RuleDraft
  onChange(draft: RuleDraft): void
}) {
  if (draft.subject.kind !== 'write') return null
  const { path } = draft.subject
  const above = folderAbove(path)
  return (
    <div className="scope-tokens">
      <TextField
        label="File or folder that may be written, with everything below it"
        machine
        maxLength={4096}
        value={path}
        onChange={(event) => onChange(setPath(draft, event.target.value))}
      />
      {above !== null && (
        <div className="scope-line">
          <Button onClick={() => onChange(setPath(draft, above))}>Widen to the folder above</Button>
          <span className="mono scope-quiet">{above}</span>
        </div>
      )}
    </div>
  )
}
