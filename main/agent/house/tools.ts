import { z } from 'zod'
import type { ModelTool } from './models.ts'

const path = (what: string) => z.string().min(1).max(4096).describe(what)
const relative = 'absolute, or relative to the working directory'
const writePaths = z
  .array(path(`A file or folder, ${relative}`))
  .max(20)
  .optional()

/** What the model may call, with what it is told about each. Bounds hold before anything is proposed. */
const schemas = {
  run_command: z.object({
    command: z.string().min(1).max(100_000).describe('A shell line, run with bash -c in a terminal'),
    workdir: path(`Where to run it, ${relative}`).optional(),
    timeout_ms: z
      .int()
      .min(1000)
      .max(3_600_000)
      .optional()
      .describe('After this it is stopped; 600000 if left out'),
    justification: z
      .string()
      .max(2000)
      .optional()
      .describe('Why, in one sentence, for the person who may be asked'),
    needs: z
      .object({
        write_paths: writePaths.describe('What becomes writable for this one run'),
        network: z.boolean().optional(),
        outside_sandbox: z.boolean().optional().describe('No sandbox at all; only when nothing smaller does'),
      })
      .optional()
      .describe('Only what the sandbox does not give; asks a person'),
  }),
  write_stdin: z.object({
    process_id: z.string().min(1).max(100),
    chars: z.string().max(10_000).describe('What to type, with \\n for Enter; empty only reads on'),
    wait_ms: z.int().min(0).max(60_000).optional().describe('How long to wait for output; 2000 if left out'),
  }),
  apply_patch: z.object({
    input: z
      .string()
      .min(1)
      .max(1024 * 1024)
      .describe(
        '*** Begin Patch, then sections "*** Add File: p" (each line with +), "*** Delete File: p", or "*** Update File: p" with optional "*** Move to: q" and hunks of lines that start with " ", "-" or "+", placed by "@@ line above"; then *** End Patch',
      ),
  }),
  read_file: z.object({
    path: path(`The file, ${relative}`),
    offset: z.int().min(1).max(10_000_000).optional().describe('First line, from 1'),
    limit: z.int().min(1).max(10_000).optional().describe('Lines at most; 2000 if left out'),
  }),
  list_files: z.object({
    path: path(`The folder, ${relative}`),
    depth: z.int().min(1).max(8).optional().describe('2 if left out'),
  }),
  search: z.object({
    pattern: z.string().min(1).max(1000).describe('A regular expression'),
    path: path(`Where, ${relative}; the working directory if left out`).optional(),
  }),
  request_permissions: z.object({
    write_paths: writePaths.describe('What should become writable for later commands'),
    network: z.boolean().optional(),
    reason: z.string().min(1).max(2000).describe('Why, in one sentence, for the person'),
  }),
}

const words: Record<ToolName, string> = {
  run_command: 'Runs a shell command in the sandbox and answers with its output and exit code.',
  write_stdin: 'Types into a running command, or waits for more of its output.',
  apply_patch: 'Changes files. All of the patch applies, or nothing does and the result says why.',
  read_file: 'Reads a text file.',
  list_files: 'Lists a folder.',
  search: 'Searches text in files.',
  request_permissions: 'Asks the person for more room in advance, when several commands will need it.',
}

export type ToolName = keyof typeof schemas
export type ToolCall = {
  readonly [N in ToolName]: { readonly name: N; readonly args: z.infer<(typeof schemas)[N]> }
}[ToolName]

export const toolNames = Object.keys(schemas) as ToolName[]

export const modelTools: readonly ModelTool[] = toolNames.map((name) => {
  const { $schema: _, ...inputSchema } = z.toJSONSchema(schemas[name], { io: 'input' })
  return {
    type: 'function',
    name,
    description: words[name],
    inputSchema: inputSchema as ModelTool['inputSchema'],
  }
})

export type ReadCall =
  | { readonly status: 'read'; readonly call: ToolCall }
  /** `why` is for the model. */
  | { readonly status: 'bad'; readonly why: string }

/** Reads a call as a model wrote it: hostile, cut or invented. */
export function readToolCall(name: string, input: string, maxChars: number): ReadCall {
  if (!Object.hasOwn(schemas, name)) {
    return { status: 'bad', why: `There is no such tool. The tools are: ${toolNames.join(', ')}.` }
  }
  if (input.length > maxChars) {
    return {
      status: 'bad',
      why: `The arguments are ${input.length} characters long; ${maxChars} are read. Split them.`,
    }
  }
  let args: unknown
  try {
    args = input.trim() === '' ? {} : JSON.parse(input)
  } catch {
    return { status: 'bad', why: 'The arguments are no valid JSON. Write them again as one JSON object.' }
  }
  const parsed = schemas[name as ToolName].safeParse(withoutNulls(args, 2))
  if (parsed.success) return { status: 'read', call: { name, args: parsed.data } as ToolCall }
  const issues = parsed.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`)
  return { status: 'bad', why: `The arguments do not fit. ${issues.join('; ').slice(0, 600)}` }
}

/** Many models write null for what they leave out. */
function withoutNulls(value: unknown, depth: number): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner, depth - 1)]),
  )
}
