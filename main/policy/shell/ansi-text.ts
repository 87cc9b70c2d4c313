const single: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  E: '\u001b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
}
const coded = /x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|c[\s\S]/y

/**
 * Reads the inside of `$'…'`, as bash does.
 *
 * @param from behind the opening quote
 * @returns the text, and the place behind the closing quote; -1 when there is none
 */
export function ansiText(script: string, from: number): { readonly text: string; readonly end: number } {
  let text = ''
  let at = from
  while (at < script.length) {
    const c = script[at] as string
    if (c === "'") return { text, end: at + 1 }
    if (c !== '\\') {
      text += c
      at += 1
      continue
    }
    const next = script[at + 1] ?? ''
    coded.lastIndex = at + 1
    const code = coded.exec(script)?.[0]
    if (code === undefined) {
      text += Object.hasOwn(single, next) ? single[next] : `\\${next}`
      at += 2
    } else {
      text += letterOf(code)
      at += 1 + code.length
    }
  }
  return { text, end: -1 }
}

function letterOf(code: string): string {
  if (code.startsWith('c')) return String.fromCharCode(code.charCodeAt(1) & 31)
  const value = /^[xuU]/.test(code) ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8) & 255
  return value <= 0x10ffff ? String.fromCodePoint(value) : '\ufffd'
}
