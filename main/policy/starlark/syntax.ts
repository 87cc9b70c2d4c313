/** Half-open range of the text, in UTF-16 code units. */
type At = { readonly from: number; readonly to: number }

export type Literal = null | boolean | number | string

export type Clause =
  | { readonly kind: 'for'; readonly target: Expression; readonly over: Expression }
  | { readonly kind: 'if'; readonly test: Expression }

export type Argument = At & {
  readonly kind: 'positional' | 'named' | 'list' | 'dict'
  readonly name: string
  readonly value: Expression
}

/** `barrier` is a lone `*`: what follows is given by name only. */
export type Parameter = At & {
  readonly kind: 'normal' | 'list' | 'dict' | 'barrier' | 'slash'
  readonly name: string
  readonly fallback: Expression | null
  /** Names in it must exist; its meaning is not used. */
  readonly annotation: Expression | null
}

export type FStringPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string; readonly quoted: boolean }

export type Expression = At &
  (
    | { readonly kind: 'literal'; readonly value: Literal }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'fstring'; readonly parts: readonly FStringPart[] }
    | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
    | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
    | {
        readonly kind: 'comprehension'
        readonly key: Expression | null
        readonly element: Expression
        readonly clauses: readonly Clause[]
      }
    | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Argument[] }
    | { readonly kind: 'dot'; readonly object: Expression; readonly name: string }
    | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression }
    | {
        readonly kind: 'slice'
        readonly object: Expression
        readonly bounds: readonly [Expression | null, Expression | null, Expression | null]
      }
    | { readonly kind: 'unary'; readonly op: string; readonly operand: Expression }
    | {
        readonly kind: 'binary'
        readonly op: string
        readonly left: Expression
        readonly right: Expression
      }
    | {
        readonly kind: 'conditional'
        readonly test: Expression
        readonly yes: Expression
        readonly no: Expression
      }
    | { readonly kind: 'lambda'; readonly params: readonly Parameter[]; readonly body: Expression }
  )

export type Statement = At &
  (
    | { readonly kind: 'expression'; readonly value: Expression }
    | {
        readonly kind: 'assign'
        readonly target: Expression
        /** `+` for `+=`; null for `=`. */
        readonly op: string | null
        readonly annotation: Expression | null
        readonly value: Expression
      }
    | {
        readonly kind: 'def'
        readonly name: string
        readonly params: readonly Parameter[]
        readonly returns: Expression | null
        readonly body: readonly Statement[]
      }
    | {
        readonly kind: 'if'
        readonly branches: readonly { readonly test: Expression; readonly body: readonly Statement[] }[]
        readonly otherwise: readonly Statement[]
      }
    | {
        readonly kind: 'for'
        readonly target: Expression
        readonly over: Expression
        readonly body: readonly Statement[]
      }
    | { readonly kind: 'return'; readonly value: Expression | null }
    | { readonly kind: 'break' | 'continue' | 'pass' }
    | { readonly kind: 'load'; readonly module: string; readonly names: readonly string[] }
  )
