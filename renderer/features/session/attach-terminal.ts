import type { Terminal } from '@xterm/xterm'
import type { HostClient } from '../../../protocol/contract.ts'
import type { SessionId } from '../../../protocol/ids.ts'
import type { TerminalInfo } from '../../../protocol/sessions.ts'
import { terminalTheme } from './terminal-theme.ts'

/** What the pane is told while a terminal is attached. */
export type TerminalEvents = {
  /** The program ended and all it printed is on screen; false when that is nothing. */
  ended(printed: boolean): void
  /** Output cannot be shown, with the reason. */
  problem(message: string): void
  /** Earlier output is no longer held; what follows starts later. */
  gap(): void
  /** Several lines are about to be pasted into a program that would run each of them. */
  paste(text: string): void
}

export type AttachedTerminal = {
  setWritable(writable: boolean): void
  paste(text: string): void
  focus(): void
  dispose(): void
}

/**
 * Sequences that act on something other than the grid of characters: window title (0, 1, 2), colours and
 * their queries (4, 10-19, 104, 110-119), links (8), the working directory (7), the clipboard (52), and
 * notifications (9, 777). A program's output may not do any of that here.
 */
const refusedOsc = [
  0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 17, 19, 52, 104, 105, 110, 111, 112, 117, 119, 777,
]

/**
 * Draws one program's output into `element` and sends keys to it when it is writable.
 *
 * xterm is loaded on first use, so a session without a terminal does not pay for it. Chunks are
 * acknowledged after they were drawn: that is the back-pressure that keeps a flood out of memory.
 */
export async function attachTerminal(
  element: HTMLElement,
  client: HostClient,
  sessionId: SessionId,
  info: TerminalInfo,
  events: TerminalEvents,
): Promise<AttachedTerminal> {
  const [{ Terminal: Xterm }, { FitAddon }] = await Promise.all([
    import('@xterm/xterm'),
    import('@xterm/addon-fit'),
    import('@xterm/xterm/css/xterm.css'),
    document.fonts.load('12.5px "Atkinson Hyperlegible Mono Variable"'),
  ])
  Xterm.strings.promptLabel = `Keys for ${info.title}`
  Xterm.strings.tooMuchOutput = 'Too much output to read aloud. Move through the lines by hand.'
  const root = document.documentElement
  const term = new Xterm({
    fontFamily: '"Atkinson Hyperlegible Mono Variable", ui-monospace, monospace',
    fontSize: 12.5,
    lineHeight: 1.2,
    scrollback: 10_000,
    minimumContrastRatio: 4.5,
    screenReaderMode: true,
    disableStdin: !info.writable,
    cursorInactiveStyle: 'outline',
    // A second line of defence behind the refused OSC 8: nothing is ever opened.
    linkHandler: { activate: () => undefined, allowNonHttpProtocols: false },
    theme: terminalTheme(root),
  })
  for (const code of refusedOsc) term.parser.registerOscHandler(code, () => true)
  const fit = new FitAddon()
  term.loadAddon(fit)
  term.open(element)

  const resizer = new ResizeObserver(() => {
    if (element.clientWidth > 40 && element.clientHeight > 20) fit.fit()
  })
  resizer.observe(element)
  const themes = new MutationObserver(() => {
    term.options.theme = terminalTheme(root)
  })
  themes.observe(root, { attributes: true, attributeFilter: ['data-theme', 'data-contrast'] })
  const stopPaste = guardPaste(element, term, events)

  const target = { id: info.id, sessionId }
  let writable = info.writable
  const input = term.onData((data) => {
    if (!writable) return
    for (let at = 0; at < data.length; at += 65_536) {
      client
        .call('terminals/input', { ...target, data: data.slice(at, at + 65_536) })
        .catch((cause: unknown) => events.problem(`Your keys did not arrive: ${messageOf(cause)}`))
    }
  })
  const resize = term.onResize(({ cols, rows }) => {
    if (cols < 2 || rows < 2) return
    const size = { cols: Math.min(cols, 500), rows: Math.min(rows, 300) }
    // A program that ended, or a host that is away, needs no size; the next resize reports again.
    client.call('terminals/resize', { ...target, ...size }).catch(() => undefined)
  })

  let stop = () => {}
  let printed = false
  read(0)
  function read(fromOffset: number): void {
    let drew = false
    stop = client.bytes(
      'terminals/output',
      { ...target, fromOffset },
      {
        data: (chunk, done) => {
          drew = true
          printed = true
          term.write(chunk, done)
        },
        end: () => term.write('', () => events.ended(printed)),
        failed: (problem) => {
          // Asking for the oldest part again helps only if this attempt got anywhere.
          if (problem.code !== 'gap' || (fromOffset === -1 && !drew)) return events.problem(problem.message)
          term.reset()
          events.gap()
          read(-1)
        },
      },
    )
  }

  return {
    setWritable(now) {
      writable = now
      term.options.disableStdin = !now
    },
    paste: (text) => term.paste(text),
    focus: () => term.focus(),
    dispose() {
      stop()
      input.dispose()
      resize.dispose()
      resizer.disconnect()
      themes.disconnect()
      stopPaste()
      term.dispose()
    },
  }
}

/** Several pasted lines would each run at once, so they are handed to the pane to ask about. */
function guardPaste(element: HTMLElement, term: Terminal, events: TerminalEvents): () => void {
  const onPaste = (event: ClipboardEvent): void => {
    event.preventDefault()
    event.stopPropagation()
    const text = event.clipboardData?.getData('text/plain') ?? ''
    if (text === '') return
    if (/[\r\n]/.test(text.trimEnd())) events.paste(text)
    else term.paste(text)
  }
  element.addEventListener('paste', onPaste, { capture: true })
  return () => element.removeEventListener('paste', onPaste, { capture: true })
}

export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
