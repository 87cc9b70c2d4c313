import { useState } from 'react'
import { describeProblem, type Probe, type SandboxProblem } from '../../../protocol/sandbox.ts'
import { containerWords, probeWords } from '../../../protocol/sandbox-proof.ts'
import type { SandboxCheck } from '../../../protocol/workspace.ts'
import { useApp, useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Notice } from '../../ui/states.tsx'

type CheckState =
  | { readonly state: 'none' }
  | { readonly state: 'running' }
  | { readonly state: 'failed'; readonly why: string }
  | { readonly state: 'done'; readonly check: SandboxCheck }

/** What can contain a command here, and a proof on demand: attempts that must fail. */
export function SandboxStatus() {
  const { client } = useStores()
  const info = useApp((state) => state.info)
  const [check, setCheck] = useState<CheckState>({ state: 'none' })

  async function run(folder: string): Promise<void> {
    setCheck({ state: 'running' })
    try {
      const result = await client.call('folders/check', { path: folder, deniedReads: [] })
      setCheck({ state: 'done', check: result })
    } catch (thrown) {
      setCheck({ state: 'failed', why: problemOf(thrown).message })
    }
  }

  if (!info) return <p className="settings-words">Not known yet.</p>
  const { sandbox } = info
  return (
    <>
      {sandbox.state === 'available' ? (
        <p className="settings-words">
          <Spelled text={`${sandbox.backend} ${sandbox.version}`} limit={80} /> contains commands on this
          machine.
        </p>
      ) : (
        <ProblemNotice problem={sandbox.problem} />
      )}
      <span className="settings-row">
        <Button disabled={check.state === 'running'} onClick={() => void run(info.home)}>
          {check.state === 'running' ? 'Checking…' : 'Check now'}
        </Button>
        <span className="field-hint">
          Tries for real what must be stopped: writing, connecting, reading and looking outside.
        </span>
      </span>
      <div role="status">
        {check.state === 'failed' && (
          <Notice level="problem" title="The check did not run.">
            {check.why}
          </Notice>
        )}
        {check.state === 'done' && check.check.state === 'unavailable' && (
          <ProblemNotice problem={check.check.problem} />
        )}
        {check.state === 'done' && check.check.state === 'container' && (
          <Notice level="warning" title="The container is the boundary.">
            <Spelled text={containerWords(check.check.container, check.check.probes.length)} limit={600} />
          </Notice>
        )}
        {check.state === 'done' && check.check.state === 'verified' && (
          <Probes probes={check.check.probes} tookMs={check.check.tookMs} />
        )}
      </div>
    </>
  )
}

function ProblemNotice({ problem }: { readonly problem: SandboxProblem }) {
  const { title, fix } = describeProblem(problem)
  return (
    <Notice level="problem" title={<Spelled text={title} />}>
      <Spelled text={fix} />
    </Notice>
  )
}

function Probes({ probes, tookMs }: { readonly probes: readonly Probe[]; readonly tookMs: number }) {
  const all = probes.every(({ blocked }) => blocked)
  return (
    <div>
      <p className={all ? 'settings-verified' : undefined}>
        {all
          ? `Verified: ${probes.length} of ${probes.length} stopped, in ${tookMs} ms.`
          : 'Not everything was stopped.'}
      </p>
      <ul className="settings-probes">
        {probes.map((probe) => (
          <li key={`${probe.kind} ${probe.target}`}>
            {probeWords[probe.kind]}:{' '}
            <span className="mono">
              <Spelled text={probe.target} limit={160} />
            </span>{' '}
            {probe.blocked ? 'stopped' : 'NOT stopped'}: <Spelled text={probe.detail} limit={160} />
          </li>
        ))}
      </ul>
    </div>
  )
}
