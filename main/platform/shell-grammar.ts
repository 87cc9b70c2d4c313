import { access, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Language, Parser, Query } from 'web-tree-sitter'

/** What the bash grammar sees in a script: enough to compare with another reading, nothing to keep alive. */
export type ShellTree = {
  /** The text of every program name, as written, in order; also inside substitutions. */
  readonly programs: readonly string[]
  /** Some of it does not follow the grammar; `programs` is empty then. */
  readonly hasError: boolean
}

/** The bash grammar, ready to use. */
export type ShellGrammar = {
  /** null: longer than `maxLength`, with a NUL, or not read within the limits. Synchronous; never throws. */
  readonly parse: (script: string) => ShellTree | null
}

/** Longer scripts are not read, in UTF-16 code units. */
export const maxLength = 20_000
/**
 * Steps bound ordinary scripts and give the same answer each time; processor time bounds what steps do not see.
 * Not the clock: a busy machine is no reason to ask.
 */
const maxSteps = 400
const maxMs = 30

/** Thrown when the grammar is not there or does not fit the reader. Without it, every shell script asks. */
export class ShellGrammarMissing extends Error {
  override readonly name = 'ShellGrammarMissing'
}

let loading: Promise<ShellGrammar> | null = null

/**
 * Loads the bash grammar (WebAssembly), once per process.
 *
 * The two files lie beside the running bundle, or one folder above when it was split into chunks; in a checkout
 * they come from their packages.
 *
 * @throws ShellGrammarMissing with the file that was looked for; a later call tries again
 */
export function loadShellGrammar(): Promise<ShellGrammar> {
  loading ??= load().catch((cause: unknown) => {
    loading = null
    throw cause
  })
  return loading
}

async function load(): Promise<ShellGrammar> {
  const runtime = await find('web-tree-sitter.wasm', 'web-tree-sitter/web-tree-sitter.wasm')
  const bash = await find('tree-sitter-bash.wasm', 'tree-sitter-bash/tree-sitter-bash.wasm')
  try {
    await Parser.init({ wasmBinary: await readFile(runtime) })
    const language = await Language.load(await readFile(bash))
    return grammarOf(language)
  } catch (cause) {
    throw new ShellGrammarMissing(
      `${bash} could not be loaded: ${String(cause)}. Install Gatehouse again; until then, every shell script asks.`,
      { cause },
    )
  }
}

async function find(name: string, inPackages: string): Promise<string> {
  const tried = ['./', '../'].map((folder) => fileURLToPath(new URL(folder + name, import.meta.url)))
  try {
    tried.push(createRequire(import.meta.url).resolve(inPackages))
  } catch {
    // a packaged app has no packages; the message below names what was tried
  }
  for (const file of tried) {
    const there = await access(file).then(
      () => true,
      () => false,
    )
    if (there) return file
  }
  throw new ShellGrammarMissing(
    `${name} was not found at ${tried.join(' or ')}. Install Gatehouse again; until then, every shell script asks.`,
  )
}

function grammarOf(language: Language): ShellGrammar {
  const parser = new Parser()
  parser.setLanguage(language)
  const query = new Query(language, '(command_name) @program')

  const parse = (script: string): ShellTree | null => {
    // Its scanner looks at the rest again for each NUL, in one step that nothing can stop; no script holds one.
    if (script.length > maxLength || script.includes('\0')) return null
    const from = process.threadCpuUsage()
    let steps = 0
    let stopped = false
    const tooLong = () => {
      steps += 1
      stopped ||= steps > maxSteps || process.threadCpuUsage(from).user > maxMs * 1_000
      return stopped
    }
    try {
      const tree = parser.parse(script, null, { progressCallback: tooLong })
      if (tree === null) {
        parser.reset() // or the next script would go on where this one stopped
        return null
      }
      try {
        if (tree.rootNode.hasError) return { programs: [], hasError: true }
        const captures = query.captures(tree.rootNode, { progressCallback: tooLong })
        // A query that was stopped early has found less than there is.
        if (stopped) return null
        return { programs: captures.map(({ node }) => node.text), hasError: false }
      } finally {
        tree.delete()
      }
    } catch {
      parser.reset()
      return null
    }
  }
  parse('a | b') // the first call compiles, which takes longer than all later ones
  return { parse }
}
