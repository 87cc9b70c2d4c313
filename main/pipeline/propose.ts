import path from 'node:path'
import type { CommandAction, InputAction } from '../../protocol/action.ts'
import type { TerminalId } from '../../protocol/ids.ts'
import type { ActionResult, Proposal } from '../agent/agent.ts'
import { handleAction, type PipelinePorts, withNotes } from './handle-action.ts'
import type { SessionTerminals } from './session-terminals.ts'

export type ProposePorts = {
  /** A file as a command of this session would read it; null when it cannot be read. */
  read(path: string): Promise<string | null>
}

type Extra = { timeoutMs: number; interactive: boolean; piped: 'no' | 'plain' | 'exact'; maxBytes: number }
type Pipeline = (extra: Extra) => PipelinePorts
type Wait = (ms: number) => Promise<void>

/** Reading tools run as commands in the same sandbox: what a command may not read, a tool may not either. */
export async function proposeRead(
  proposal: Extract<Proposal, { kind: 'read' | 'list' | 'search' }>,
  folder: string,
  _ports: ProposePorts,
  pipeline: Pipeline,
  wait: Wait,
): Promise<ActionResult> {
  if (proposal.path.includes('\0') || (proposal.kind === 'search' && proposal.pattern.includes('\0')))
    return { status: 'failed', why: 'A path or pattern contains a NUL character.' }
  const target = path.resolve(folder, proposal.path)
  const action: CommandAction = {
    kind: 'command',
    argv: readingArgv(proposal, target),
    script: null,
    cwd: folder,
    escalation: null,
  }
  const maxBytes = proposal.kind === 'read' ? Math.min(Math.max(1, proposal.maxBytes), 5_000_000) : 256 * 1024
  const extra = {
    timeoutMs: 30_000,
    interactive: false,
    piped: proposal.kind === 'read' ? ('exact' as const) : ('plain' as const),
    maxBytes,
  }
  return handleAction({ action, says: null, yieldMs: null, wait }, pipeline(extra))
}

function readingArgv(
  proposal: Extract<Proposal, { kind: 'read' | 'list' | 'search' }>,
  target: string,
): string[] {
  switch (proposal.kind) {
    case 'read':
      return ['cat', '--', target]
    case 'list': {
      const depth = String(Math.min(Math.max(1, Math.round(proposal.depth)), 8))
      return [
        'find',
        target,
        '-mindepth',
        '1',
        '-maxdepth',
        depth,
        '-not',
        '-path',
        '*/.git/*',
        '-not',
        '-path',
        '*/node_modules/*',
        '-printf',
        '%y %P\\n',
      ]
    }
    case 'search': {
      const hits = String(Math.min(Math.max(1, Math.round(proposal.maxHits)), 1000))
      return [
        'grep',
        '-rnIE',
        '-m',
        hits,
        '--exclude-dir=.git',
        '--exclude-dir=node_modules',
        '-e',
        proposal.pattern,
        '--',
        target,
      ]
    }
  }
}

/** Types into a running program, or looks at it when there is nothing to type. */
export async function proposeProcessInput(
  proposal: Extract<Proposal, { kind: 'input' }>,
  terminals: SessionTerminals,
  pipeline: Pipeline,
  wait: Wait,
): Promise<ActionResult> {
  const terminal = terminals.get(proposal.processId as TerminalId)
  if (!terminal)
    return {
      status: 'failed',
      why: `There is no process ${proposal.processId.slice(0, 60)} in this session.`,
    }
  if (proposal.text.length > 65_536)
    return { status: 'failed', why: 'At most 65,536 characters can be typed at once.' }
  const from = terminal.output.bytes
  if (proposal.text !== '' && terminal.exit === null) {
    const action: InputAction = {
      kind: 'input',
      terminalId: terminal.id,
      text: proposal.text,
      argv: [terminal.info.title],
      cwd: '/',
      outside: terminal.info.boundary !== 'sandboxed',
      escalation: null,
    }
    const extra = { timeoutMs: 0, interactive: false, piped: 'no' as const, maxBytes: 0 }
    const result = await handleAction({ action, says: null, yieldMs: null, wait }, pipeline(extra))
    if (result.status !== 'ran') return result
  }
  const { run } = terminal
  if (run && terminal.exit === null) await Promise.race([run.exited, wait(proposal.yieldMs)])
  // The exit is noticed a moment after the last output.
  await wait(20)
  const printed = new TextDecoder().decode(
    terminal.ring.tail(Math.min(48 * 1024, terminal.output.bytes - from)),
  )
  const output = withNotes(printed, terminal.notes())
  if (terminal.exit === null) return { status: 'running', processId: terminal.id, output }
  return {
    status: 'ran',
    exitCode: terminal.exit.exitCode,
    output,
    durationMs: 0,
    timedOut: false,
    violations: [],
    edited: null,
  }
}
