/** Below this a "key" is a word like `none` for a local server, and hiding it would garble ordinary text. */
const shortest = 8
const mark = '[key]'

/** Takes the key out of words that a server sent or an error holds. */
export function scrub(text: string, key: string | null): string {
  return key === null || key.length < shortest ? text : text.replaceAll(key, mark)
}

/** The same for text that arrives in pieces: what may be the start of the key is held back until it is clear. */
export class StreamScrubber {
  readonly #key: string | null
  #held = ''

  constructor(key: string | null) {
    this.#key = key !== null && key.length >= shortest ? key : null
  }

  /** Answers what can be shown now. */
  push(text: string): string {
    const key = this.#key
    if (key === null) return text
    const all = scrub(this.#held + text, key)
    let keep = Math.min(key.length - 1, all.length)
    while (keep > 0 && !key.startsWith(all.slice(all.length - keep))) keep -= 1
    this.#held = keep === 0 ? '' : all.slice(-keep)
    return keep === 0 ? all : all.slice(0, -keep)
  }

  /** The rest, when nothing more comes. */
  end(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }
}
