import { useRef } from 'react'

export type LineProblem = { readonly message: string; readonly line: number; readonly column: number }

type LinesProps = {
  readonly text: string
  readonly bad: readonly LineProblem[]
  readonly area: { current: HTMLTextAreaElement | null }
  readonly editable: boolean
  onText(text: string): void
}

/** The text with its line numbers; those of problems are marked by a sign as well. */
export function TextLines({ text, bad, area, editable, onText }: LinesProps) {
  const gutter = useRef<HTMLDivElement>(null)
  const count = text.split('\n').length
  return (
    <div className="rule-lines">
      <div ref={gutter} className="rule-gutter" aria-hidden="true">
        {Array.from({ length: count }, (_, at) => (
          <div key={at} className={bad.some(({ line }) => line === at + 1) ? 'rule-gutter-bad' : undefined}>
            {bad.some(({ line }) => line === at + 1) ? `✕ ${at + 1}` : at + 1}
          </div>
        ))}
      </div>
      <textarea
        ref={area}
        className="mono"
        aria-label="Text of the file"
        wrap="off"
        spellCheck={false}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        readOnly={!editable}
        value={text}
        onChange={(event) => onText(event.target.value)}
        onScroll={(event) => {
          if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop
        }}
      />
    </div>
  )
}

const lineHeight = 20

/** Puts the cursor at a place and shows it a few lines below the top. */
export function goTo(area: HTMLTextAreaElement | null, line: number, column: number): void {
  if (!area) return
  const lines = area.value.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  const at = before + Math.min(column - 1, lines[line - 1]?.length ?? 0)
  area.focus()
  area.setSelectionRange(at, at)
  area.scrollTop = Math.max(0, (line - 4) * lineHeight)
}
