import type { TurnPorts } from '../agent.ts'
import type { AssistantPart, StreamPart } from './models.ts'
import { StreamScrubber } from './scrub.ts'

/** What the model said, as it has to stand in the history. */
export type SpokenPart = Extract<AssistantPart, { type: 'text' | 'reasoning' }>
type Metadata = NonNullable<SpokenPart['providerOptions']>

type SpokenPiece = Extract<
  StreamPart,
  { type: `${'text' | 'reasoning'}-start` | `${'text' | 'reasoning'}-delta` | `${'text' | 'reasoning'}-end` }
>
const isSpoken = (part: StreamPart): part is SpokenPiece =>
  /^(text|reasoning)-(start|delta|end)$/.test(part.type)

/** Turns the pieces of one answer into messages for the person and parts for the history. */
export class Speech {
  readonly #ports: TurnPorts
  readonly #key: string | null
  #parts: SpokenPart[] = []
  #open: {
    readonly type: 'text' | 'reasoning'
    readonly id: string
    readonly scrubber: StreamScrubber
    line: ReturnType<TurnPorts['say']> | null
    text: string
    metadata: Metadata
  } | null = null
  #characters = 0
  #began = false

  constructor(ports: TurnPorts, key: string | null) {
    this.#ports = ports
    this.#key = key
  }

  /** Heard so far, tool arguments not counted. */
  get characters(): number {
    return this.#characters
  }

  /** Something of an answer came, if only the start of a tool call. */
  get began(): boolean {
    return this.#began
  }

  /** Some words for the person, not only blanks or thoughts. */
  get said(): boolean {
    return this.#parts.some((part) => part.type === 'text' && part.text.trim() !== '')
  }

  async hear(part: StreamPart): Promise<void> {
    if (part.type === 'tool-input-start' || part.type === 'tool-input-delta') {
      this.#began = true
      await this.pause()
      return
    }
    if (!isSpoken(part)) return
    const type = part.type.startsWith('text') ? 'text' : 'reasoning'
    this.#began = true
    if (this.#open?.type !== type || this.#open.id !== part.id) {
      // The end of a part that was closed already, since another began inside it.
      if (part.type.endsWith('end')) return
      await this.pause()
      this.#open = {
        type,
        id: part.id,
        scrubber: new StreamScrubber(this.#key),
        line: null,
        text: '',
        metadata: {},
      }
    }
    for (const [provider, values] of Object.entries(part.providerMetadata ?? {})) {
      this.#open.metadata = {
        ...this.#open.metadata,
        [provider]: { ...this.#open.metadata[provider], ...values },
      }
    }
    if ('delta' in part) {
      this.#characters += part.delta.length
      this.#append(this.#open.scrubber.push(part.delta))
    }
    if (part.type.endsWith('end')) await this.pause()
  }

  /** Ends the message that is being said. */
  async pause(): Promise<void> {
    const open = this.#open
    if (open === null) return
    this.#append(open.scrubber.end())
    this.#open = null
    const hasMetadata = Object.keys(open.metadata).length > 0
    if (open.text !== '' || hasMetadata) {
      const text = open.text.toWellFormed()
      this.#parts.push({ type: open.type, text, ...(hasMetadata ? { providerOptions: open.metadata } : {}) })
    }
    await open.line?.end()
  }

  end(): Promise<void> {
    return this.pause()
  }

  parts(): readonly SpokenPart[] {
    return this.#parts
  }

  /** What may stay in the history of an answer that did not come to its end: words, no unsigned thoughts. */
  texts(): readonly SpokenPart[] {
    return this.#parts
      .filter((part) => part.type === 'text' && part.text.trim() !== '')
      .map((part) => ({ type: 'text', text: part.text }))
  }

  #append(text: string): void {
    const open = this.#open
    if (open === null || text === '') return
    open.text += text
    open.line ??= this.#ports.say(open.type === 'text' ? 'message' : 'thought')
    open.line.append(text)
  }
}
