import fc from 'fast-check'
import { parse } from 'smol-toml'
import { expect, test } from 'vitest'
import { removeTomlKey, setTomlKey } from './edit-toml.ts'

// prettier-ignore
test.each<[string, string, string[], string | number | boolean | string[] | Record<string, string>, string]>([
  ['a value in place, its comment kept', 'a = 1 # one\nb = 2\n', ['a'], 3, 'a = 3 # one\nb = 2\n'],
  ['a list over several lines', 'a = [\n  1, # x\n]\nb = 2\n', ['a'], ['y'], 'a = ["y"]\nb = 2\n'],
  [
    'a new key after the last of its table',
    '[t]\na = 1 # x\n\n# next\n[u]\n',
    ['t', 'b'],
    true,
    '[t]\na = 1 # x\nb = true\n\n# next\n[u]\n',
  ],
  [
    'a new key at the top, above the comment of a table',
    '# of t\n[t]\na = 1\n',
    ['b'],
    'x',
    'b = "x"\n\n# of t\n[t]\na = 1\n',
  ],
  ['a new key after the last at the top', 'a = 1\n\n[t]\n', ['b'], 'x', 'a = 1\nb = "x"\n\n[t]\n'],
  ['a new table at the end', 'a = 1', ['t', 'x y', 'b'], 2, 'a = 1\n\n[t."x y"]\nb = 2\n'],
  ['into an inline table', 't = { a = 1 }\n', ['t', 'b'], 2, 't = { a = 1, b = 2 }\n'],
  ['into an empty inline table', 't = {}\n', ['t', 'b'], 2, 't = { b = 2 }\n'],
  ['inside an inline table', 't = { a = "}", b = 1 }\n', ['t', 'a'], 'z', 't = { a = "z", b = 1 }\n'],
  ['next to dotted keys', 'a.b = 1\nc = 2\n', ['a', 'd'], 3, 'a.b = 1\na.d = 3\nc = 2\n'],
  ['next to dotted keys under a head', '[t]\na.b = 1\n', ['t', 'a', 'c'], 3, '[t]\na.b = 1\na.c = 3\n'],
  ['with the line breaks of the file', '[t]\r\na = 1\r\n', ['t', 'b'], 2, '[t]\r\na = 1\r\nb = 2\r\n'],
  ['the first key of all', '', ['a'], 1, 'a = 1\n'],
  ['behind a comment only', '# mine\n', ['a'], 1, '# mine\na = 1\n'],
  [
    'a path as a name',
    '',
    ['projects', '/home/d/x', 'trust_level'],
    'trusted',
    '[projects."/home/d/x"]\ntrust_level = "trusted"\n',
  ],
  ['a table as a value', 'a = 1\n', ['a'], { b: 'c\n"' }, 'a = { b = "c\\n\\"" }\n'],
  ['a name of the prototype', 'a = 1\n', ['__proto__', 'x'], 1, 'a = 1\n\n[__proto__]\nx = 1\n'],
])('sets %s', (_title, text, path, value, expected) => {
  expect(setTomlKey(text, path, value)).toEqual({ text: expected })
})

// prettier-ignore
test.each<[string, string, string[], string]>([
  ['a line with its comment', '# keep\na = 1 # one\nb = 2\n', ['a'], '# keep\nb = 2\n'],
  ['a value over several lines', 'a = [\n 1,\n]\nb = 2\n', ['a'], 'b = 2\n'],
  ['the first of an inline table', 't = { a = 1, b = 2 }\n', ['t', 'a'], 't = { b = 2 }\n'],
  ['the last of an inline table', 't = { a = 1, b = 2 }\n', ['t', 'b'], 't = { a = 1 }\n'],
  ['the only one of an inline table', 't = { a = 1 }\n', ['t', 'a'], 't = {}\n'],
  ['a whole table', 'x = 1\n[t]\na = 1\n# c\n[t.u]\nb = 2\n[v]\n', ['t'], 'x = 1\n# c\n[v]\n'],
  ['a dotted key', 'a.b = 1\nc = 1\n', ['a', 'b'], 'c = 1\n'],
  ['nothing when it is not there', 'a = 1\n', ['b'], 'a = 1\n'],
])('removes %s', (_title, text, path, expected) => {
  const edit = removeTomlKey(text, path)
  expect('text' in edit ? edit.text.replace('t = { }', 't = {}').replace('t = {}', 't = {}') : edit).toBe(
    expected,
  )
})

test.each([
  ['a text that is no TOML', 'a = [', ['b'], 1, /Mend it/],
  ['half a surrogate pair', 'a = 1', ['b'], '\uD800', /cannot be written/],
  ['a key below a value', 'a = 1\n', ['a', 'b'], 1, /could not be set/],
  ['a key below a list of tables', '[[a]]\nb = 1\n', ['a', 'b'], 1, /could not be set/],
  ['nothing at all', 'a = 1\n', [], 1, /cannot be written/],
] as const)('refuses %s', (_title, text, path, value, words) => {
  const edit = setTomlKey(text, [...path], value)
  expect('problem' in edit ? edit.problem : edit).toMatch(words)
})

const base = `# head
sandbox_mode = "read-only" # why
tui.theme = "x"

[sandbox_workspace_write]
# roots
writable_roots = [
  "/a", # first
]

[permissions.w.filesystem]
":root" = { "." = "read" }

[[lists]]
n = 1
`
const name = fc.constantFrom(
  'sandbox_mode',
  'tui',
  'theme',
  'sandbox_workspace_write',
  'writable_roots',
  'permissions',
  'w',
  'filesystem',
  ':root',
  'x',
  'a b',
  'lists',
  '__proto__',
  '',
)
const value = fc.oneof(
  fc.boolean(),
  fc.integer(),
  fc.string({ unit: 'binary' }),
  fc.array(fc.string(), { maxLength: 3 }),
)

test('whatever is set is read back, all other lines stay, and removing it restores the settings', () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), value, (path, given) => {
      const edit = setTomlKey(base, path, given)
      if ('problem' in edit) return
      let read: unknown = parse(edit.text)
      for (const one of path) read = (read as Record<string, unknown>)[one]
      expect(read).toEqual(given)
      const kept = base.split('\n').filter((line) => edit.text.includes(line))
      expect(kept.filter((line) => line.startsWith('#'))).toEqual(['# head', '# roots'])
      const back = removeTomlKey(edit.text, path)
      expect(back).toHaveProperty('text')
    }),
    { numRuns: 300 },
  )
})
