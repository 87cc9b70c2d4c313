import { parseSync, Visitor } from 'vite'

/** `name` is null when it is computed, so that nobody can say what is imported. */
export type Import = { readonly name: string | null; readonly line: number }

type Node = { readonly type: string; readonly start: number }
type MaybeText = Node & { readonly value?: unknown }

const mocks = new Set(['mock', 'doMock', 'importActual', 'importMock'])

/**
 * Every way in which a file reaches another one: static and dynamic imports, `export … from`, types, `require`,
 * vitest's mocks, and workers named by `new URL(…, import.meta.url)`.
 *
 * @throws {Error} when the file cannot be parsed: what cannot be read has not been checked
 */
export function readImports(file: string, code: string): readonly Import[] {
  const { program, errors } = parseSync(file, code)
  if (errors[0]) throw new Error(`${file} cannot be parsed: ${errors[0].message}`)

  const found: Import[] = []
  const add = (node: MaybeText | null | undefined) => {
    if (!node) return
    const line = code.slice(0, node.start).split('\n').length
    found.push({ name: node.type === 'Literal' && typeof node.value === 'string' ? node.value : null, line })
  }
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    TSExternalModuleReference: (node) => add(node.expression),
    CallExpression: ({ callee, arguments: args }) => {
      if (callee.type === 'Identifier' && callee.name === 'require') add(args[0])
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      const on = callee.object.type === 'Identifier' ? callee.object.name : ''
      if (on === 'vi' && mocks.has(callee.property.name)) add(args[0])
    },
    NewExpression: ({ callee, arguments: args }) => {
      const first: MaybeText | undefined = args[0]
      const isModule = typeof first?.value === 'string' && /^\.{1,2}\/.*\.(ts|tsx|mjs|js)$/.test(first.value)
      if (callee.type === 'Identifier' && callee.name === 'URL' && isModule && args.length > 1) add(first)
    },
  }).visit(program)
  return found.toSorted((a, b) => a.line - b.line)
}
