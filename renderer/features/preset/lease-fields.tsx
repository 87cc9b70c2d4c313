import { leaseMinutes } from '../../../protocol/settings.ts'
import { TextField } from '../../ui/field.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import type { Minutes } from './switcher.tsx'

type Props = {
  readonly folder: string
  readonly minutes: Minutes
  readonly echo: string
  readonly note: string
  onMinutes(minutes: Minutes): void
  onEcho(echo: string): void
  onNote(note: string): void
}

/** What full access asks for: an end, the folder's name typed by hand, and a reason for the record. */
export function LeaseFields({ folder, minutes, echo, note, onMinutes, onEcho, onNote }: Props) {
  return (
    <div className="preset-lease">
      <Segmented
        label="Ends after"
        value={minutes}
        choices={leaseMinutes.map((each) => ({ value: `${each}` as const, label: `${each} min` }))}
        onChange={onMinutes}
      />
      <TextField
        label={
          <>
            Type the folder’s name,{' '}
            <strong className="mono">
              <Spelled text={folder} limit={80} />
            </strong>
          </>
        }
        machine
        value={echo}
        onPaste={(event) => event.preventDefault()}
        onChange={(event) => onEcho(event.target.value)}
      />
      <TextField
        label="Why"
        hint="Kept in the session’s record."
        value={note}
        maxLength={500}
        onChange={(event) => onNote(event.target.value)}
      />
    </div>
  )
}
