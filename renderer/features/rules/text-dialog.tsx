import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { commandFor } from '../../keys/keymap.ts'
import { useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { spellOut } from '../../ui/spell-out.ts'
import { Spelled } from '../../ui/spelled.tsx'
import { ErrorState, Loading, Notice } from '../../ui/states.tsx'
import { goTo, type LineProblem, TextLines } from './text-lines.tsx'

type Props = {
  readonly file: string
  /** The line to begin at; null: the top. */
  readonly line: number | null
  onClose(): void
}
type Read = { readonly text: string; readonly digest: string; readonly editable: boolean }
type Reading =
  | { readonly state: 'loading' }
  | { readonly state: 'none'; readonly why: string }
  | ({ readonly state: 'read' } & Read)

/** A rules file as it stands. It is parsed before it is written, and another edit is never lost. */
export function TextDialog({ file, line, onClose }: Props) {
  const { client } = useStores()
  const [reading, setReading] = useState<Reading>({ state: 'loading' })
  useEffect(() => {
    let stopped = false
    client.call('rules/text', { file }).then(
      (answer) => {
        if (stopped) return
        setReading(
          answer.status === 'refused' ? { state: 'none', why: answer.why } : { ...answer, state: 'read' },
        )
      },
      (thrown) => {
        if (!stopped) setReading({ state: 'none', why: problemOf(thrown).message })
      },
    )
    return () => {
      stopped = true
    }
  }, [client, file])
  const title = (
    <span className="mono">
      <Spelled text={file} limit={160} />
    </span>
  )
  return (
    <Dialog title={title} open onClose={onClose} width="wide">
      {reading.state === 'loading' ? (
        <Loading what="Reading the file" />
      ) : reading.state === 'none' ? (
        <ErrorState title="The file cannot be shown." fix={reading.why}>
          <Button keyHint="Escape" onClick={onClose}>
            Back
          </Button>
        </ErrorState>
      ) : (
        <Editor file={file} read={reading} line={line} onClose={onClose} />
      )}
    </Dialog>
  )
}

function Editor({ file, read, line, onClose }: Props & { readonly read: Read }) {
  const { client, announcements } = useStores()
  const [text, setText] = useState(read.text)
  const [digest, setDigest] = useState(read.digest)
  const [problems, setProblems] = useState<readonly LineProblem[]>([])
  const [why, setWhy] = useState<string | null>(null)
  /** What another hand wrote meanwhile. */
  const [theirs, setTheirs] = useState<string | null>(null)
  const [sending, setSending] = useState(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const changed = text !== read.text
  const off = !read.editable || sending || !changed

  useEffect(() => {
    if (line !== null) goTo(area.current, line, 1)
    else area.current?.focus()
  }, [line])

  async function save(over: string): Promise<void> {
    if (off) return
    setSending(true)
    setWhy(null)
    try {
      const answer = await client.call('rules/saveText', { file, text, digest: over })
      if (answer.status === 'saved') {
        announcements.say('Saved. The rules hold for what comes from now on.')
        return onClose()
      }
      if (answer.status === 'refused') setWhy(answer.why)
      setProblems(answer.status === 'invalid' ? answer.problems : [])
      if (answer.status === 'changedMeanwhile') {
        const now = await client.call('rules/text', { file })
        if (now.status === 'refused') setWhy(now.why)
        else {
          setTheirs(now.text)
          setDigest(now.digest)
        }
      }
    } catch (thrown) {
      setWhy(problemOf(thrown).message)
    } finally {
      setSending(false)
    }
  }

  function onKeyDown(event: KeyboardEvent): void {
    event.stopPropagation()
    const command = commandFor(event.nativeEvent, ['scope'])
    if (command === 'closeScope') {
      event.preventDefault()
      onClose()
    } else if (command === 'saveRule') {
      event.preventDefault()
      if (!event.repeat && theirs === null) void save(digest)
    }
  }

  return (
    <div className="rule-text" role="presentation" onKeyDown={onKeyDown}>
      <TextLines text={text} bad={problems} area={area} editable={read.editable} onText={setText} />
      <div className="rule-text-foot">
        <Hidden text={text} />
        {problems.length > 0 && (
          <ul className="rule-text-problems" role="alert" aria-label="Problems">
            {problems.map((problem) => (
              <li key={`${problem.line}:${problem.column} ${problem.message}`}>
                <button
                  type="button"
                  className="link-button"
                  onClick={() => goTo(area.current, problem.line, problem.column)}
                >
                  line {problem.line}, column {problem.column}
                </button>{' '}
                <Spelled text={problem.message} limit={400} />
              </li>
            ))}
          </ul>
        )}
        {theirs !== null && (
          <Notice level="warning" title="The file changed since it was opened.">
            <p>Your text is kept above and nothing was written. The file now reads:</p>
            <pre className="rule-theirs">
              <Spelled text={theirs} limit={20_000} lines="many" spaces="keep" />
            </pre>
            <div className="rule-actions">
              <Button onClick={() => void save(digest)}>Write mine over it</Button>
              <Button
                onClick={() => {
                  setText(theirs)
                  setTheirs(null)
                }}
              >
                Take the file’s text, drop mine
              </Button>
            </div>
          </Notice>
        )}
        {why !== null && (
          <p className="scope-red" role="alert">
            {why}
          </p>
        )}
        <div className="rule-actions">
          <Button
            keyHint="Mod+Enter"
            aria-disabled={off || theirs !== null || undefined}
            onClick={() => theirs === null && void save(digest)}
          >
            {sending ? 'Saving…' : 'Save'}
          </Button>
          <Button look="quiet" keyHint="Escape" onClick={onClose}>
            Back, nothing saved
          </Button>
          <span className="rule-quiet">
            {!read.editable
              ? 'This file is not yours to change here.'
              : changed
                ? 'It is read before it is written: a file with a problem is not saved.'
                : 'Nothing changed yet.'}
          </span>
        </div>
      </div>
    </div>
  )
}

/** A field draws what it holds; whatever in it cannot be seen or reorders the rest is told in words. */
function Hidden({ text }: { readonly text: string }) {
  const lines = useMemo(
    () =>
      text.split('\n').flatMap((line, at) => {
        const runs = spellOut(line.replaceAll('\t', ' '), { lines: 'one', spaces: 'keep' })
        return runs.some(({ kind }) => kind === 'escape') ? [at + 1] : []
      }),
    [text],
  )
  if (lines.length === 0) return null
  const more = lines.length > 8 ? ` and ${lines.length - 8} more` : ''
  return (
    <p className="scope-warning" role="status">
      Characters that cannot be seen stand on line {lines.slice(0, 8).join(', ')}
      {more}.
    </p>
  )
}
