import type { ActionResult, Proposal, TurnPorts } from '../agent/agent.ts'

type Answer = ActionResult | ((proposal: Proposal) => ActionResult | Promise<ActionResult>)

/** What a turn said to the person, in order. */
export type Said = { readonly voice: 'message' | 'thought'; text: string; ended: boolean }

/**
 * Stands in for pipeline and session: records what an agent does in its turns. Proposals are answered by
 * `answers`, by kind; a kind without an answer is an error of the test.
 */
export class FakeTurnPorts implements TurnPorts {
  readonly folder: string
  readonly proposals: Proposal[] = []
  readonly said: Said[] = []
  readonly notices: { level: string; title: string; detail: string }[] = []
  readonly waits: number[] = []
  readonly used: { inputTokens: number; outputTokens: number }[] = []
  /** Called for each piece of text: the place to interrupt from. */
  onText: (text: string) => void = () => {}
  #stop = new AbortController()
  readonly #answers: Partial<Record<Proposal['kind'], Answer>>

  constructor(answers: Partial<Record<Proposal['kind'], Answer>> = {}, folder = '/w') {
    this.#answers = answers
    this.folder = folder
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  interrupt(): void {
    this.#stop.abort()
  }

  /** A new turn after an interrupted one. */
  nextTurn(): void {
    this.#stop = new AbortController()
  }

  async propose(proposal: Proposal): Promise<ActionResult> {
    this.proposals.push(proposal)
    const answer = this.#answers[proposal.kind]
    if (!answer) throw new Error(`Nobody said what a proposal of kind ${proposal.kind} leads to.`)
    return typeof answer === 'function' ? answer(proposal) : answer
  }

  say(voice: 'message' | 'thought') {
    const line: Said = { voice, text: '', ended: false }
    this.said.push(line)
    return {
      append: (text: string) => {
        line.text += text
        this.onText(text)
      },
      end: async () => {
        line.ended = true
      },
    }
  }

  usage(tokens: { readonly inputTokens: number; readonly outputTokens: number }): void {
    this.used.push({ ...tokens })
  }

  async notice(level: 'info' | 'warning' | 'problem', title: string, detail: string): Promise<void> {
    this.notices.push({ level, title, detail })
  }

  /** Does not wait: tests read `waits` instead. */
  async wait(ms: number): Promise<void> {
    this.waits.push(ms)
  }

  /** Everything an agent let out, for tests that look for what must not be there. */
  everything(): string {
    return JSON.stringify([this.proposals, this.said, this.notices])
  }
}

export const ran = (
  output = '',
  more: Partial<Extract<ActionResult, { status: 'ran' }>> = {},
): ActionResult => ({
  status: 'ran',
  exitCode: 0,
  output,
  durationMs: 5,
  timedOut: false,
  violations: [],
  edited: null,
  ...more,
})
