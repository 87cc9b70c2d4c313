import { assignedIn } from '../starlark/check-names.ts'
import { parseModule } from '../starlark/parse-module.ts'
import { runStatements, type StarlarkRun, startRun } from '../starlark/run-module.ts'
import { limits, StarlarkProblem, tooMuch } from '../starlark/starlark-problem.ts'
import type { Statement } from '../starlark/syntax.ts'
import { positionsIn } from '../starlark/text-position.ts'
import { tokenise } from '../starlark/tokenise.ts'
import { checkExamples, type HostPaths, hostPaths } from './check-examples.ts'
import type {
  BrokenFile,
  HostExecutable,
  NetworkRule,
  PrefixRule,
  RulePlace,
  RuleProblem,
  RuleSet,
  TextRange,
} from './rule.ts'
import { type PrefixCall, type RuleCalls, ruleFunctions } from './rule-functions.ts'
import { splitStatements } from './split-statements.ts'
import { suspectsIn } from './suspects.ts'

/** A `*.rules` file: its path as it is to be shown, and its text. */
export type RulesText = { readonly file: string; readonly text: string }

/** One file as read: what it calls, and what is wrong with it. */
type Reading = {
  readonly calls: RuleCalls
  readonly problems: readonly StarlarkProblem[]
  /** null: the file is fine. */
  readonly broken: { readonly suspects: ReadonlySet<string> | null } | null
}

/**
 * Reads `*.rules` files in order, as Codex does, examples included. Never throws.
 *
 * A file with any problem fails closed, where Codex drops all rules: its allow rules do not count, its prompt and
 * forbidden rules that can be read on their own do, and programs its broken statements may be about are noted.
 */
export function parseRules(files: readonly RulesText[]): RuleSet {
  const prefix: PrefixRule[] = []
  const hostExecutables: HostExecutable[] = []
  const network: NetworkRule[] = []
  const broken: BrokenFile[] = []
  const problems: RuleProblem[] = []
  for (const { file, text } of files) {
    const { calls, ...reading } = readFile(text, hostExecutables)
    const placeOf = placesIn(file, text)
    problems.push(...reading.problems.map((problem) => describe(problem, placeOf(problem.at))))
    if (reading.broken) broken.push({ file, suspects: reading.broken.suspects })
    const counts = (decision: string): boolean => reading.broken === null || decision !== 'allow'
    for (const call of calls.prefix)
      if (counts(call.decision)) prefix.push(...prefixRules(call, placeOf(call.range.from)))
    for (const host of calls.hosts)
      hostExecutables.push({
        kind: 'hostExecutable',
        ...host,
        place: placeOf(host.range.from),
        broken: reading.broken !== null,
      })
    for (const rule of calls.network)
      if (counts(rule.decision)) network.push({ kind: 'network', ...rule, place: placeOf(rule.range.from) })
  }
  return { prefix, hostExecutables, network, gatehouse: [], broken, problems }
}

function placesIn(file: string, text: string): (offset: number) => RulePlace {
  const positionOf = positionsIn(text)
  return (offset) => ({ file, ...positionOf(offset) })
}

function describe(problem: StarlarkProblem, place: RulePlace): RuleProblem {
  return {
    kind: problem.kind,
    message: `${place.file}:${place.line}:${place.column}: ${problem.message}`,
    place,
    example: problem.example,
  }
}

/** One rule per alternative of the program name; they share the rest of the pattern. */
function prefixRules(call: PrefixCall, place: RulePlace): readonly PrefixRule[] {
  const [programs = [], ...rest] = call.pattern
  return programs.map((program) => ({
    kind: 'prefix',
    ...call,
    pattern: [[program], ...rest],
    place,
  }))
}

const noCalls = (): RuleCalls => ({ prefix: [], hosts: [], network: [] })

function readFile(text: string, before: readonly HostExecutable[]): Reading {
  const unreadable = unreadableText(text)
  if (unreadable) return { calls: noCalls(), problems: [unreadable], broken: { suspects: null } }
  const calls = noCalls()
  try {
    runStatements(startRun(ruleFunctions(calls)), parseModule(tokenise(text)))
    const hosts = hostPaths([...before, ...calls.hosts])
    for (const call of calls.prefix) {
      const problem = checkExamples(call, hosts)
      if (problem) throw problem
    }
    return { calls, problems: [], broken: null }
  } catch (problem) {
    if (!(problem instanceof StarlarkProblem)) throw problem
    // Reading again would reach the limit again: what was called before it stays, and every command asks.
    if (problem.kind === 'starlark-limit') return { calls, problems: [problem], broken: { suspects: null } }
    return recover(text, problem, before)
  }
}

