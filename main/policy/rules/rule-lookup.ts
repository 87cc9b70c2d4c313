import type { Word } from '../shell/command-part.ts'
import type { RuleMatch } from './rule.ts'

/** The rules of one folder at one moment, ready to be asked. */
export type RuleLookup = {
  /** Rules that apply to an argument list. */
  match(argv: readonly string[]): readonly RuleMatch[]
  /** Prompt and forbidden rules that may apply when some words are only known at run time. */
  mayMatch(words: readonly Word[]): readonly (RuleMatch & { readonly certain: boolean })[]
  /** The file that cannot be read in full and might speak of this program; null program: any. */
  brokenBy(program: Word): string | null
  /** Rules about writing an absolute path. */
  write(path: string): readonly RuleMatch[]
  /** Some rule asks or forbids, or a file is broken. */
  readonly restricts: boolean
  /** Files an administrator set. */
  readonly managed: ReadonlySet<string>
}

export const noLookup: RuleLookup = {
  match: () => [],
  mayMatch: () => [],
  brokenBy: () => null,
  write: () => [],
  restricts: false,
  managed: new Set(),
}
