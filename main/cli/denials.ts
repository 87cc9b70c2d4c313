import type { HeldCall, Violation } from '../../protocol/sandbox.ts'

/** More different ones than this are counted, not listed. */
const maxListed = 500
/** What is kept of the end of an output, in bytes. */
const maxOutput = 64 * 1024

/** What the boundary stopped in one run, each kind once. */
export class Denials {
  readonly #counts = new Map<string, number>()
  /** Paths that a call was seen for, which says more than what a program prints about them. */
  readonly #seen = new Set<string>()
  #more = 0
  #output = Buffer.alloc(0)

  add({ kind, call, path, path2, exe, argv }: HeldCall): void {
    const other = path2 === null ? '' : ` ${path2}`
    // The program's path is the kernel's word; its arguments are its own and are left out.
    const program = exe ?? argv[0] ?? 'unknown program'
    this.#seen.add(path)
    this.#list(`${kind} ${path}${other} (${call}, ${program})`)
  }

  /** Keeps the end of what the program prints, for `output`. */
  addOutput(chunk: Uint8Array): void {
    this.#output = Buffer.concat([this.#output, chunk]).subarray(-maxOutput)
  }

  get output(): string {
    return this.#output.toString('utf8')
  }

  /** Told from the output: a connection, or a path where calls cannot be seen. */
  addViolation(violation: Violation): void {
    if (violation.kind === 'connect') {
      const { host, port } = violation
      this.#list(`connect ${host ?? 'somewhere'}${port === null ? '' : ` port ${port}`} (from its output)`)
    } else if (!this.#seen.has(violation.path))
      this.#list(`${violation.kind} ${violation.path} (from its output)`)
  }

  #list(text: string): void {
    const line = plain(text)
    const count = this.#counts.get(line)
    if (count === undefined && this.#counts.size >= maxListed) this.#more++
    else this.#counts.set(line, (count ?? 0) + 1)
  }

  /** @param up whether calls could be looked at at all */
  toText({ holds, why }: { readonly holds: boolean; readonly why: string | null }): string {
    const head = 'gatehouse sandbox: '
    if (!holds && this.#counts.size === 0)
      return `${head}what was stopped cannot be listed here${why ? `: ${plain(why)}` : ''}. The boundary held all the same.\n`
    if (this.#counts.size === 0) return `${head}nothing was stopped.\n`
    const lines = [...this.#counts].map(([line, count]) => `  ${line}${count > 1 ? ` × ${count}` : ''}\n`)
    const more = this.#more > 0 ? `  and ${this.#more} more\n` : ''
    return `${head}the boundary stopped:\n${lines.join('')}${more}`
  }
}

/** A path may hold anything; a terminal must not act on it. */
const plain = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`,
  )
