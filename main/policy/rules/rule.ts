/** What a rule says about a command. Strictest wins: forbidden, then prompt, then allow. */
export type RuleDecision = 'allow' | 'prompt' | 'forbidden'

/** Line and column count from 1. `file` is the path as it was given to the reader. */
export type RulePlace = { readonly file: string; readonly line: number; readonly column: number }

/** Where a statement stands in its file, in UTF-16 code units: `text.slice(from, to)`. */
export type TextRange = { readonly from: number; readonly to: number }

/** `prefix_rule(...)` of a `*.rules` file, one per alternative of the program name. */
export type PrefixRule = {
  readonly kind: 'prefix'
  /** One list of alternatives per position, compared token by token from the start; case matters, no globs. */
  readonly pattern: readonly (readonly string[])[]
  readonly decision: RuleDecision
  readonly justification: string | null
  readonly match: readonly (readonly string[])[]
  readonly notMatch: readonly (readonly string[])[]
  readonly place: RulePlace
  /** The whole call; several rules share it when the first position has alternatives. */
  readonly range: TextRange
  /** Program names are compared without regard to case (`canonical_matching`). */
  readonly anyCase: boolean
}

/** `host_executable(name, paths)`: which files a bare program name of a rule stands for. */
export type HostExecutable = {
  readonly kind: 'hostExecutable'
  readonly name: string
  readonly paths: readonly string[]
  /** From a file that was not read in full: it narrows allow rules still, but never a prompt or forbidden one. */
  readonly broken: boolean
  readonly place: RulePlace
  readonly range: TextRange
}

/** `network_rule(...)`: one host. Never matches a command. */
export type NetworkRule = {
  readonly kind: 'network'
  readonly host: string
  readonly protocol: 'http' | 'https' | 'socks5_tcp' | 'socks5_udp'
  readonly decision: 'allow' | 'prompt' | 'deny'
  readonly justification: string | null
  readonly place: RulePlace
  readonly range: TextRange
}

/** One token of a Gatehouse rule. `except` holds globs (`release/*`), tried after the token matched. */
export type TokenPattern =
  | { readonly kind: 'fixed'; readonly text: string }
  | { readonly kind: 'oneOf'; readonly texts: readonly string[] }
  | { readonly kind: 'any'; readonly except: readonly string[] }

/**
 * A rule of `rules/gatehouse.toml`: what a person granted from a card. Closed at its end unless `openEnd`, so a
 * trailing `--force` never rides along.
 */
export type GatehouseRule = {
  readonly kind: 'gatehouse'
  readonly id: string
  readonly decision: RuleDecision
  readonly subject:
    | { readonly kind: 'command'; readonly tokens: readonly TokenPattern[]; readonly openEnd: boolean }
    /** An absolute file or folder that may be written. */
    | { readonly kind: 'write'; readonly path: string }
  /** An absolute folder: only for sessions in it or below it. null: everywhere. */
  readonly where: string | null
  /** `outside`: the grant the question asked for (see `grant`); `sandbox`: only answers "may it run". */
  readonly runs: 'sandbox' | 'asAsked'
  /** Unix time in milliseconds; null: until removed. */
  readonly endsAtMs: number | null
  readonly createdAtMs: number
  /** Why, in the person's words. */
  readonly note: string | null
  /** false: made from a card and not looked at in the Rules page since. */
  readonly reviewed: boolean
  readonly match: readonly (readonly string[])[]
  readonly notMatch: readonly (readonly string[])[]
  readonly place: RulePlace
  readonly range: TextRange
}

export type RuleErrorKind =
  | 'unreadable'
  | 'starlark-syntax'
  | 'starlark-undefined-name'
  | 'starlark-missing-parameter'
  | 'starlark-unknown-parameter'
  | 'starlark-wrong-type'
  | 'starlark-recursion'
  | 'starlark-fail'
  | 'starlark-load'
  | 'starlark-limit'
  | 'invalid-decision'
  | 'invalid-pattern-element'
  | 'invalid-example'
  | 'invalid-rule'
  | 'example-did-not-match'
  | 'example-did-match'
  | 'toml-syntax'
  | 'unknown-key'

/** What is wrong with a rules file: what, where, and what to do. */
export type RuleProblem = {
  readonly kind: RuleErrorKind
  readonly message: string
  readonly place: RulePlace
  /** The example that failed, word by word. */
  readonly example: readonly string[] | null
}

/**
 * What stays in force of a file that could not be read in full. None of its allow rules count; what could be
 * read of its prompt and forbidden rules does; a command whose program is named by a broken statement asks.
 */
export type BrokenFile = {
  readonly file: string
  /** Program names found in the part that could not be read; null: nothing could be told, every command asks. */
  readonly suspects: ReadonlySet<string> | null
}

export type RuleSet = {
  readonly prefix: readonly PrefixRule[]
  readonly hostExecutables: readonly HostExecutable[]
  readonly network: readonly NetworkRule[]
  readonly gatehouse: readonly GatehouseRule[]
  readonly broken: readonly BrokenFile[]
  readonly problems: readonly RuleProblem[]
}

export const noRules: RuleSet = {
  prefix: [],
  hostExecutables: [],
  network: [],
  gatehouse: [],
  broken: [],
  problems: [],
}

/** A rule that applies to one argument list. */
export type RuleMatch = {
  readonly rule: PrefixRule | GatehouseRule
  /** The tokens of the rule that matched, as the rule spells them. */
  readonly matchedPrefix: readonly string[]
  /** The full path that a bare name in the rule stood for, when that is how it matched. */
  readonly resolvedProgram: string | null
}