function unreadableText(text: string): StarlarkProblem | null {
  if (text.length > limits.text) return tooMuch('This rules file is too large', 0)
  const zero = text.indexOf('\0')
  return zero === -1
    ? null
    : new StarlarkProblem('unreadable', 'This is no text: it contains a zero byte. Every command asks.', zero)
}

/** With more broken pieces than this a file is given up: every command asks. */
const mostBroken = 100
const mostTold = 50

/** Reads a broken file piece by piece and keeps what works. */
function recover(text: string, first: StarlarkProblem, before: readonly HostExecutable[]): Reading {
  const calls = noCalls()
  const run = startRun(ruleFunctions(calls))
  const problems = [first]
  const pieces: TextRange[] = []
  const names = new Set<string>()
  const told = new Set([`${first.at} ${first.kind}`])
  const note = (problem: StarlarkProblem, piece: TextRange): void => {
    pieces.push(piece)
    const key = `${problem.at} ${problem.kind}`
    if (!told.has(key)) problems.push(problem)
    told.add(key)
  }
  const reader = pieceReader(text, splitStatements(text))
  for (let piece = reader(); piece !== null && pieces.length <= mostBroken; piece = reader()) {
    const { statements, problem, range } = piece
    for (const name of assignedIn(statements)) names.add(name)
    const failed = problem ?? runPiece(run, statements)
    if (failed) note(failed, range)
  }
  const hosts: HostPaths = hostPaths([...before, ...calls.hosts])
  for (const call of calls.prefix) {
    const problem = checkExamples(call, hosts)
    if (problem) note(problem, call.range)
  }
  // A problem that no piece repeats is about the whole file, so no piece can be left out.
  const about = pieces.length === 0 ? [{ from: 0, to: text.length }] : pieces
  const suspects = pieces.length > mostBroken ? null : suspectsIn(text, about, names)
  return { calls, problems: problems.slice(0, mostTold), broken: { suspects } }
}

/** Runs one piece; names it was about to set are unset when it does not work, so nothing builds on them. */
function runPiece(run: StarlarkRun, statements: readonly Statement[]): StarlarkProblem | null {
  try {
    runStatements(run, statements)
    return null
  } catch (problem) {
    if (!(problem instanceof StarlarkProblem)) throw problem
    for (const name of assignedIn(statements)) run.globals.values.delete(name)
    return problem
  }
}

type Piece = {
  readonly range: TextRange
  readonly statements: readonly Statement[]
  readonly problem: StarlarkProblem | null
}

/** Joins at most this many pieces, and reads at most so many times the text while trying. */
const mostJoined = 40
const mostRead = 3

/** Gives the pieces one by one, those joined that a bracket or a long string holds together. */
function pieceReader(text: string, ranges: readonly TextRange[]): () => Piece | null {
  let next = 0
  let read = 0
  const parse = (range: TextRange): Piece => {
    read += range.to - range.from
    try {
      return { range, statements: parseModule(tokenise(text, range.from, range.to, 'blank')), problem: null }
    } catch (problem) {
      if (problem instanceof StarlarkProblem) return { range, statements: [], problem }
      throw problem
    }
  }
  return () => {
    const start = ranges[next]
    if (!start) return null
    next += 1
    const alone = parse(start)
    if (alone.problem === null || !isOpen(text, alone)) return alone
    for (let end = next; end < next + mostJoined && read < text.length * mostRead; end += 1) {
      const last = ranges[end]
      if (!last) break
      const joined = parse({ from: start.from, to: last.to })
      if (joined.problem === null) {
        next = end + 1
        return joined
      }
      if (!isOpen(text, joined)) break
    }
    return alone
  }
}

/** Whether a piece is cut off rather than wrong. */
function isOpen(text: string, { range, problem }: Piece): boolean {
  const piece = text.slice(range.from, range.to)
  return (problem?.at ?? 0) >= range.from + piece.trimEnd().length || /"""|'''/.test(piece)
}
