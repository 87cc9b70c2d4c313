import { expect, test } from 'vitest'
import { defaultPreferences } from '../../../protocol/app.ts'
import { AgentSpec } from '../../../protocol/sessions.ts'
import type { FolderFacts } from '../../../protocol/workspace.ts'
import { deniedReadsOf, initialSetup, pathProblem, readAgent, type Setup, withProvider } from './setup.ts'

const facts: FolderFacts = {
  path: '/w',
  git: null,
  brings: [],
  secrets: ['.env', 'ops/key.pem'],
  trusted: false,
  recommended: 'read-only',
  because: '',
  warnings: [],
}
const setup = (over: Partial<Setup> = {}): Setup => ({
  ...initialSetup(facts, defaultPreferences, false),
  ...over,
})
const house = { provider: 'anthropic', baseUrl: '', model: 'm', contextTokens: '200,000' } as const

test('the recommendation is chosen unless the person prefers another preset', () => {
  expect(setup().preset).toBe('read-only')
  expect(initialSetup(facts, { ...defaultPreferences, defaultPreset: 'auto' }, false).preset).toBe('auto')
})

test('secret files stay unreadable and nobody is vouched for until the person says so', () => {
  expect(setup()).toMatchObject({ keepSecretsUnread: true, trust: false })
  expect(deniedReadsOf(facts, true)).toEqual(['/w/.env', '/w/ops/key.pem'])
  expect(deniedReadsOf({ ...facts, path: '/' }, true)).toEqual(['/.env', '/ops/key.pem'])
  expect(deniedReadsOf(facts, false)).toEqual([])
})

// prettier-ignore
test.each([
  ['demo', setup({ agent: 'demo' })],
  ['house', setup({ agent: 'house', house })],
  [
    'a local server',
    setup({
      agent: 'house',
      house: { ...house, provider: 'openai-compatible', baseUrl: ' http://127.0.0.1:8080/v1 ' },
    }),
  ],
  ['terminal', setup({ agent: 'terminal', commandLine: `bash -c 'make | tee log'` })],
])('%s becomes a spec that the host accepts', (_title, chosen) => {
  const read = readAgent(chosen)
  expect(read.ok && AgentSpec.safeParse(read.agent).success).toBe(true)
})

// prettier-ignore
test.each([
  ['no model', { ...house, model: ' ' }, ['model']],
  ['an address without http', { ...house, baseUrl: 'localhost:8080' }, ['baseUrl']],
  ['an address of a script', { ...house, baseUrl: 'javascript:alert(1)' }, ['baseUrl']],
  ['a size that is no number', { ...house, contextTokens: 'lots' }, ['contextTokens']],
  ['a size that is too small', { ...house, contextTokens: '100' }, ['contextTokens']],
])('%s is named at its field', (_title, broken, fields) => {
  const read = readAgent(setup({ agent: 'house', house: broken }))
  expect(read.ok ? [] : Object.keys(read.problems)).toEqual(fields)
})

test('another provider keeps neither address nor model of the one before', () => {
  expect(withProvider(setup({ house }), 'google').house).toEqual({
    provider: 'google',
    baseUrl: '',
    model: '',
    contextTokens: '1000000',
  })
})

// prettier-ignore
test.each([
  ['/home/dana', true],
  ['C:\\src', true],
  ['~/src', false],
  ['src', false],
  ['', false],
  ['/a\0b', false],
  [`/${'a'.repeat(5000)}`, false],
])('%j can be opened: %s', (path, ok) => {
  expect(pathProblem(path) === null).toBe(ok)
})
