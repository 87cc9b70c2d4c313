import type { AgentSpec } from '../../../protocol/sessions.ts'

/** Programs whose own needs are known, by the name of the program. Shells are the person's own hands. */
const knownPrograms = [
  'aider',
  'amp',
  'bash',
  'claude',
  'codex',
  'cursor-agent',
  'fish',
  'gemini',
  'goose',
  'opencode',
  'qwen',
  'sh',
  'zsh',
]

/**
 * The permission profile an agent starts with when nothing else names one. null: what the mode gives. A program
 * that is not known gets `:strict`, where the home folder is closed; a known name in an unusual place counts as
 * not known, since anybody can give a program a name.
 */
export function defaultProfileFor(agent: AgentSpec): ':strict' | null {
  if (agent.kind !== 'terminal') return null
  const program = agent.argv[0] ?? ''
  const isPlainName = !program.includes('/') || /^\/(?:usr\/(?:local\/)?)?bin\/[^/]+$/.test(program)
  return isPlainName && knownPrograms.includes(program.slice(program.lastIndexOf('/') + 1)) ? null : ':strict'
}
