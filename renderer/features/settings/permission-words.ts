import type { ConfigValue, Json, LayerInfo, LayerName, Notice } from '../../../protocol/config.ts'
import type { ConfigView } from '../../../protocol/policy.ts'
import type { Downgrade } from '../../../protocol/requirements.ts'
import { placeOf } from '../../state/policy-words.ts'

export const layerNames: Readonly<Record<LayerName, string>> = {
  builtin: 'Built in',
  system: 'System file',
  user: 'Your file',
  profile: 'Profile',
  folder: 'File of the folder',
  flags: 'Command line',
  managed: 'Managed',
}

export const layerStates: Readonly<Record<LayerInfo['state'], string>> = {
  read: 'in force',
  absent: 'not there',
  broken: 'not in force: it cannot be read in full',
  notTrusted: 'not in force: nobody vouched for this folder',
  disabled: 'not in force: switched off',
}

export const noticeLevels: Readonly<Record<Notice['level'], string>> = {
  problem: 'Problem',
  warning: 'Warning',
  info: 'Note',
}
const levelOrder: readonly Notice['level'][] = ['problem', 'warning', 'info']

/** Problems first; each told once, however many calls tell it. */
export function orderedNotices(...lists: readonly (readonly Notice[])[]): readonly Notice[] {
  const seen = new Map<string, Notice>()
  for (const notice of lists.flat()) {
    seen.set(JSON.stringify([notice.message, notice.place?.file, notice.place?.line]), notice)
  }
  return [...seen.values()].toSorted((a, b) => levelOrder.indexOf(a.level) - levelOrder.indexOf(b.level))
}

/** Problems in the older wording whose line no notice speaks of. */
export const unsaidProblems = (problems: readonly string[], notices: readonly Notice[]): readonly string[] =>
  problems.filter(
    (text) =>
      !notices.some(({ place }) => place !== null && text.startsWith(`${place.file}, line ${place.line}:`)),
  )

/** Deeper than any setting goes; what lies below is left out. */
const deepest = 8

/** A value as a person would write it: names without quotes, lists with commas, tables in braces. */
export function valueText(value: Json, depth = 0): string {
  if (depth > deepest) return '…'
  if (typeof value === 'string') return value === '' ? '""' : value
  if (Array.isArray(value)) {
    if (value.length === 0) return 'none'
    const list = value.map((each) => valueText(each, depth + 1)).join(', ')
    return depth === 0 ? list : `[${list}]`
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
    const pairs = entries.map(([key, each]) => `${key} = ${valueText(each, depth + 1)}`)
    return entries.length === 0 ? 'none' : `{ ${pairs.join(', ')} }`
  }
  return value === null ? 'not set' : String(value)
}

export type FiveFacts = {
  readonly chosen: string
  readonly allowed: string
  readonly inForce: string
  readonly setBy: { readonly name: string } | { readonly file: string; readonly line: number }
  /** What happens to the choice. */
  readonly kept: string
  readonly why: string | null
}

/** What was chosen, what is allowed, what is in force, who set it and where, and why: always all five. */
export function fiveFacts(downgrade: Downgrade): FiveFacts {
  return {
    chosen: valueText(downgrade.chosen),
    allowed: valueText(downgrade.allowed),
    inForce: valueText(downgrade.inForce),
    setBy: placeOf(downgrade.setBy) ?? { name: downgrade.setBy },
    kept: 'Your choice is kept and returns when it is permitted.',
    why: downgrade.reason === '' ? null : downgrade.reason,
  }
}

export type OwnChoice = {
  /** As it stands in the person's own file, or was lowered from there; null when it is not set there. */
  readonly own: Json | null
  readonly downgrade: Downgrade | null
  readonly value: ConfigValue | null
  /** A layer that is stronger than the person's own file decides. */
  readonly overriddenBy: ConfigValue['origin'] | null
}

const stronger: readonly LayerName[] = ['profile', 'folder', 'flags', 'managed']

/** One key of the person's own config.toml, and what became of it. */
export function ownChoice(view: ConfigView, key: string): OwnChoice {
  const downgrade = view.downgrades.find((each) => each.key === key) ?? null
  const value = view.values.find((each) => each.key === key) ?? null
  const isOwn = value?.origin.layer === 'user'
  const over = value !== null && stronger.includes(value.origin.layer) ? value.origin : null
  return {
    own: downgrade?.chosen ?? (isOwn ? value.value : null),
    downgrade,
    value,
    overriddenBy: downgrade === null ? over : null,
  }
}

/** A key is locked when administrators set it, or lowered what was chosen. */
export const isLocked = ({ key, origin }: ConfigValue, downgrades: readonly Downgrade[]): boolean =>
  origin.layer === 'managed' || downgrades.some((each) => each.key === key)
