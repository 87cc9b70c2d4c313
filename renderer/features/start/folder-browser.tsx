import { useState } from 'react'
import { useStores } from '../../state/context.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Short } from '../../ui/short.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { VirtualList } from '../../ui/virtual-list.tsx'
import { useAnswer } from './use-answer.ts'

/** One level of folders at a time, for surroundings without a picker of their own. */
export function FolderBrowser({ onChoose }: { onChoose(path: string): void }) {
  const { client } = useStores()
  const [path, setPath] = useState<string | null>(null)
  const [filter, setFilter] = useState('')
  const answer = useAnswer(path ?? '', () => client.call('folders/browse', { path }))
  const go = (to: string): void => {
    setFilter('')
    setPath(to)
  }
  if (answer.state === 'asking') return <p className="start-quiet browser">Reading the folder…</p>
  const why =
    answer.state === 'failed' ? answer.why : answer.value.status === 'noFolder' ? answer.value.why : null
  if (answer.state === 'failed' || answer.value.status === 'noFolder') {
    return (
      <div className="browser">
        <p className="start-problem" role="alert">
          {why}
        </p>
        <div className="start-buttons">
          <Button onClick={answer.again}>Try again</Button>
          <Button onClick={() => setPath(null)}>Start from home</Button>
        </div>
      </div>
    )
  }
  const here = answer.value
  const folders = here.folders.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()))
  const below = (name: string): string => `${here.path.replace(/[\\/]$/, '')}/${name}`
  return (
    <div className="browser">
      <div className="browser-head">
        <p className="mono">
          <Spelled text={here.path} limit={160} />
        </p>
        <Button disabled={here.parent === null} onClick={() => here.parent !== null && go(here.parent)}>
          Up
        </Button>
        <Button look="strong" onClick={() => onChoose(here.path)}>
          Look at this folder
        </Button>
      </div>
      {here.folders.length > 12 && (
        <TextField
          label={<span className="sr-only">Filter folders</span>}
          placeholder="Filter"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      {folders.length === 0 ? (
        <p className="start-quiet">
          {here.folders.length === 0 ? 'No folders in here.' : `No folder contains “${filter}”.`}
        </p>
      ) : (
        <div className="browser-list" style={{ height: Math.min(folders.length, 8) * 32 }}>
          <VirtualList
            count={folders.length}
            label="Folders"
            rowHeight={32}
            keyOf={(index) => folders[index]?.name ?? String(index)}
          >
            {(index) => {
              const folder = folders[index]
              return (
                folder && (
                  <button type="button" className="browser-row" onClick={() => go(below(folder.name))}>
                    <span className="mono">
                      <Short text={folder.name} limit={100} />
                    </span>
                    {folder.git && <span className="start-quiet">git</span>}
                  </button>
                )
              )
            }}
          </VirtualList>
        </div>
      )}
    </div>
  )
}
