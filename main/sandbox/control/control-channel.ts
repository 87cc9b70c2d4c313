import type { Duplex } from 'node:stream'
import { lineReader } from './line-reader.ts'
import { type HostMessage, type LauncherMessage, parseMessage } from './messages.ts'

/** A launcher that lets this many bytes for it wait is not reading any more. */
const maxWaitingBytes = 4 * 1024 * 1024

export type ControlChannel = {
  /** Nothing happens once it is closed. */
  send(message: HostMessage): void
  /** Ends it from this side, which ends the run: without a host nothing goes on. */
  close(): void
}

/**
 * Speaks with one launcher over a stream. Messages arrive as they come, one after another; the first thing that
 * cannot be understood closes the channel.
 *
 * @param onClosed once, after the last message; the words say what was wrong, null when it just ended
 */
export function openChannel(
  stream: Duplex,
  onMessage: (message: LauncherMessage) => void,
  onClosed: (problem: string | null) => void,
): ControlChannel {
  let closed = false
  const close = (problem: string | null): void => {
    if (closed) return
    closed = true
    stream.destroy()
    onClosed(problem)
  }

  const read = lineReader((line) => {
    // Lines of the same chunk, after one that closed it.
    if (closed) return
    const message = parseMessage(line)
    if (message) onMessage(message)
    else close(`it said what is no message: ${shown(line)}`)
  }, close)
  stream.on('data', read)
  stream.on('end', () => close(null))
  stream.on('close', () => close(null))
  stream.on('error', () => close(null))

  return {
    send(message) {
      if (closed) return
      stream.write(`${JSON.stringify(message)}\n`)
      if (stream.writableLength > maxWaitingBytes) close('it stopped reading')
    },
    close: () => close(null),
  }
}

/** A part that is safe to show: printable ASCII only. */
const shown = (line: string): string => JSON.stringify(line.slice(0, 80).replaceAll(/[^ -~]/g, '?'))
