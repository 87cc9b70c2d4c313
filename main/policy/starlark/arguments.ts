import { type CallArguments, list, type Machine, problem, spend, tuple, type Value } from './value.ts'

export type BoundParameter = {
  readonly name: string
  /** `list` collects what is left by position, `dict` by name. */
  readonly kind: 'normal' | 'list' | 'dict'
  /** undefined: must be given. */
  readonly fallback: Value | undefined
  readonly byPosition: boolean
  readonly byName: boolean
}

/** A parameter of a built-in function. */
export const parameter = (name: string, fallback?: Value): BoundParameter => ({
  name,
  kind: 'normal',
  fallback,
  byPosition: true,
  byName: true,
})

/**
 * Gives every parameter its value, in order. A missing one is told before one too many, as Codex does.
 * A parameter without value and without fallback that is optional gets undefined.
 *
 * @throws StarlarkProblem
 */
export function bind(
  machine: Machine,
  callee: string,
  params: readonly BoundParameter[],
  args: CallArguments,
): readonly Value[] {
  spend(machine, 2 * (params.length + args.positional.length + args.named.size))
  const values = new Map<string, Value>()
  const positional = params.filter((param) => param.kind === 'normal' && param.byPosition)
  for (const [at, value] of args.positional.entries()) {
    const param = positional[at]
    if (param) values.set(param.name, value)
  }
  const names = new Map(params.filter((p) => p.kind === 'normal' && p.byName).map((p) => [p.name, p]))
  const left: [string, Value][] = []
  for (const [name, value] of args.named) {
    if (!names.has(name)) left.push([name, value])
    else if (values.has(name))
      throw problem(machine, 'starlark-unknown-parameter', `\`${callee}\` gets \`${name}\` twice.`)
    else values.set(name, value)
  }
  const bound = params.map((param) => {
    if (param.kind === 'list') return tuple(machine, args.positional.slice(positional.length))
    if (param.kind === 'dict') return dictOf(left)
    const value = values.get(param.name)
    if (value !== undefined) return value
    if (param.fallback === undefined)
      throw problem(machine, 'starlark-missing-parameter', `\`${callee}\` needs \`${param.name}\`.`)
    return param.fallback
  })
  const extra = args.positional.length - positional.length
  if (extra > 0 && !params.some((param) => param.kind === 'list'))
    throw problem(
      machine,
      'starlark-unknown-parameter',
      `\`${callee}\` takes ${positional.length} values by position, not ${args.positional.length}.`,
    )
  const unknown = left[0]
  if (unknown && !params.some((param) => param.kind === 'dict'))
    throw problem(machine, 'starlark-unknown-parameter', `\`${callee}\` has no parameter \`${unknown[0]}\`.`)
  return bound
}

function dictOf(entries: readonly (readonly [string, Value])[]): Value {
  return {
    type: 'dict',
    entries: new Map(entries.map(([name, value]) => [`s${name}`, [name, value]])),
    walks: 0,
  }
}

/** Values by position of a built-in function that has no named parameters. @throws StarlarkProblem */
export function plainArguments(
  machine: Machine,
  callee: string,
  args: CallArguments,
  fewest: number,
  most: number,
): readonly Value[] {
  for (const name of args.named.keys())
    throw problem(machine, 'starlark-unknown-parameter', `\`${callee}\` has no parameter \`${name}\`.`)
  const count = args.positional.length
  if (count < fewest)
    throw problem(
      machine,
      'starlark-missing-parameter',
      `\`${callee}\` needs ${fewest} values, not ${count}.`,
    )
  if (count > most)
    throw problem(
      machine,
      'starlark-unknown-parameter',
      `\`${callee}\` takes ${most} values at most, not ${count}.`,
    )
  return args.positional
}

/** A list of strings as a value. */
export const textList = (machine: Machine, texts: readonly string[]): Value => list(machine, [...texts])
