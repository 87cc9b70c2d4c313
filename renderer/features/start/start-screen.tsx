import { useState } from 'react'
import { useSessions, useStores } from '../../state/context.tsx'
import { FolderChoice } from './folder-choice.tsx'
import { FolderSetup } from './folder-setup.tsx'
import './start.css'

type Props = {
  /** The folder to start in; null asks for one. */
  readonly folder: string | null
}

/** From a folder to a running session: choose, look at the facts, start. */
export function StartScreen({ folder }: Props) {
  const { app } = useStores()
  const firstRun = useSessions((state) => state.complete && state.ids.length === 0)
  const [demoFolder, setDemoFolder] = useState<string | null>(null)
  if (folder === null) {
    return (
      <FolderChoice
        firstRun={firstRun}
        onChoose={(path) => app.go({ page: 'start', folder: path })}
        onDemo={(path) => {
          setDemoFolder(path)
          app.go({ page: 'start', folder: path })
        }}
      />
    )
  }
  return (
    <FolderSetup
      key={folder}
      folder={folder}
      demo={folder === demoFolder}
      onCancel={() => app.go({ page: 'start', folder: null })}
      onStarted={(id) => app.go({ page: 'session', id })}
    />
  )
}
