/** Where a key works. `card`: while the list or a card has focus; `scope`: in the scope editor, outside its fields. */
export type Where = 'everywhere' | 'list' | 'card' | 'scope' | 'rules' | 'session' | 'diff'

export type Binding = {
  readonly command: CommandName
  /** Any of these. `Mod` is ⌘ on a Mac and Ctrl elsewhere. */
  readonly keys: readonly string[]
  readonly where: Where
  readonly words: string
  /** Answers a card: never by a repeat, never before the card is armed, off with "single keys". */
  readonly answers?: true
}

export type CommandName = (typeof table)[number][0]

// prettier-ignore
const table = [
  // command          keys                       where         words                                        answers
  ['palette', ['Mod+k'], 'everywhere', 'Command palette'],
  ['goInbox', ['Mod+1'], 'everywhere', 'Go to Inbox'],
  ['goSessions', ['Mod+2'], 'everywhere', 'Go to Sessions'],
  ['goRules', ['Mod+3'], 'everywhere', 'Go to Rules'],
  ['goSettings', ['Mod+4'], 'everywhere', 'Go to Settings'],
  ['openFolder', ['Mod+o'], 'everywhere', 'Open folder'],
  ['preset', ['Mod+l'], 'everywhere', 'Change the preset of this session'],
  ['allowOnceChord', ['Mod+Enter'], 'everywhere', 'Allow once: the card shown in the Inbox', 'answers'],
  ['undoChord', ['Mod+z'], 'everywhere', 'Take the last allow back'],
  ['help', ['?'], 'everywhere', 'Keys of this page'],
  ['next', ['j', 'ArrowDown'], 'list', 'Next request'],
  ['previous', ['k', 'ArrowUp'], 'list', 'Previous request'],
  ['first', ['Home'], 'list', 'First request'],
  ['last', ['End'], 'list', 'Last request'],
  ['evidence', ['Enter'], 'list', 'Go into the card; never answers it'],
  ['backToList', ['Escape'], 'card', 'Back to the list'],
  ['smaller', ['n'], 'card', 'Allow the smaller thing', 'answers'],
  ['once', ['a'], 'card', 'Allow once', 'answers'],
  ['path', ['p'], 'card', 'Allow this path while the command runs', 'answers'],
  ['directory', ['o'], 'card', 'Allow this folder while the command runs', 'answers'],
  ['session', ['s'], 'card', 'Allow for this session', 'answers'],
  ['gitMetadata', ['g'], 'card', 'Allow git metadata for this session', 'answers'],
  ['rule', ['w'], 'card', 'Allow in this workspace: opens the scope editor'],
  ['edit', ['e'], 'card', 'Edit the command before it runs, or what is granted'],
  ['rehearse', ['r'], 'card', 'Rehearse: run it on a throwaway copy and see what it changes'],
  ['deny', ['d'], 'card', 'Deny; the agent goes on without it', 'answers'],
  ['denyTell', ['f'], 'card', 'Deny and tell the agent why; 1 to 4 for earlier notes'],
  ['denyStop', ['x'], 'card', 'Deny and stop the turn', 'answers'],
  ['park', ['z'], 'card', 'Not now: park it, or bring it back'],
  ['undo', ['u'], 'card', 'Take the last allow back'],
  ['saveRule', ['Mod+Enter'], 'scope', 'Save the rule, and allow the request it was made from', 'answers'],
  ['onceOnly', ['a'], 'scope', 'Allow once only, without a rule', 'answers'],
  ['excludeDenied', ['x'], 'scope', 'Exclude what you denied before'],
  ['closeScope', ['Escape'], 'scope', 'Back; nothing is saved'],
  ['newRule', ['n'], 'rules', 'New rule'],
  ['editRule', ['e'], 'rules', 'Edit the chosen rule'],
  ['removeRule', ['Delete', 'Backspace'], 'rules', 'Remove the chosen rule; asks once more'],
  ['reviewRule', ['v'], 'rules', 'Mark the chosen rule as reviewed'],
  ['openText', ['o'], 'rules', 'Open the file of the chosen rule as text'],
  ['filterRules', ['/'], 'rules', 'Filter the rules'],
  ['toTester', ['t'], 'rules', 'Would this be allowed? Go to the tester'],
  ['toHeld', ['Mod+j'], 'session', 'Go to the held request of this session'],
  ['toMessage', ['Escape'], 'session', 'Back to the message box'],
  ['nextHunk', ['n'], 'diff', 'Next change'],
  ['previousHunk', ['p'], 'diff', 'Previous change'],
  ['keepHunk', ['y'], 'diff', 'Keep this change'],
  ['revertHunk', ['r'], 'diff', 'Put this change back'],
  ['viewed', ['v'], 'diff', 'Mark this change as viewed'],
  ['freeze', ['f'], 'diff', 'Freeze the view; the agent goes on'],
  ['previousFile', ['['], 'diff', 'Previous file'],
  ['nextFile', [']'], 'diff', 'Next file'],
] as const

/** One table; screen, help, palette and tests derive from it. */
export const keymap: readonly Binding[] = table.map(([command, keys, where, words, answers]) => ({
  command,
  keys,
  where,
  words,
  ...(answers ? { answers: true as const } : {}),
}))

export const bindingOf = (command: CommandName): Binding =>
  keymap.find((binding) => binding.command === command) as Binding

/** The first key of a command, as a key cap shows it. */
export const keyOf = (command: CommandName): string => bindingOf(command).keys[0] as string

type KeyInput = Pick<KeyboardEvent, 'key' | 'metaKey' | 'ctrlKey' | 'altKey' | 'shiftKey'>

const apple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

/** The command a key stands for in these places, nearest place first. null: none. */
export function commandFor(
  event: KeyInput,
  places: readonly Where[],
  isApple: boolean = apple,
): CommandName | null {
  const pressed = keysOf(event, isApple)
  if (pressed === null) return null
  for (const where of places) {
    const found = keymap.find(
      (each) => each.where === where && each.keys.some((key) => sameKey(key, pressed)),
    )
    if (found) return found.command
  }
  return null
}

function keysOf(event: KeyInput, isApple: boolean): string | null {
  const mod = isApple ? event.metaKey : event.ctrlKey
  const other = isApple ? event.ctrlKey : event.metaKey
  if (other || event.altKey) return null
  // A capital is another key than its letter; signs such as ? need Shift on most keyboards.
  if (event.shiftKey && /^[A-Za-z]$/.test(event.key)) return null
  return mod ? `Mod+${event.key}` : event.key
}

const sameKey = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Keys belong to a text field as long as it has focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  if (target instanceof HTMLInputElement)
    return !['radio', 'checkbox', 'button', 'range'].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}
