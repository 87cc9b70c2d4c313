/** The longest line that is taken from a launcher, in bytes, its end not counted. */
export const maxLineBytes = 64 * 1024

/**
 * Cuts bytes into lines of UTF-8.
 *
 * @param onLine    one whole line, without its end
 * @param onProblem a line that is too long or no UTF-8; nothing is read any more
 * @returns takes the next bytes
 */
export function lineReader(
  onLine: (line: string) => void,
  onProblem: (words: string) => void,
): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let kept: Buffer[] = []
  let length = 0
  let broken = false

  const fail = (words: string): void => {
    broken = true
    kept = []
    onProblem(words)
  }

  return (chunk) => {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    while (!broken && rest.length > 0) {
      const end = rest.indexOf(0x0a)
      const part = end < 0 ? rest : rest.subarray(0, end)
      length += part.length
      if (length > maxLineBytes) return fail(`a line of more than ${maxLineBytes} bytes`)
      // Copied, since a stream may use the memory of a chunk again.
      kept.push(Buffer.from(part))
      if (end < 0) return
      rest = rest.subarray(end + 1)
      const bytes = Buffer.concat(kept)
      kept = []
      length = 0
      let line: string
      try {
        line = decoder.decode(bytes)
      } catch {
        return fail('a line that is no UTF-8')
      }
      onLine(line)
    }
  }
}
