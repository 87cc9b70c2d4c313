import { stripVTControlCharacters } from 'node:util'

const headBytes = 16 * 1024
const tailBytes = 48 * 1024

/** Collects what a program prints, keeping its beginning and its end, so that memory is bounded. */
export class PlainOutput {
  #head = Buffer.alloc(0)
  #tail = Buffer.alloc(0)
  #total = 0

  add(chunk: Uint8Array): void {
    this.#total += chunk.byteLength
    const room = headBytes - this.#head.length
    if (room > 0) this.#head = Buffer.concat([this.#head, chunk.subarray(0, room)])
    const rest = room > 0 ? chunk.subarray(room) : chunk
    if (rest.byteLength > 0) this.#tail = Buffer.concat([this.#tail, rest]).subarray(-tailBytes)
  }

  get bytes(): number {
    return this.#total
  }

  /** Without terminal control sequences; the middle of a long output is replaced by a line that says so. */
  get text(): string {
    const left = this.#total - this.#head.length - this.#tail.length
    if (left <= 0) return plain(Buffer.concat([this.#head, this.#tail]))
    return `${plain(this.#head)}\n… ${left} bytes left out …\n${plain(this.#tail)}`
  }
}

/** Terminal text as plain text: no control sequences, no carriage returns of line ends, no NUL. */
export const plain = (bytes: Uint8Array): string =>
  stripVTControlCharacters(new TextDecoder().decode(bytes)).replaceAll('\r\n', '\n').replaceAll('\0', '')
