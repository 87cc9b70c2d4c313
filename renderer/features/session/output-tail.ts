/** The end of what a program printed, and how much stands before it. */
export type Tail = { readonly text: string; readonly linesBefore: number }

/** Escape sequences that colour or move; the conversation shows words, the terminal shows the rest. */
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
const sequences = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[@-Z\\-_])/g

/**
 * Program output as plain lines: colour and title sequences go, and of a line that was rewritten with a
 * carriage return only the last form stays. Other control characters stay, to be spelled.
 */
export const plainOutput = (output: string): string =>
  output.replace(sequences, '').split('\n').map(lastForm).join('\n')

/** What a line showed in the end: a carriage return starts it anew, one at its very end does not. */
function lastForm(line: string): string {
  let end = line.length
  while (end > 0 && line.charAt(end - 1) === '\r') end -= 1
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end)
}

/** The last `lines` lines. A line break at the very end does not count as an empty line. */
export function tailOf(output: string, lines: number): Tail {
  const all = output.split('\n')
  while (all.length > 1 && all.at(-1) === '') all.pop()
  const from = Math.max(0, all.length - lines)
  return { text: all.slice(from).join('\n'), linesBefore: from }
}
