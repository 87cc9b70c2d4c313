/** Characters that a shell passes on unchanged, so that a word made of them needs no quotes. */
const plain = /^[A-Za-z0-9_@%+=:,./-]+$/

/** One argument as it would have to be typed, so that two arguments never look like one. */
export const quoteArg = (arg: string): string => (plain.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)

/** One line for lists. Cards and details show arguments one by one instead. */
export const commandLine = (argv: readonly string[], script: string | null): string =>
  script ?? argv.map(quoteArg).join(' ')
