import type { TurnPorts } from '../agent.ts'
import { describeModelProblem } from './describe-problem.ts'
import type { ModelProblem } from './model-problem.ts'
import { addressOf, type Message, type ModelTool } from './models.ts'
import { scrub } from './scrub.ts'
import { type AskContext, type Asked, streamAnswer } from './stream-answer.ts'

/**
 * Asks until there is an answer. The same request is tried again only while nothing of an answer has
 * arrived, and each time the person is told: a silent retry looks like an agent that does nothing.
 */
export async function askModel(
  messages: readonly Message[],
  tools: readonly ModelTool[],
  context: AskContext,
  ports: TurnPorts,
): Promise<Asked> {
  const { limits } = context
  for (let attempt = 1; ; attempt++) {
    const asked = await streamAnswer(messages, tools, context, ports)
    if (asked.status !== 'failed' || asked.parts.length > 0 || attempt >= limits.tries) return asked
    const pauseMs = pauseAfter(asked.problem, attempt)
    if (pauseMs === null || pauseMs > limits.longestPauseMs) return asked
    await ports.notice(
      'warning',
      asked.problem.code === 'busy' ? 'The model server is busy' : 'The model server has a problem',
      `${statusWords(asked.problem)} Trying again in ${Math.ceil(pauseMs / 1000)} s (try ${attempt + 1} of ${limits.tries}).`,
    )
    await ports.wait(pauseMs)
    if (ports.signal.aborted) return { status: 'stopped', parts: [] }
  }
}

/** Milliseconds until the next try, or null when trying again would not help. */
function pauseAfter(problem: ModelProblem, attempt: number): number | null {
  const grown = 1000 * 2 ** (attempt - 1)
  if (problem.code === 'busy' || problem.code === 'serverBroken') return problem.retryAfterMs ?? grown
  const broke = problem.code === 'unreachable' && (problem.why === 'reset' || problem.why === 'timeout')
  return broke ? grown : null
}

const statusWords = (problem: ModelProblem) =>
  'status' in problem && problem.status !== null
    ? `It answered ${problem.status}.`
    : 'It closed the connection.'

/** The problem as the person reads it; the key is taken out of whatever a server said. */
export function explain(problem: ModelProblem, context: AskContext): string {
  const address = addressOf(context.spec)
  const at = URL.canParse(address) ? new URL(address).origin : address
  return scrub(describeModelProblem(problem, at, context.spec.model), context.apiKey)
}
