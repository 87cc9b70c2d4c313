import type { Verdict } from '../../protocol/verdict.ts'
import { noFacts } from './action-facts.ts'
import { type JudgeContext, judgeAction } from './judge-action.ts'

/** What one part of a command line would get by itself; its text as it stands in the line, run in `cwd`. */
export function judgeAlone(text: string, cwd: string, context: JudgeContext): Verdict['kind'] {
  const argv = ['bash', '-c', text]
  return judgeAction({ kind: 'command', argv, script: text, cwd, escalation: null }, noFacts, context).verdict
    .kind
}
