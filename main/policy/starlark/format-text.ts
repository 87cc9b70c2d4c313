import { quote, show } from './compare.ts'
import { type CallArguments, type Machine, text, typeName, type Value, wrongType } from './value.ts'

/** `"%s and %r" % (a, b)`. @throws StarlarkProblem when values are missing, left over or of the wrong type */
export function formatPercent(machine: Machine, pattern: string, values: Value): string {
  const queue =
    values !== null && typeof values === 'object' && values.type === 'tuple' ? values.items : [values]
  let used = 0
  let result = ''
  for (const [piece] of pattern.matchAll(/%[^]?|[^%]+/g)) {
    if (!piece.startsWith('%')) result += piece
    else if (piece === '%%') result += '%'
    else {
      const value = queue[used]
      used += 1
      if (value === undefined) throw wrongType(machine, 'There are fewer values than % signs.')
      result += percent(machine, piece, value)
    }
    text(machine, result)
  }
  if (used < queue.length) throw wrongType(machine, 'There are more values than % signs.')
  return result
}

function percent(machine: Machine, piece: string, value: Value): string {
  if (piece === '%s') return show(machine, value)
  if (piece === '%r') return quote(machine, value)
  if (piece === '%d' && typeof value === 'number') return String(value)
  throw wrongType(machine, `\`${piece}\` does not work for a ${typeName(value)}.`)
}

/** `"{} {0} {name}".format(...)`. @throws StarlarkProblem */
export function formatBraces(machine: Machine, pattern: string, args: CallArguments): string {
  let next = 0
  let result = ''
  const piece = /\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*|[0-9]{0,3})(!r|!s)?\}|[{}]|[^{}]+/g
  for (const [whole, field, conversion] of pattern.matchAll(piece)) {
    if (field !== undefined) {
      const value = /^[0-9]*$/.test(field)
        ? args.positional[field === '' ? next++ : Number(field)]
        : args.named.get(field)
      if (value === undefined) throw wrongType(machine, `There is no value for \`{${field}}\`.`)
      result += conversion === '!r' ? quote(machine, value) : show(machine, value)
    } else if (whole === '{{' || whole === '}}') result += whole.charAt(0)
    else if (whole === '{' || whole === '}')
      throw wrongType(machine, 'A brace of this format has no partner.')
    else result += whole
    text(machine, result)
  }
  return result
}
