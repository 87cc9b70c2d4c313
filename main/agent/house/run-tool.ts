import type { ActionResult, Proposal, TurnPorts } from '../agent.ts'
import { applyHunks } from '../apply-patch.ts'
import { type PatchFile, parsePatch } from '../parse-patch.ts'
import { bad, describeResult, fine, type ToolAnswer } from './describe-result.ts'
import type { ToolCall } from './tools.ts'
import { untilStopped } from './until-stopped.ts'

type Command = Extract<Proposal, { kind: 'command' }>
type Edit = Extract<Proposal, { kind: 'edit' }>['edits'][number]

const yieldMs = 10_000
const commandTimeoutMs = 600_000
const readBytes = 1024 * 1024
const searchHits = 200

/**
 * Does what one call asks for, through proposals only, and answers what the model is told.
 *
 * @param said  what the model said right before the call: the agent's own words on the card
 */
export async function runTool(call: ToolCall, said: string | null, ports: TurnPorts): Promise<ToolAnswer> {
  switch (call.name) {
    case 'run_command':
      return describeResult(await propose(commandOf(call.args, said), ports))
    case 'write_stdin': {
      const { process_id: processId, chars: text, wait_ms: wait } = call.args
      return describeResult(await propose({ kind: 'input', processId, text, yieldMs: wait ?? 2000 }, ports))
    }
    case 'apply_patch':
      return patch(call.args.input, said, ports)
    case 'read_file':
      return readFile(call.args, ports)
    case 'list_files': {
      const { path, depth } = call.args
      return plain(await propose({ kind: 'list', path, depth: depth ?? 2 }, ports))
    }
    case 'search': {
      const { pattern, path } = call.args
      const search = { kind: 'search', pattern, path: path ?? '.', maxHits: searchHits } as const
      const result = await propose(search, ports)
      // Search programs end with 1 when there is no hit.
      const noHit = result.status === 'ran' && result.exitCode === 1 && result.output.trim() === ''
      return noHit ? fine('(nothing found)') : plain(result)
    }
    case 'request_permissions': {
      const grant = {
        writePaths: call.args.write_paths ?? [],
        network: call.args.network ?? false,
        unsandboxed: false,
      }
      if (grant.writePaths.length === 0 && !grant.network)
        return bad('Name what is needed: write_paths or network.')
      return describeResult(await propose({ kind: 'permissions', grant, reason: call.args.reason }, ports))
    }
  }
}

/** What a stopped turn leaves behind ends by itself; the answer does not wait for it. */
async function propose(proposal: Proposal, ports: TurnPorts): Promise<ActionResult> {
  const result = await untilStopped(ports.propose(proposal), ports.signal)
  return result === 'stopped' ? { status: 'interrupted' } : result
}

function commandOf(args: Extract<ToolCall, { name: 'run_command' }>['args'], said: string | null): Command {
  const reason = args.justification ?? null
  const grant = {
    writePaths: args.needs?.write_paths ?? [],
    network: args.needs?.network ?? false,
    unsandboxed: args.needs?.outside_sandbox ?? false,
  }
  const asks = grant.writePaths.length > 0 || grant.network || grant.unsandboxed
  return {
    kind: 'command',
    argv: null,
    script: args.command,
    cwd: args.workdir ?? null,
    escalation: asks ? { grant, reason } : null,
    timeoutMs: args.timeout_ms ?? commandTimeoutMs,
    yieldMs,
    says: reason ?? said,
  }
}

/** Output alone where the exit code says nothing. */
function plain(result: ActionResult): ToolAnswer {
  if (result.status !== 'ran' || result.exitCode !== 0) return describeResult(result)
  return fine(result.output === '' ? '(nothing found)' : result.output)
}

async function readFile(
  { path, offset, limit }: Extract<ToolCall, { name: 'read_file' }>['args'],
  ports: TurnPorts,
): Promise<ToolAnswer> {
  const result = await propose({ kind: 'read', path, maxBytes: readBytes }, ports)
  if (result.status !== 'ran' || result.exitCode !== 0) return describeResult(result)
  if (result.output === '') return fine('(the file is empty)')
  const lines = result.output.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const from = (offset ?? 1) - 1
  if (from >= lines.length) return bad(`The file has ${lines.length} lines.`)
  const shown = lines.slice(from, from + (limit ?? 2000))
  const whole = shown.length === lines.length
  const head = whole ? '' : `[lines ${from + 1} to ${from + shown.length} of ${lines.length}]\n`
  return fine(head + shown.join('\n'))
}

/** Reads every file the patch changes, applies all of it in memory, then proposes one edit of whole files. */
async function patch(input: string, said: string | null, ports: TurnPorts): Promise<ToolAnswer> {
  const parsed = parsePatch(input)
  if (parsed.status === 'malformed') return bad(`The patch was not applied. ${parsed.why}`)
  const edits: Edit[] = []
  for (const file of parsed.files) {
    const made = await editsOf(file, ports)
    if (!Array.isArray(made)) return made
    edits.push(...made)
  }
  const answer = describeResult(await propose({ kind: 'edit', edits, says: said }, ports))
  if (answer.kind === 'error') return answer
  return fine(
    `Done:\n${edits.map(({ path, content }) => `${content === null ? 'deleted' : 'wrote'} ${path}`).join('\n')}`,
  )
}

async function editsOf(file: PatchFile, ports: TurnPorts): Promise<Edit[] | ToolAnswer> {
  if (file.kind === 'add') return [{ path: file.path, content: file.content }]
  if (file.kind === 'delete') return [{ path: file.path, content: null }]
  const read = await propose({ kind: 'read', path: file.path, maxBytes: readBytes }, ports)
  if (read.status !== 'ran' || read.exitCode !== 0) {
    const why = describeResult(read)
    return { ...why, text: `The patch was not applied: ${file.path} could not be read. ${why.text}` }
  }
  // Whole new contents are written from what was read, so anything lost on the way would be lost in the file.
  if (Buffer.byteLength(read.output) >= readBytes) {
    return bad(`The patch was not applied: ${file.path} is larger than 1 MiB. Change it with a command.`)
  }
  if (read.output.includes('\uFFFD')) {
    return bad(`The patch was not applied: ${file.path} is not plain UTF-8 text. Change it with a command.`)
  }
  const result = applyHunks(file.path, read.output, file.hunks)
  if (result.status === 'mismatch') return bad(`The patch was not applied. ${result.why}`)
  if (file.moveTo === null || file.moveTo === file.path) return [{ path: file.path, content: result.content }]
  return [
    { path: file.path, content: null },
    { path: file.moveTo, content: result.content },
  ]
}
