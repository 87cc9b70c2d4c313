const apple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

const words: Readonly<Record<string, string>> = apple
  ? { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '⏎', Escape: 'Esc' }
  : { Mod: 'Ctrl', Escape: 'Esc' }

const arrows: Readonly<Record<string, string>> = { ArrowDown: '↓', ArrowUp: '↑' }

/** Keys as they are written in the keymap, such as `Mod+Enter`, in the words of this machine. */
export function keyWords(keys: string): string {
  return keys
    .split('+')
    .map((key) => words[key] ?? arrows[key] ?? (key.length === 1 ? key.toUpperCase() : key))
    .join(apple ? '' : ' ')
}

/** A small key. Hidden from screen readers, which get `aria-keyshortcuts` or the help page instead. */
export function KeyCap({ keys }: { readonly keys: string }) {
  return (
    <kbd className="key-cap" aria-hidden="true">
      {keyWords(keys)}
    </kbd>
  )
}
