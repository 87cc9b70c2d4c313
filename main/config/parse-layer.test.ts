import fc from 'fast-check'
import { expect, test } from 'vitest'
import { effectiveConfig } from '../policy/settings/effective-config.ts'
import { parseFlags } from './parse-flags.ts'
import { parseLayer } from './parse-layer.ts'

const word = fc.constantFrom(
  'sandbox_mode',
  'approval_policy',
  'granular',
  'rules',
  'permissions',
  'p',
  'filesystem',
  'network',
  'default_permissions',
  'allowed_sandbox_modes',
  'allowed_approval_policies',
  'experimental_network',
  'domains',
  'mcp_servers',
  'identity',
  'command',
  'features',
  'projects',
  'profile',
  'profiles',
  '__proto__',
  'constructor',
  'toString',
  '"/w"',
  '":root"',
  "'a.b'",
  '""',
)
const scalar = fc.constantFrom(
  '"read-only"',
  '"danger-full-access"',
  '"never"',
  '":workspace"',
  '"p"',
  '"write"',
  '"allow"',
  '"\\u0000"',
  '"*"',
  'true',
  'false',
  '1',
  '-0.0',
  'inf',
  'nan',
  '1979-05-27',
  '07:32:00',
  '[]',
  '{}',
  '[[]]',
  '["read-only"]',
  '{ granular = { rules = true } }',
  '"""\n"""',
  '[1, "a", {}]',
  'x',
)
const path = fc.array(word, { minLength: 1, maxLength: 4 }).map((names) => names.join('.'))
const line = fc.oneof(
  fc.tuple(path, scalar).map(([key, value]) => `${key} = ${value}`),
  path.map((key) => `[${key}]`),
  path.map((key) => `[[${key}]]`),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const text = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'))

test('whatever the files and flags hold, there is an answer, and it is plain JSON', () => {
  fc.assert(
    fc.property(
      text,
      text,
      text,
      fc.array(fc.oneof(line, fc.string()), { maxLength: 3 }),
      (user, folder, limits, flags) => {
        const effective = effectiveConfig({
          layers: [
            parseLayer('user', '/h/config.toml', { state: 'text', text: user }),
            parseLayer('folder', '/w/.gatehouse/config.toml', { state: 'text', text: folder }),
            parseFlags(flags, '/w'),
          ],
          requirements: [parseLayer('managed', '/etc/requirements.toml', { state: 'text', text: limits })],
          cwd: '/w',
          gitRoot: null,
          home: null,
          tmpdir: null,
          hostName: null,
          trust: 'trusted',
          profile: null,
          session: {},
        })
        const { settings, requirementsInForce, ...shown } = effective
        expect(JSON.parse(JSON.stringify(shown)).effective.sandbox).toEqual(effective.effective.sandbox)
        const closed = requirementsInForce.broken || effective.layers.some(({ state }) => state === 'broken')
        if (closed) expect([settings.permissions.mode, effective.ok]).toEqual(['read-only', false])
      },
    ),
    { numRuns: 300 },
  )
})

test.each<[string, readonly string[], unknown]>([
  ['a dotted key', ['a.b=1'], { a: { b: 1 } }],
  [
    'a name with dots in quotes',
    ['projects."/a.b".trust_level=trusted'],
    { projects: { '/a.b': { trust_level: 'trusted' } } },
  ],
  ['a word', ['a=never'], { a: 'never' }],
  ['a text in quotes', [`a='x y'`], { a: 'x y' }],
  ['a table', ['a={ b = ["c"] }'], { a: { b: ['c'] } }],
  ['the last of two', ['a.b=1', 'a.b=2', 'a.c=3'], { a: { b: 2, c: 3 } }],
  ['a value with an equals sign', ['a=b=c'], { a: 'b=c' }],
  ['a name of the prototype', ['__proto__.x=1'], { ['__proto__']: { x: 1 } }],
])('%s given as a flag', (_title, flags, expected) => {
  expect(JSON.stringify(parseFlags(flags, '/w').table)).toBe(JSON.stringify(expected))
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})
