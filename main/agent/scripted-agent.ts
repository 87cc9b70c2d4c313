import type { ActionResult, Agent, Proposal, TurnPorts } from './agent.ts'

/** What a script may do. Each step is real: only the words of the "model" are written beforehand. */
export type Stage = {
  readonly prompt: string
  readonly folder: string
  /** Writes a message as a model would, a few words at a time. */
  say(text: string): Promise<void>
  think(text: string): Promise<void>
  run(script: string, says?: string): Promise<ActionResult>
  edit(path: string, content: string | null, says?: string): Promise<ActionResult>
  propose(proposal: Proposal): Promise<ActionResult>
  /** Milliseconds of a model's thinking, scaled by the pace. */
  pause(ms: number): Promise<void>
}

export type Script = (stage: Stage) => Promise<void>

class Stopped extends Error {}

/**
 * An agent whose model is a script: the demo, the tests. A denial with stop, or an interrupt, ends the script
 * where it stands.
 *
 * @param pace 1 plays at a reading speed, 0 without any waiting
 */
export function createScriptedAgent(
  name: string,
  script: Script,
  pace: number,
  dispose: () => Promise<void> = async () => {},
): Agent {
  return {
    name,
    dispose,
    async runTurn(prompt, ports) {
      try {
        await script(stageOf(prompt, ports, pace))
        return { reason: 'done' }
      } catch (error) {
        if (error instanceof Stopped) return { reason: 'interrupted' }
        return { reason: 'failed', detail: error instanceof Error ? error.message : String(error) }
      }
    },
  }
}

function stageOf(prompt: string, ports: TurnPorts, pace: number): Stage {
  const pause = async (ms: number): Promise<void> => {
    if (pace > 0) await ports.wait(ms * pace)
    if (ports.signal.aborted) throw new Stopped()
  }
  const speak = async (voice: 'message' | 'thought', text: string): Promise<void> => {
    const message = ports.say(voice)
    try {
      for (const part of text.match(/\S+\s*/g) ?? []) {
        message.append(part)
        await pause(28)
      }
    } finally {
      await message.end()
    }
    await pause(500)
  }
  const propose = async (proposal: Proposal): Promise<ActionResult> => {
    const result = await ports.propose(proposal)
    if (result.status === 'interrupted' || (result.status === 'refused' && result.stop)) throw new Stopped()
    await pause(900)
    return result
  }
  return {
    prompt,
    folder: ports.folder,
    pause,
    propose,
    say: (text) => speak('message', text),
    think: (text) => speak('thought', text),
    run: (script, says) =>
      propose({
        kind: 'command',
        argv: null,
        script,
        cwd: null,
        escalation: null,
        timeoutMs: 120_000,
        yieldMs: null,
        says: says ?? null,
      }),
    edit: (path, content, says) => propose({ kind: 'edit', edits: [{ path, content }], says: says ?? null }),
  }
}
