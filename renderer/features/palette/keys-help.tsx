import { type Binding, keymap, type Where } from '../../keys/keymap.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { KeyCap, keyWords } from '../../ui/key-cap.tsx'
import './palette.css'

const places: readonly { readonly where: Where; readonly title: string }[] = [
  { where: 'everywhere', title: 'Everywhere' },
  { where: 'list', title: 'List of requests' },
  { where: 'card', title: 'List or card, while it has focus' },
  { where: 'scope', title: 'Scope editor, outside its fields' },
  { where: 'rules', title: 'Rules' },
  { where: 'session', title: 'Session' },
  { where: 'diff', title: 'Diff' },
]

/** The keymap as it is; there is no other list of keys. */
export function KeysHelp({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keys" open onClose={onClose} width="wide">
      <div className="keys-help">
        {places.map(({ where, title }) => (
          <section key={where}>
            <h3>{title}</h3>
            <dl>
              {keymap
                .filter((binding) => binding.where === where)
                .map((binding) => (
                  <KeyRow key={binding.command} binding={binding} />
                ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="palette-foot">
        Enter and Space open things; neither answers a request by itself. Single letters can be turned off in
        Settings.
      </p>
    </Dialog>
  )
}

function KeyRow({ binding }: { readonly binding: Binding }) {
  return (
    <div>
      <dt>
        {binding.keys.map((key) => (
          <span key={key}>
            <KeyCap keys={key} />
            <span className="sr-only">{keyWords(key)} </span>
          </span>
        ))}
      </dt>
      <dd>{binding.words}</dd>
    </div>
  )
}
