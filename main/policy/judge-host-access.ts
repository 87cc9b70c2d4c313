import { type HostAccessAction, noGrant } from '../../protocol/action.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { Origin } from '../../protocol/verdict.ts'
import type { ActionFacts } from './action-facts.ts'
import { asksFor } from './asks-for.ts'
import { type Judgement, JudgeSteps } from './judge-steps.ts'
import type { HostVerdict } from './network/judge-host.ts'

/**
 * Judges a connection of a running command by what the rules say of its host. A line that denies it is stronger than
 * every answer; an answer is stronger than a line that wants it asked.
 */
export function judgeHostAccess(action: HostAccessAction, facts: ActionFacts, settings: Settings): Judgement {
  const judge = new JudgeSteps(settings)
  const grant = action.escalation?.ladder[0] ?? noGrant
  const said = facts.host ?? null
  const origin = originOf(said)
  const more = { ...(origin ? { origin } : {}), justification: said?.message ?? null }
  const layer = said?.rule ? 'rules' : 'config'
  if (said?.decision === 'deny') return judge.end('forbid', layer, said.message, more)
  if (facts.denied) return judge.denied(facts.denied)
  if (said?.decision === 'allow') return judge.end('run', layer, said.message, { ...more, grant })
  if (settings.hosts === 'listed')
    return judge.end('forbid', 'requirements', 'only hosts that are listed may be reached', more)
  if (facts.grantedBy) return judge.granted(facts, grant)
  const kind = said?.reason === 'prompt' && asksFor('sandbox', settings) ? 'rules' : 'sandbox'
  return judge.ask(kind, said?.message ?? `no rule allows ${action.host}`, more)
}

function originOf(said: HostVerdict | null): Origin | null {
  const place = said?.rule?.place
  return place ? { kind: 'rule', file: place.file, line: place.line } : null
}
