import { Autocomplete } from '@base-ui/react/autocomplete'
import { useMemo, useState } from 'react'
import { useStores } from '../../state/context.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { KeyCap } from '../../ui/key-cap.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { type PaletteCommand, paletteCommands } from './palette-commands.ts'
import './palette.css'

/** Every command with its key, so that it trains its own replacement. */
export function Palette({ onClose }: { onClose(): void }) {
  const stores = useStores()
  // As it was when it opened: the list does not move under a hand either.
  const commands = useMemo(() => paletteCommands(stores), [stores])
  const [text, setText] = useState('')
  return (
    <Dialog title="Commands" open onClose={onClose} hideTitle>
      <Autocomplete.Root
        items={commands}
        value={text}
        onValueChange={(value, { reason }) => {
          if (reason !== 'item-press') setText(value)
        }}
        itemToStringValue={(command: PaletteCommand) => command.words}
        autoHighlight="always"
        keepHighlight
        limit={50}
        inline
        open
      >
        <Autocomplete.Input className="palette-input" placeholder="Type a command" aria-label="Command" />
        <Autocomplete.Empty className="palette-none">
          <span>No command has these words.</span>
        </Autocomplete.Empty>
        <Autocomplete.List className="palette-list">
          {(command: PaletteCommand) => (
            <Autocomplete.Item
              key={command.id}
              value={command}
              className="palette-item"
              onClick={() => command.run()}
            >
              <span>
                <Spelled text={command.words} limit={90} />
              </span>
              {command.keys !== null && <KeyCap keys={command.keys} />}
            </Autocomplete.Item>
          )}
        </Autocomplete.List>
      </Autocomplete.Root>
      <p className="palette-foot">Commands that widen access open their own screen; none runs from here.</p>
    </Dialog>
  )
}
