import { parseTest } from './parse-expression.ts'
import { StarlarkProblem } from './starlark-problem.ts'
import type { Expression, Parameter } from './syntax.ts'
import { accept, ahead, endOfLast, expectKind, isSymbol, type TokenReader } from './token-reader.ts'

/** Parameters of a `def` or `lambda` up to, not including, `closing`. @throws StarlarkProblem */
export function parseParameters(
  reader: TokenReader,
  closing: string,
  annotated: boolean,
): readonly Parameter[] {
  const params: Parameter[] = []
  while (!isSymbol(ahead(reader), closing)) {
    params.push(parseParameter(reader, annotated))
    if (!accept(reader, ',')) break
  }
  checkParameters(params)
  return params
}

function parseParameter(reader: TokenReader, annotated: boolean): Parameter {
  const { from } = ahead(reader)
  const kind = accept(reader, '**')
    ? 'dict'
    : accept(reader, '*')
      ? 'list'
      : accept(reader, '/')
        ? 'slash'
        : 'normal'
  if (kind === 'slash' || (kind === 'list' && ahead(reader).kind !== 'name'))
    return {
      kind: kind === 'slash' ? 'slash' : 'barrier',
      name: '',
      fallback: null,
      annotation: null,
      from,
      to: endOfLast(reader),
    }
  const name = expectKind(reader, 'name', 'the name of a parameter').text
  const annotation: Expression | null = annotated && accept(reader, ':') ? parseTest(reader) : null
  const fallback = kind === 'normal' && accept(reader, '=') ? parseTest(reader) : null
  return { kind, name, fallback, annotation, from, to: endOfLast(reader) }
}

function checkParameters(params: readonly Parameter[]): void {
  const names = new Set<string>()
  let optional = false
  let stars = false
  let dicts = false
  for (const param of params) {
    const refuse = (message: string): never => {
      throw new StarlarkProblem('starlark-syntax', message, param.from)
    }
    if (dicts) refuse('Nothing can follow a ** parameter.')
    if (param.name !== '' && names.has(param.name)) refuse(`The parameter \`${param.name}\` stands twice.`)
    names.add(param.name)
    if (param.kind === 'list' || param.kind === 'barrier') {
      if (stars) refuse('Only one * parameter is possible.')
      stars = true
    } else if (param.kind === 'dict') {
      dicts = true
    } else if (param.kind === 'slash') {
      if (stars || param === params[0]) refuse('`/` stands behind parameters by position.')
    } else if (!stars) {
      if (optional && param.fallback === null)
        refuse(`\`${param.name}\` needs a value of its own, like the parameters before it.`)
      optional ||= param.fallback !== null
    }
  }
  const last = params.at(-1)
  if (last?.kind === 'barrier')
    throw new StarlarkProblem('starlark-syntax', 'A name must follow `*`.', last.from)
}
