import { z } from 'zod'
import { call } from './endpoint.ts'
import { SessionId } from './ids.ts'
import { type ProbeKind, SandboxState } from './sandbox.ts'

/** What a walk through the workspace found that its boundary must know of. */
export const WorkspaceFound = z.object({
  /** Git folders and pointers deeper in the tree; kept read-only as the one at the top. */
  gitDirs: z.array(z.string()),
  /** Files here that have a second name elsewhere on this disk: a write to one changes the other. */
  hardLinks: z.array(
    z.object({
      /** Its names in the workspace. */
      inside: z.array(z.string()),
      /** How many names it has outside. */
      outside: z.int(),
    }),
  ),
  /** What is not listed because there was too much of it. */
  leftOut: z.int(),
  /** The walk ended before all was seen. */
  cut: z.enum(['files', 'time', 'stopped']).nullable(),
})
export type WorkspaceFound = z.infer<typeof WorkspaceFound>

/** What stands behind "verified" for one session, beyond the attempts themselves. */
export const SandboxFacts = z.object({
  backend: z.string(),
  version: z.string(),
  /** What the boundary lets through and keeps closed, one short line each. */
  profile: z.array(z.string()),
  /** What this machine cannot do for a session, and why. */
  missing: z.array(z.object({ what: z.string(), why: z.string() })),
  /** null: not looked at yet. */
  found: WorkspaceFound.nullable(),
})
export type SandboxFacts = z.infer<typeof SandboxFacts>

const Refused = z.object({ status: z.literal('refused'), why: z.string() })

export const sandboxProofContract = {
  'sandbox/facts': call(
    z.object({ sessionId: SessionId }),
    z.discriminatedUnion('status', [z.object({ status: z.literal('known'), facts: SandboxFacts }), Refused]),
  ),
  /** Tries everything again now. A frozen session goes on when all of it was stopped. */
  'sandbox/check': call(
    z.object({ sessionId: SessionId }),
    z.discriminatedUnion('status', [
      z.object({ status: z.literal('checked'), sandbox: SandboxState }),
      Refused,
    ]),
  ),
}

/** What it means that the container is the boundary, and what was shown and what not. */
export const containerWords = (container: string, attempts: number): string =>
  `The settings say so: commands run in this ${container === 'other' ? '' : `${container} `}container without a boundary of their own. Shown by ${attempts} attempts that were stopped: no new privileges, no capabilities, a filter of system calls. Not shown, because they are the container’s: what can be read, written and reached. Gatehouse’s own files can be changed by a command.`

/** What each kind of attempt is called, the same on every screen. */
export const probeWords: Readonly<Record<ProbeKind, string>> = {
  write: 'write outside the workspace',
  protected: 'write to a protected path',
  create: 'create a protected path',
  connect: 'connect to this machine',
  socket: 'reach a socket of the host',
  read: 'read a denied path',
  process: 'see a process of the host',
  remount: 'make the disk writable',
  namespace: 'open a new namespace',
  filter: 'make a filtered system call',
  held: 'write without being asked about',
}
