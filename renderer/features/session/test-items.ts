import type { ActionItem, Item } from '../../../protocol/sessions.ts'
import type { FileDiff, Hunk } from '../../../protocol/workspace.ts'

/** Builders for tests: they name only what matters. Unchecked ids, so that tests stay readable. */
let next = 0
const id = (): string => {
  next += 1
  return `i${next}`
}

export function command(script: string, over: Partial<ActionItem> = {}): ActionItem {
  return {
    id: id(),
    turnId: 't1',
    atMs: 1000,
    type: 'action',
    actionId: 'a1',
    action: { kind: 'command', argv: ['bash', '-c', script], script, cwd: '/w', escalation: null },
    causedBy: null,
    verdict: {
      kind: 'run',
      origin: { kind: 'settings', sandboxMode: 'workspace-write', approvalPolicy: 'on-request' },
      justification: null,
    },
    approvalId: null,
    state: 'ran',
    allowedBy: 'sandbox',
    editedCommand: null,
    decision: null,
    unanswered: null,
    boundary: 'sandboxed',
    terminalId: null,
    exitCode: 0,
    durationMs: 1200,
    output: '',
    outputBytes: 0,
    violations: [],
    problem: null,
    ...over,
  } as ActionItem
}

export const item = (over: { readonly type: Item['type'] } & Record<string, unknown>): Item =>
  ({ id: id(), turnId: 't1', atMs: 1000, ...over }) as unknown as Item

/** A hunk from lines that start with ' ', '-' or '+', numbered from `from`. */
export function hunk(hunkId: string, from: number, lines: readonly string[], kept = false): Hunk {
  let oldNo = from
  let newNo = from
  return {
    id: hunkId,
    header: `@@ ${from} @@`,
    kept,
    lines: lines.map((line) => {
      const text = line.slice(1)
      if (line.startsWith('-')) return { kind: 'del', text, oldNo: oldNo++, newNo: null }
      if (line.startsWith('+')) return { kind: 'add', text, oldNo: null, newNo: newNo++ }
      return { kind: 'context', text, oldNo: oldNo++, newNo: newNo++ }
    }),
  }
}

export const file = (path: string, hunks: readonly Hunk[], over: Partial<FileDiff> = {}): FileDiff => ({
  path,
  fromPath: null,
  change: 'update',
  added: 1,
  removed: 1,
  binary: false,
  hunks: [...hunks],
  leftOut: 0,
  kept: false,
  ...over,
})
