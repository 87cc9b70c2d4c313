/** Compiler flags that turn carelessness into errors; tests compile with the same. */
export declare const warnings: readonly string[]
/** Every file of the launcher, absolute. */
export declare const sources: readonly string[]
/** Builds the launcher when it is older than its source. `line` says what happened. */
export declare function buildLauncher(): { readonly ok: boolean; readonly line: string }
/** The same for tests, ending at the first undefined behaviour. */
export declare function buildSanitized(): {
  readonly ok: boolean
  readonly line: string
  readonly path: string
}
