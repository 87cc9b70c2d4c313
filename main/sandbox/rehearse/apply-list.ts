import type { RehearsedEntry } from './compare-copy.ts'
import { bytesOf, type RawPath } from './raw-path.ts'

/** One step of `launcher --apply`; `from` is read when its turn comes. */
export type Step =
  | { readonly verb: 'u' | 'r'; readonly path: RawPath }
  | { readonly verb: 'd' | 'm'; readonly path: RawPath; readonly mode: number }
  | { readonly verb: 'f'; readonly path: RawPath; readonly mode: number; readonly from: RawPath }
  | { readonly verb: 'l'; readonly path: RawPath; readonly target: RawPath }

/**
 * The steps that make rehearsed changes real, in an order in which each is possible: what is in the way goes first
 * (inner before outer), folders come before what is in them, and folders get their final mode last.
 */
export function applySteps(entries: readonly RehearsedEntry[]): Step[] {
  const removals: Step[] = []
  const folders: Step[] = []
  const contents: Step[] = []
  const modes: Step[] = []
  for (const { path, what, before, after, source, target } of entries) {
    const replaced = what === 'type' || (what === 'changed' && after?.kind === 'link')
    if (before && (what === 'deleted' || replaced)) {
      removals.push({ verb: before.kind === 'folder' ? 'r' : 'u', path })
    }
    if (!after || !source) continue
    if (what === 'mode') modes.push({ verb: 'm', path, mode: after.mode })
    else if (after.kind === 'folder') {
      folders.push({ verb: 'd', path, mode: after.mode | 0o700 })
      modes.push({ verb: 'm', path, mode: after.mode })
    } else if (after.kind === 'file') contents.push({ verb: 'f', path, mode: after.mode, from: source })
    else if (after.kind === 'link' && target !== null) contents.push({ verb: 'l', path, target })
  }
  return [...removals.toSorted(innerFirst), ...folders, ...contents, ...modes.toSorted(innerFirst)]
}

const depth = ({ path }: Step): number => path.split('/').length
const innerFirst = (a: Step, b: Step): number => depth(b) - depth(a)

/** The bytes of one record. @param content of a file; the target of a link stands in the step */
export function record(step: Step, content: Buffer | null): Buffer {
  const mode = 'mode' in step ? step.mode : 0
  const bytes = step.verb === 'l' ? bytesOf(step.target) : step.verb === 'f' ? content : null
  const head = `${step.verb} ${mode.toString(8)} ${bytes?.length ?? 0}\0`
  return Buffer.concat([Buffer.from(head), bytesOf(step.path), Buffer.from([0]), bytes ?? Buffer.alloc(0)])
}

export const lastRecord: Buffer = Buffer.from('. 0 0\0\0')
