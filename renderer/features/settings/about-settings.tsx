import { useApp } from '../../state/context.tsx'
import { Spelled } from '../../ui/spelled.tsx'

export function AboutSettings() {
  const info = useApp((state) => state.info)
  const problem = useApp((state) => state.infoProblem)
  if (problem) return <p className="settings-words">{problem.message}</p>
  if (!info) return <p className="settings-words">Not known yet.</p>
  return (
    <dl className="settings-about">
      <dt>Gatehouse</dt>
      <dd>
        {info.version}, {info.surroundings === 'desktop' ? 'desktop app' : 'serve'}, {info.platform}
      </dd>
      <dt>Settings, logs and state</dt>
      <dd className="mono">
        <Spelled text={info.home} limit={200} />
      </dd>
    </dl>
  )
}
