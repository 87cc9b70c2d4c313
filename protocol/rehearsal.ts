import { z } from 'zod'
import { call, event } from './endpoint.ts'
import { ApprovalId } from './ids.ts'

/** What stands at a path: kind, permission bits and size in bytes. `other`: a pipe, socket or device. */
export const EntryFacts = z.object({
  kind: z.enum(['file', 'folder', 'link', 'other']),
  mode: z.int().min(0).max(0o7777),
  bytes: z.int().min(0),
})
export type EntryFacts = z.infer<typeof EntryFacts>

/** One path that a rehearsed command left different from the real one. */
export const RehearsedChange = z.object({
  /** Absolute. Bytes that are no text are spelled `\xff`. */
  path: z.string(),
  /** `type`: another kind of entry. `mode`: the same content with other permission bits. */
  what: z.enum(['added', 'changed', 'deleted', 'type', 'mode']),
  before: EntryFacts.nullable(),
  after: EntryFacts.nullable(),
  /** Where a link that was added or changed leads. */
  target: z.string().nullable(),
  /** Unified, without file names. null: no text, or too long to be compared for the screen. */
  diff: z.string().nullable(),
  added: z.int().min(0),
  removed: z.int().min(0),
  /** Who acts on it later and outside the boundary, such as "every new shell acts on it". Absent: nobody known. */
  runsLater: z.string().optional(),
})
export type RehearsedChange = z.infer<typeof RehearsedChange>

/** What a command did in a throwaway copy of the folders it may write to. */
export const Rehearsal = z.object({
  id: z.string().max(64),
  atMs: z.int(),
  durationMs: z.int().min(0),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  /** `timeUp` and `tooLarge`: it was ended there, so what is shown is only a beginning. */
  ended: z.enum(['itself', 'stopped', 'timeUp', 'tooLarge']),
  /** Last part of what it printed, plain text. */
  output: z.string(),
  outputBytes: z.int().min(0),
  /** All deletions, and of the rest as many as fit. */
  changes: z.array(RehearsedChange),
  counts: z.object({
    added: z.int(),
    changed: z.int(),
    deleted: z.int(),
  }),
  /** Changes beyond what `changes` can hold; never deletions. */
  leftOut: z.int().min(0),
  /** What the copy took on the disk. */
  bytes: z.int().min(0),
  /** Hosts the output names as not reached. */
  hosts: z.array(z.object({ host: z.string().nullable(), port: z.int().nullable() })),
  /** Connections that found no network, counted by the kernel. null: they could not be counted. */
  stoppedConnections: z.int().min(0).nullable(),
  /** What a rehearsal of this command cannot show, a sentence each. */
  notShown: z.array(z.string()),
  /** Why its changes cannot be applied as they are; null when they can. */
  applyProblem: z.string().nullable(),
})
export type Rehearsal = z.infer<typeof Rehearsal>

/** What stands in the session log: everything but the diffs, and lists that stay short enough for one line. */
export const RehearsalRecord = Rehearsal.omit({ changes: true }).extend({
  changes: z.array(RehearsedChange.omit({ diff: true })),
  /** sha256 (hex) over every change with its content, also of those that are left out here. */
  digest: z.string(),
})
export type RehearsalRecord = z.infer<typeof RehearsalRecord>

export const RehearsalState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('checking') }),
  /** Not here, or not this request, with the reason. */
  z.object({ state: z.literal('unavailable'), why: z.string() }),
  z.object({ state: z.literal('ready') }),
  z.object({ state: z.literal('running'), atMs: z.int(), limitMs: z.int() }),
  /** It could not be made; it may be tried again. */
  z.object({ state: z.literal('failed'), why: z.string() }),
  z.object({ state: z.literal('done'), rehearsal: Rehearsal }),
])
export type RehearsalState = z.infer<typeof RehearsalState>

const Outcome = z.discriminatedUnion('status', [
  z.object({ status: z.literal('done') }),
  z.object({ status: z.literal('refused'), why: z.string() }),
])

export const rehearsalContract = {
  'rehearsals/watch': event(z.object({ id: ApprovalId }), RehearsalState, RehearsalState),
  /** Runs the command of a waiting request in a throwaway copy. Grants and answers nothing. */
  'rehearsals/start': call(z.object({ id: ApprovalId, revision: z.int() }), Outcome),
  'rehearsals/stop': call(z.object({ id: ApprovalId }), Outcome),
  /** Throws the copy away; the request goes on waiting. */
  'rehearsals/discard': call(z.object({ id: ApprovalId }), Outcome),
  /**
   * Answers the request with "once", and then copies exactly the shown changes to the real folders instead of running
   * the command. Refused when a real file changed since.
   */
  'rehearsals/apply': call(
    z.object({
      id: ApprovalId,
      revision: z.int(),
      rehearsalId: z.string().max(64),
      echo: z.string().max(500).optional(),
      lookMs: z.int().min(0),
    }),
    Outcome,
  ),
}

/** "3 added, 1 changed, 2 deleted", or that nothing changed. */
export function countWords({ added, changed, deleted }: Rehearsal['counts']): string {
  const parts = [
    added > 0 ? `${added} added` : '',
    changed > 0 ? `${changed} changed` : '',
    deleted > 0 ? `${deleted} deleted` : '',
  ].filter((part) => part !== '')
  return parts.join(', ') || 'no file changed'
}
