/**
 * When a card may be answered. A card that became current without the person's doing ignores keys and clicks
 * for a while, and until every key and button is up; each one it absorbs starts the while again. A pure reducer:
 * time comes with the event.
 */
export type Arming = {
  /** Which card, in which revision. null: none is current. */
  readonly key: string | null
  /** Unix time in milliseconds from which an answer counts. */
  readonly readyAtMs: number
  /** Milliseconds the card stays inert. 0 when the person chose it. */
  readonly delayMs: number
  /** Keys and buttons that are down now. */
  readonly down: ReadonlySet<string>
  /** The key-down that already answered a card; it answers no second one. */
  readonly spent: string | null
}

export type ArmingEvent =
  | {
      readonly type: 'current'
      readonly key: string | null
      readonly byPerson: boolean
      readonly delayMs: number
      readonly atMs: number
    }
  | { readonly type: 'down'; readonly what: string; readonly repeat: boolean; readonly atMs: number }
  | { readonly type: 'up'; readonly what: string; readonly atMs: number }
  /** An answer was given by the key or button that is down. */
  | { readonly type: 'answered'; readonly what: string }
  /** Key-ups are lost while another window has focus. */
  | { readonly type: 'blurred' }

export const disarmed: Arming = { key: null, readyAtMs: 0, delayMs: 0, down: new Set(), spent: null }

export function arm(state: Arming, event: ArmingEvent): Arming {
  switch (event.type) {
    case 'current': {
      if (event.key === state.key) return state
      const delayMs = event.byPerson ? 0 : event.delayMs
      return { ...state, key: event.key, delayMs, readyAtMs: event.atMs + delayMs }
    }
    case 'down': {
      const down = new Set(state.down).add(event.what)
      const absorbed = event.atMs < state.readyAtMs || event.repeat
      // Only a card that is still inert starts again; a held key on an armed card just does nothing.
      const readyAtMs =
        event.atMs < state.readyAtMs && absorbed ? event.atMs + state.delayMs : state.readyAtMs
      return { ...state, down, readyAtMs }
    }
    case 'up': {
      const down = new Set(state.down)
      down.delete(event.what)
      return { ...state, down, spent: state.spent === event.what ? null : state.spent }
    }
    case 'answered':
      // A click leaves nothing held that could answer again.
      return state.down.has(event.what) ? { ...state, spent: event.what } : state
    case 'blurred':
      return { ...state, down: new Set(), spent: null }
  }
}

/**
 * Whether the key-down or click in hand may answer. Reduce its `down` first; it must be the only thing that is down.
 *
 * @param what the key in hand, as in `down`. Clicks and sent forms name `Enter`, which is what may cause them
 *             besides a pointer, and a pointer is up by then
 */
export function mayAnswer(
  state: Arming,
  what: string,
  input: { readonly repeat: boolean; readonly atMs: number },
): boolean {
  if (state.key === null || input.repeat || input.atMs < state.readyAtMs) return false
  if (state.spent === what) return false
  return [...state.down].every((held) => held === what || isModifier(held))
}

const isModifier = (what: string): boolean => /^(Control|Meta|Shift|Alt)/.test(what)
