/**
 * A command as an example line of a rules file: the same text is read in `*.rules` and in `gatehouse.toml`.
 * @param runs whether the rule beside it is to match
 */
export function asTest(words: readonly string[], runs: boolean): string {
  return `${runs ? 'match' : 'not_match'} = [[${words.map(quoted).join(', ')}]]`
}

/** Escapes that both Starlark and TOML read. */
const quoted = (word: string): string =>
  JSON.stringify(word).replace(/[\u007f-\u{10ffff}]/gu, (sign) => {
    const code = sign.codePointAt(0) ?? 0
    const hex = code.toString(16)
    return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
  })
