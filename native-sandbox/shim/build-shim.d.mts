/** Where the built shim lies. */
export const shim: string
/** Builds it unless it is newer than its source. */
export function buildShim(): { ok: boolean; line: string }
