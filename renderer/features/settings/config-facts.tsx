import { useEffect, useState } from 'react'
import type { ConfigFact } from '../../../protocol/app.ts'
import { useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'
import { Spelled } from '../../ui/spelled.tsx'
import { Loading, Notice } from '../../ui/states.tsx'

type Config = {
  readonly facts: readonly ConfigFact[]
  readonly problems: readonly string[]
  readonly files: readonly string[]
}

/** What files set, where each value came from, and what in them could not be used. */
export function ConfigFacts() {
  const { client } = useStores()
  const [config, setConfig] = useState<Config | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    let current = true
    client.call('app/config', {}).then(
      (answer) => current && setConfig(answer),
      (thrown: unknown) => current && setProblem(problemOf(thrown).message),
    )
    return () => {
      current = false
    }
  }, [client])

  if (problem !== null)
    return (
      <Notice level="problem" title="The settings files could not be read.">
        {problem}
      </Notice>
    )
  if (config === null) return <Loading what="Reading settings files" />
  return (
    <>
      {config.problems.map((text) => (
        <Notice key={text} level="warning" title="Not used">
          <Spelled text={text} limit={400} />
        </Notice>
      ))}
      {config.files.length === 0 && (
        <p className="settings-words">No config.toml yet; everything is as built in.</p>
      )}
      {config.facts.length > 0 && (
        <table className="settings-facts">
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Value</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {config.facts.map(({ key, value, origin }) => (
              <tr key={key}>
                <th scope="row" className="mono">
                  <Spelled text={key} limit={80} />
                </th>
                <td className="mono">
                  <Spelled text={value} limit={160} />
                </td>
                <td>
                  <Spelled text={origin} limit={160} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
