import type { Grant } from '../../protocol/action.ts'
import type { Violation } from '../../protocol/sandbox.ts'

/** What an agent wants to do. The pipeline makes an Action of it; nothing here is trusted. */
export type Proposal =
  | {
      readonly kind: 'command'
      /** Exactly what to start, or null when `script` is a shell line. */
      readonly argv: readonly string[] | null
      /** A shell line for bash -c. */
      readonly script: string | null
      /** Absolute, or relative to the folder; null for the folder itself. */
      readonly cwd: string | null
      /** Why it needs more than the sandbox gives, and how much. null: run it inside. */
      readonly escalation: { readonly grant: Grant; readonly reason: string | null } | null
      /** Milliseconds until it is stopped. */
      readonly timeoutMs: number
      /** Milliseconds after which a still running command is answered as `running`; null waits for its end. */
      readonly yieldMs: number | null
      /** The agent's own words for the card; quoted there. */
      readonly says: string | null
      /** The agent itself, in its own terminal: the person types into it, and its end ends the turn. */
      readonly interactive?: boolean
    }
  | {
      readonly kind: 'edit'
      /** Whole new contents; null deletes. Paths absolute or relative to the folder. */
      readonly edits: readonly { readonly path: string; readonly content: string | null }[]
      readonly says: string | null
    }
  | { readonly kind: 'input'; readonly processId: string; readonly text: string; readonly yieldMs: number }
  | { readonly kind: 'permissions'; readonly grant: Grant; readonly reason: string | null }
  /** Reads go through the sandbox too, so that what a command may not read, a tool may not either. */
  | { readonly kind: 'read'; readonly path: string; readonly maxBytes: number }
  | { readonly kind: 'list'; readonly path: string; readonly depth: number }
  | { readonly kind: 'search'; readonly pattern: string; readonly path: string; readonly maxHits: number }

export type ActionResult =
  | {
      readonly status: 'ran'
      readonly exitCode: number | null
      /**
       * Plain text, at most 64 KiB; the middle is cut with a line that says so. For `read` it is the file's exact
       * text, up to `maxBytes`.
       */
      readonly output: string
      readonly durationMs: number
      readonly timedOut: boolean
      /** What the sandbox was seen to stop and nobody granted. */
      readonly violations: readonly Violation[]
      /** The command line that ran instead, when the person changed it. */
      readonly edited: string | null
    }
  | { readonly status: 'running'; readonly processId: string; readonly output: string }
  | { readonly status: 'granted'; readonly grant: Grant; readonly until: string }
  | {
      readonly status: 'refused'
      readonly by: 'user' | 'policy'
      /** The person's words, or policy's reason. */
      readonly note: string | null
      /** The person ended the turn with this answer: propose nothing more. */
      readonly stop: boolean
      /** It ran inside the sandbox before the question came up, and this is what it printed. */
      readonly ranFirst?: { readonly exitCode: number | null; readonly output: string }
    }
  /** It could not be done; `why` is for the agent to read. */
  | { readonly status: 'failed'; readonly why: string }
  | { readonly status: 'interrupted' }

/** What an agent may use while a turn runs. */
export type TurnPorts = {
  readonly folder: string
  /** Aborted when the person interrupts, denies and stops, or ends the session. */
  readonly signal: AbortSignal
  propose(proposal: Proposal): Promise<ActionResult>
  /** Starts a message and answers how to go on with it; it is written to the log when ended. */
  say(voice: 'message' | 'thought'): { append(text: string): void; end(): Promise<void> }
  usage(tokens: { readonly inputTokens: number; readonly outputTokens: number }): void
  /** Tells the person something that is no message of the agent: a retry, a shortened history. */
  notice(level: 'info' | 'warning' | 'problem', title: string, detail: string): Promise<void>
  /** Resolves after `ms`, or at once when the turn is stopped. */
  wait(ms: number): Promise<void>
}

/** `failed` says in one sentence what went wrong and what to do; the session goes on with the next message. */
export type TurnEnd =
  | { readonly reason: 'done' }
  | { readonly reason: 'interrupted' }
  | { readonly reason: 'failed'; readonly detail: string }

/** A coding program we run and contain. Its words are data, never instructions to us. */
export type Agent = {
  readonly name: string
  /** Runs one turn to its end. Never throws: what goes wrong is a `failed` end. */
  runTurn(prompt: string, ports: TurnPorts): Promise<TurnEnd>
  dispose(): Promise<void>
}
