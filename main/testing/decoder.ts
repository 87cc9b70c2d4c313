import { loadShellGrammar } from '../platform/shell-grammar.ts'
import { createDecoder } from '../policy/shell/decode-command.ts'

/** The real decoder over the real grammar. */
export const decode = createDecoder(await loadShellGrammar())
