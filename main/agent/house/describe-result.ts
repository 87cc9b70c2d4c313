import type { Violation } from '../../../protocol/sandbox.ts'
import type { ActionResult } from '../agent.ts'

/** What the model reads about one action, and whether the turn goes on. */
export type ToolAnswer = {
  readonly text: string
  readonly kind: 'fine' | 'error'
  readonly turn: 'goesOn' | 'ends'
}

export const fine = (text: string): ToolAnswer => ({ text, kind: 'fine', turn: 'goesOn' })
export const bad = (text: string): ToolAnswer => ({ text, kind: 'error', turn: 'goesOn' })

export function describeResult(result: ActionResult): ToolAnswer {
  switch (result.status) {
    case 'ran':
      return { text: ran(result), kind: result.exitCode === 0 ? 'fine' : 'error', turn: 'goesOn' }
    case 'running':
      return fine(
        `Still running, process id ${result.processId}. write_stdin with empty chars reads on.\n${result.output}`,
      )
    case 'granted':
      return fine(`Granted until ${result.until}: ${grantWords(result.grant)}.`)
    case 'refused':
      return { text: refused(result), kind: 'error', turn: result.stop ? 'ends' : 'goesOn' }
    case 'failed':
      return bad(`It could not be done: ${result.why}`)
    case 'interrupted':
      return { text: 'The person stopped the turn.', kind: 'error', turn: 'ends' }
  }
}

function ran(result: Extract<ActionResult, { status: 'ran' }>): string {
  const lines: string[] = []
  if (result.edited !== null) lines.push(`The person changed the command to: ${result.edited}`)
  const seconds = (result.durationMs / 1000).toFixed(1)
  if (result.timedOut) lines.push(`Stopped after ${seconds} s: it reached its timeout.`)
  else lines.push(`Exit code ${result.exitCode ?? 'none, it was ended by a signal'}, ${seconds} s.`)
  for (const violation of result.violations.slice(0, 20))
    lines.push(`The sandbox stopped: ${stopped(violation)}`)
  lines.push(result.output === '' ? '(no output)' : result.output)
  return lines.join('\n')
}

function stopped(violation: Violation): string {
  switch (violation.kind) {
    case 'write':
      return `writing ${violation.path}`
    case 'read':
      return `reading ${violation.path}`
    case 'connect':
      return `a connection${violation.host === null ? '' : ` to ${violation.host}`}${violation.port === null ? '' : `, port ${violation.port}`}`
  }
}

function refused(result: Extract<ActionResult, { status: 'refused' }>): string {
  const note =
    result.note === null || result.note.trim() === '' ? '' : `: ${result.note.trim().replace(/\.$/, '')}`
  return result.by === 'user'
    ? `The person denied this${note}. Do not try it again this turn.`
    : `The policy in force does not allow this${note}. Nobody was asked. Take another way, or say what is missing.`
}

function grantWords(grant: Extract<ActionResult, { status: 'granted' }>['grant']): string {
  if (grant.unsandboxed) return 'everything, there is no sandbox'
  const parts = [
    ...(grant.writePaths.length > 0 ? [`writing ${grant.writePaths.join(', ')}`] : []),
    ...(grant.network ? ['network'] : []),
  ]
  return parts.join(' and ') || 'nothing'
}
