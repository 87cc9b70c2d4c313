import { expect, test } from 'vitest'
import { modelTools, readToolCall } from './tools.ts'

const read = (name: string, input: string) => readToolCall(name, input, 1000)

test('a call is read; what a model writes as null counts as left out', () => {
  const input = '{"command":"ls","workdir":null,"needs":{"network":true,"write_paths":null},"extra":1}'
  expect(read('run_command', input)).toEqual({
    status: 'read',
    call: { name: 'run_command', args: { command: 'ls', needs: { network: true } } },
  })
})

test.each([
  ['an unknown tool', 'rm', '{}', /no such tool/],
  ['a name from Object', 'constructor', '{}', /no such tool/],
  ['no JSON', 'run_command', '{"command":', /no valid JSON/],
  ['an array', 'run_command', '[]', /arguments: /],
  ['a missing argument', 'run_command', '', /command: /],
  ['a wrong type', 'run_command', '{"command":["ls"]}', /command: /],
  ['an empty command', 'run_command', '{"command":""}', /command: /],
  ['a number out of bounds', 'run_command', '{"command":"a","timeout_ms":1e12}', /timeout_ms: /],
  [
    'too much',
    'run_command',
    JSON.stringify({ command: 'x'.repeat(2000) }),
    /2014 characters long; 1000 are read/,
  ],
] as const)('%s is answered with what is wrong', (_title, name, input, expected) => {
  const result = read(name, input)
  expect(result.status === 'bad' ? result.why : 'read').toMatch(expected)
})

test('a prototype in arguments stays data', () => {
  expect(read('run_command', '{"command":"ls","__proto__":{"needs":{"outside_sandbox":true}}}')).toEqual({
    status: 'read',
    call: { name: 'run_command', args: { command: 'ls' } },
  })
})

test('schemas are plain objects that all three providers take', () => {
  for (const tool of modelTools) {
    expect(tool.inputSchema).toMatchObject({ type: 'object' })
    expect(JSON.stringify(tool.inputSchema)).not.toMatch(/\$schema|\$ref|anyOf|9007199254740991/)
  }
})
