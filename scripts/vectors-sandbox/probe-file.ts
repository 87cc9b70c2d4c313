import { z } from 'zod'

const Expected = z.object({
  /** What all attempts of the probe came to. `see-output`: no attempt is decided by a permission alone. */
  outcome: z.enum(['denied', 'allowed', 'mixed', 'see-output', 'sandbox-refused-to-start']),
  exit: z.int().nullable(),
  stdout: z.string(),
  stderr: z.string(),
})

/**
 * One attempt that the real Codex was given. `$ROOT` is a fresh folder with ws, out, home and tmpd in it; `$S` performs
 * one system call and says `OK` or `ERR ERRNO`.
 */
const Probe = z.object({
  id: z.string(),
  group: z.string(),
  mode: z.string(),
  /** Options of the sandbox command. */
  flags: z.array(z.string()),
  /** A script, or an argument list. */
  command: z.union([z.string(), z.array(z.string())]),
  /** A script that runs before, without a boundary. */
  setup: z.string().optional(),
  /** The person's settings file. */
  config_toml: z.string().optional(),
  /** `@ROOT@` and `@OUTPID@` stand for what the lab knows. */
  env: z.record(z.string(), z.string()).optional(),
  stdin: z.string().optional(),
  /** A script that runs afterwards, without a boundary. */
  after_check_command: z.string().optional(),
  after_check_output: z.string().optional(),
  expected: Expected,
})
export type Probe = z.infer<typeof Probe>

const ProbeFile = z.object({ probes: z.array(Probe) })

/** @throws when it is no file of probes */
export const readProbes = (json: unknown): readonly Probe[] => ProbeFile.parse(json).probes

/** What one run printed and left, with the lab's own folders put back to `$ROOT`. */
export type Ran = {
  /** The command was not run. */
  readonly refused: boolean
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  readonly after: string
}
