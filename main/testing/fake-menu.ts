type Template = readonly Electron.MenuItemConstructorOptions[]

/** What an entry looks like to a person. */
export type FakeMenuItem = {
  readonly label: string
  readonly enabled: boolean
  readonly checked: boolean
}

/** A menu as it was built, with a hand that clicks. Marks a clicked radio entry by itself, as Electron does. */
export class FakeMenu {
  readonly template: Template
  readonly #onRole: (role: string) => void
  readonly #marked = new Map<Electron.MenuItemConstructorOptions, boolean>()

  constructor(template: Template, onRole: (role: string) => void) {
    this.template = template
    this.#onRole = onRole
  }

  /** Clicks an entry by its labels from the top, without `&`. Throws when it is absent or grey. */
  click(...labels: readonly string[]): void {
    const item = this.#find(labels)
    if (item.enabled === false) throw new Error(`${labels.join(' > ')} is grey`)
    if (item.type === 'radio') {
      for (const other of this.#siblings(labels)) if (other.type === 'radio') this.#marked.set(other, false)
      this.#marked.set(item, true)
    }
    if (item.role) return this.#onRole(item.role)
    if (!item.click) throw new Error(`${labels.join(' > ')} does nothing`)
    item.click({} as Electron.MenuItem, undefined, {} as Electron.KeyboardEvent)
  }

  /** The entries of one menu, without separators. */
  items(...labels: readonly string[]): FakeMenuItem[] {
    const inside = labels.length === 0 ? this.template : submenu(this.#find(labels))
    return inside
      .filter((item) => item.type !== 'separator')
      .map((item) => ({
        label: shown(item),
        enabled: item.enabled ?? true,
        checked: this.#marked.get(item) ?? item.checked ?? false,
      }))
  }

  #siblings(labels: readonly string[]): Template {
    return labels.length === 1 ? this.template : submenu(this.#find(labels.slice(0, -1)))
  }

  #find(labels: readonly string[]): Electron.MenuItemConstructorOptions {
    let inside: Template = this.template
    let found: Electron.MenuItemConstructorOptions | undefined
    for (const label of labels) {
      found = inside.find((item) => shown(item) === label)
      if (!found)
        throw new Error(
          `No entry “${label}” in ${labels.join(' > ')}; there are: ${inside.map(shown).join(', ')}`,
        )
      inside = submenu(found)
    }
    if (!found) throw new Error('No entry was named')
    return found
  }
}

const submenu = (item: Electron.MenuItemConstructorOptions): Template =>
  Array.isArray(item.submenu) ? item.submenu : []

/** `&File` shows as File with an underlined F; `&&` shows as &. A role without a label shows its own. */
const shown = (item: Electron.MenuItemConstructorOptions): string =>
  (item.label ?? item.role ?? '').replace(/&(&|)/g, '$1')
