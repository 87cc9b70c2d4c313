import type { Word } from '../shell/command-part.ts'
import type { RuleMatch } from './rule.ts'

export type DeniedHost = {
  readonly message: string
  readonly place: { readonly file: string; readonly line: number } | null
}

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
  /** The line that denies a host in so many words; null when none does. `port` null: not known. */
  deniedHost(host: string, port: number | null): DeniedHost | null
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
  deniedHost: () => null,
  restricts: false,
  managed: new Set(),
}
