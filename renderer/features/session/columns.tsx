import { type ReactNode, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Splitter } from './splitter.tsx'
import { useMedia } from './use-media.ts'

type Props = {
  readonly timeline: ReactNode
  readonly conversation: ReactNode
  readonly terminal: ReactNode
  /** Some program has printed; before that the pane would be an empty quarter of the screen. */
  readonly hasTerminal: boolean
  readonly message: ReactNode
  readonly diff: ReactNode
}

type Sizes = {
  readonly timeline: number
  readonly diff: number
  readonly terminal: number
  readonly timelineOpen: boolean
  readonly diffOpen: boolean
  readonly terminalOpen: boolean
}

/** How the person arranged the columns: one arrangement for all sessions, as long as the window lives. */
let kept: Sizes | null = null

const sizesFor = (roomy: boolean, tall: boolean): Sizes => ({
  timeline: roomy ? 270 : 212,
  diff: roomy ? 430 : 300,
  terminal: 124,
  timelineOpen: true,
  diffOpen: true,
  // On a low screen the conversation needs the height.
  terminalOpen: tall,
})

/** Timeline, conversation with terminal and message box, diff. Each edge moves; each side column folds away. */
export function Columns({ timeline, conversation, terminal, hasTerminal, message, diff }: Props) {
  const roomy = useMedia('(min-width: 1360px)')
  const [own, setOwn] = useState<Sizes | null>(kept)
  const tall = useMedia('(min-height: 820px)')
  const sizes = own ?? sizesFor(roomy, tall)
  const change = (part: Partial<Sizes>): void => {
    kept = { ...sizes, ...part }
    setOwn(kept)
  }
  const left = sizes.timelineOpen ? `${sizes.timeline}px` : '0px'
  const right = sizes.diffOpen ? `${sizes.diff}px` : '0px'
  return (
    <div className="columns" style={{ gridTemplateColumns: `${left} auto minmax(300px, 1fr) auto ${right}` }}>
      {sizes.timelineOpen && (
        <section className="column column-left" aria-label="Timeline">
          <h3 className="pane-title">
            Timeline
            <Button
              look="quiet"
              aria-label="Hide the timeline"
              onClick={() => change({ timelineOpen: false })}
            >
              Hide
            </Button>
          </h3>
          <div className="column-body">{timeline}</div>
        </section>
      )}
      {sizes.timelineOpen ? (
        <Splitter
          className="column-edge-left"
          label="Width of the timeline"
          divides="column"
          size={sizes.timeline}
          min={160}
          max={420}
          onSize={(size) => change({ timeline: size })}
        />
      ) : (
        <Button
          className="column-show column-edge-left"
          look="quiet"
          onClick={() => change({ timelineOpen: true })}
        >
          Show timeline
        </Button>
      )}
      <section className="column column-middle" aria-label="Conversation and terminal">
        <h3 className="pane-title">
          Conversation
          {hasTerminal && (
            <Button
              look="quiet"
              aria-expanded={sizes.terminalOpen}
              onClick={() => change({ terminalOpen: !sizes.terminalOpen })}
            >
              {sizes.terminalOpen ? 'Hide terminal' : 'Show terminal'}
            </Button>
          )}
        </h3>
        <div className="column-body">{conversation}</div>
        {hasTerminal && sizes.terminalOpen && (
          <>
            <Splitter
              label="Height of the terminal"
              divides="row"
              paneAfter
              size={sizes.terminal}
              min={100}
              max={480}
              onSize={(size) => change({ terminal: size })}
            />
            <div className="column-terminal" style={{ height: sizes.terminal }}>
              {terminal}
            </div>
          </>
        )}
        {message}
      </section>
      {sizes.diffOpen ? (
        <Splitter
          className="column-edge-right"
          label="Width of the diff"
          divides="column"
          paneAfter
          size={sizes.diff}
          min={260}
          max={900}
          onSize={(size) => change({ diff: size })}
        />
      ) : (
        <Button
          className="column-show column-edge-right"
          look="quiet"
          onClick={() => change({ diffOpen: true })}
        >
          Show diff
        </Button>
      )}
      {sizes.diffOpen && (
        <div className="column column-right">
          <h3 className="pane-title">
            Diff
            <Button look="quiet" aria-label="Hide the diff" onClick={() => change({ diffOpen: false })}>
              Hide
            </Button>
          </h3>
          <div className="column-body">{diff}</div>
        </div>
      )}
    </div>
  )
}
