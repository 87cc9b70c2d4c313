import path from 'node:path'
import type { Agent, TurnEnd } from './agent.ts'

/** Any program in a terminal of its own, wholly inside the sandbox: a shell, or a CLI agent in its own screen. */
export function createTerminalAgent(argv: readonly string[]): Agent {
  const name = path.basename(argv[0] ?? 'program')
  let used = false
  return {
    name,
    async runTurn(_prompt, ports): Promise<TurnEnd> {
      if (used) return { reason: 'failed', detail: `${name} has ended. Start a new session to run it again.` }
      used = true
      const result = await ports.propose({
        kind: 'command',
        argv,
        script: null,
        cwd: null,
        escalation: null,
        timeoutMs: 0,
        yieldMs: null,
        says: null,
        interactive: true,
      })
      switch (result.status) {
        case 'interrupted':
          return { reason: 'interrupted' }
        case 'failed':
          return { reason: 'failed', detail: `${name} could not be started: ${result.why}` }
        case 'refused':
          return { reason: 'failed', detail: result.note ?? `${name} was not started.` }
        case 'ran':
        case 'running':
        case 'granted':
          return { reason: 'done' }
      }
    },
    dispose: async () => {},
  }
}
