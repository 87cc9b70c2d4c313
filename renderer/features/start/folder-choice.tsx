import { type FormEvent, useState } from 'react'
import { useApp, useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Short } from '../../ui/short.tsx'
import { Notice } from '../../ui/states.tsx'
import { Moment } from '../../ui/time.tsx'
import { FolderBrowser } from './folder-browser.tsx'
import { pathProblem } from './setup.ts'
import { useAnswer } from './use-answer.ts'

type Props = {
  readonly firstRun: boolean
  onChoose(path: string): void
  onDemo(path: string): void
}

/** Which folder: typed, picked, recent, or the demo project. */
export function FolderChoice({ firstRun, onChoose, onDemo }: Props) {
  const { client } = useStores()
  const picksFolders = useApp((state) => state.info?.picksFolders ?? false)
  const [path, setPath] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [browsing, setBrowsing] = useState(false)
  const [busy, setBusy] = useState<'demo' | 'picker' | null>(null)
  const [failure, setFailure] = useState<string | null>(null)

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const trimmed = path.trim()
    const why = pathProblem(trimmed)
    setProblem(why)
    if (why === null) onChoose(trimmed)
  }
  const attempt = async (what: 'demo' | 'picker', run: () => Promise<void>): Promise<void> => {
    setBusy(what)
    setFailure(null)
    try {
      await run()
    } catch (cause) {
      setFailure(problemOf(cause).message)
    } finally {
      setBusy(null)
    }
  }
  const makeDemo = () => attempt('demo', async () => onDemo((await client.call('folders/makeDemo', {})).path))
  const pick = () =>
    attempt('picker', async () => {
      const picked = await client.call('app/pickFolder', {})
      if (picked.path !== null) onChoose(picked.path)
    })

  return (
    <div className="start">
      {firstRun && (
        <section className="start-first" aria-labelledby="start-first">
          <h2 id="start-first">
            Gatehouse runs a coding agent inside a sandbox and asks you before anything leaves it.
          </h2>
          <div className="start-buttons">
            <Button look="strong" aria-busy={busy === 'demo'} onClick={() => void makeDemo()}>
              {busy === 'demo' ? 'Making the demo folder…' : 'Run the demo'}
            </Button>
            <p>
              Two minutes, offline: a scripted agent, real commands, the real sandbox. It works in a fresh
              folder of its own.
            </p>
          </div>
        </section>
      )}
      {failure !== null && (
        <Notice level="problem" title="That was not done.">
          {failure}
        </Notice>
      )}
      <section aria-labelledby="start-open">
        <h2 id="start-open">Open a folder</h2>
        <form className="start-path" onSubmit={submit}>
          <TextField
            machine
            label="Path of the folder"
            hint="Nothing in it runs yet. First you see what it contains and what the sandbox stops."
            problem={problem}
            placeholder="/home/you/project"
            value={path}
            onChange={(event) => {
              setPath(event.target.value)
              setProblem(null)
            }}
          />
          <div className="start-buttons">
            <Button submits look={firstRun ? 'plain' : 'strong'}>
              Look at this folder
            </Button>
            {picksFolders && (
              <Button aria-busy={busy === 'picker'} onClick={() => void pick()}>
                Choose…
              </Button>
            )}
            {!picksFolders && (
              <Button aria-expanded={browsing} onClick={() => setBrowsing(!browsing)}>
                {browsing ? 'Close the list of folders' : 'Browse folders'}
              </Button>
            )}
          </div>
        </form>
        {browsing && !picksFolders && <FolderBrowser onChoose={onChoose} />}
      </section>
      <Recent onChoose={onChoose} />
      {!firstRun && (
        <section aria-labelledby="start-demo">
          <h2 id="start-demo">Demo</h2>
          <div className="start-buttons">
            <Button aria-busy={busy === 'demo'} onClick={() => void makeDemo()}>
              {busy === 'demo' ? 'Making the demo folder…' : 'Make a demo folder'}
            </Button>
            <p>A scripted agent, real commands, the real sandbox. Two minutes, offline.</p>
          </div>
        </section>
      )}
    </div>
  )
}

function Recent({ onChoose }: { onChoose(path: string): void }) {
  const { client } = useStores()
  const recent = useAnswer('recent', () => client.call('folders/recent', {}))
  return (
    <section aria-labelledby="start-recent">
      <h2 id="start-recent">Recent folders</h2>
      {recent.state === 'asking' && <p className="start-quiet">Reading…</p>}
      {recent.state === 'failed' && (
        <p className="start-problem">
          The list cannot be read: {recent.why} <Button onClick={recent.again}>Try again</Button>
        </p>
      )}
      {recent.state === 'ready' && recent.value.length === 0 && (
        <p className="start-quiet">None yet. Folders that a session ran in are listed here.</p>
      )}
      {recent.state === 'ready' && recent.value.length > 0 && (
        <ul className="recent">
          {recent.value.map((folder) => (
            <li key={folder.path}>
              <button type="button" className="recent-folder" onClick={() => onChoose(folder.path)}>
                <span className="mono">
                  <Short text={folder.path} limit={160} />
                </span>
                <span className="start-quiet">
                  <Moment atMs={folder.lastAtMs} />
                  {folder.trusted ? ', you vouched for it' : ''}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
