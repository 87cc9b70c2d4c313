import { loadShellGrammar } from '../platform/shell-grammar.ts'
import type { CommandDecoder } from '../policy/shell/command-part.ts'
import { createDecoder } from '../policy/shell/decode-command.ts'

/** The decoder as the host makes it, with the real grammar. */
export const shellDecoder = async (): Promise<CommandDecoder> => createDecoder(await loadShellGrammar())
