/** Valid lines, one of each kind. */
export declare const seeds: readonly string[]
/** Gives `count` mutated lines to the launcher's readers. @returns what happened, in one line; throws on a crash */
export declare function fuzz(count: number, number: number): string
