import type { HostHandlers } from '../../../protocol/contract.ts'
import { HostError } from '../../../protocol/endpoint.ts'
import type { SessionId, TerminalId } from '../../../protocol/ids.ts'
import type { Terminal } from '../../pipeline/session-terminals.ts'
import type { HostContext } from '../host-context.ts'

type Topic = 'terminals/output' | 'terminals/input' | 'terminals/resize'

export function terminalHandlers({ sessions }: HostContext): Pick<HostHandlers, Topic> {
  const need = (sessionId: SessionId, id: TerminalId): Terminal => {
    const session = sessions.live.get(sessionId)
    if (!session)
      throw new HostError('noTerminal', 'This session has ended; its last output stands in the conversation.')
    return session.terminals.need(id)
  }
  return {
    'terminals/output': ({ id, sessionId, fromOffset }, sink) =>
      need(sessionId, id).ring.attach(fromOffset, sink),
    'terminals/input': ({ id, sessionId, data }) => {
      const terminal = need(sessionId, id)
      if (terminal.exit !== null || !terminal.run) return { status: 'ended' }
      if (!terminal.info.writable) return { status: 'notWritable' }
      terminal.run.write(data)
      return { status: 'sent' }
    },
    'terminals/resize': ({ id, sessionId, cols, rows }) => {
      const terminal = need(sessionId, id)
      if (terminal.exit !== null || !terminal.run) return { status: 'ended' }
      terminal.run.resize(cols, rows)
      return { status: 'done' }
    },
  }
}
