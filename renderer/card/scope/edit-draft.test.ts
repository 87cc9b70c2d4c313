import { expect, test } from 'vitest'
import type { RuleDraft, TokenPattern } from '../../../protocol/rule-draft.ts'
import {
  addExample,
  addText,
  addToken,
  exceptionsAdded,
  folderAbove,
  fromWords,
  isBlank,
  removeExample,
  removeText,
  removeToken,
  sampleOf,
  setFixed,
  setOpenEnd,
  setPath,
  setTokenKind,
  tokensOf,
} from './edit-draft.ts'

const fixed = (text: string): TokenPattern => ({ kind: 'fixed', text })
const draft = (...tokens: TokenPattern[]): RuleDraft => ({
  decision: 'allow',
  subject: { kind: 'command', tokens, openEnd: false },
  where: '/w',
  runs: 'sandbox',
  endsAtMs: null,
  note: null,
  match: [],
  notMatch: [],
})
const push = draft(fixed('git'), fixed('push'), fixed('fix/retry'))
const write: RuleDraft = { ...push, subject: { kind: 'write', path: '/home/dana/.cache/a' } }

test('a token keeps its word on the way from fixed to one of and back', () => {
  const oneOf = setTokenKind(push, 2, 'oneOf', '')
  expect(tokensOf(oneOf)[2]).toEqual({ kind: 'oneOf', texts: ['fix/retry'] })
  expect(tokensOf(setTokenKind(oneOf, 2, 'fixed', ''))[2]).toEqual(fixed('fix/retry'))
})

test('a free token that is fixed again takes the word of the command it was made from', () => {
  const free = setTokenKind(push, 2, 'any', '')
  expect(tokensOf(free)[2]).toEqual({ kind: 'any', except: [] })
  expect(tokensOf(setTokenKind(free, 2, 'fixed', 'fix/retry'))[2]).toEqual(fixed('fix/retry'))
})

test('choosing the kind a token has keeps what it says', () => {
  const free = addText(setTokenKind(push, 2, 'any', ''), 2, 'main')
  expect(setTokenKind(free, 2, 'any', 'x')).toEqual(free)
})

test('the last word of a one-of token stays; exceptions may all go', () => {
  const oneOf = setTokenKind(push, 2, 'oneOf', '')
  expect(removeText(oneOf, 2, 'fix/retry')).toEqual(oneOf)
  const free = addText(setTokenKind(push, 2, 'any', ''), 2, 'main')
  expect(tokensOf(removeText(free, 2, 'main'))[2]).toEqual({ kind: 'any', except: [] })
})

test('nothing is listed twice, and nothing empty is', () => {
  const free = setTokenKind(push, 2, 'any', '')
  const twice = ['main', 'main', ''].reduce((now, text) => addText(now, 2, text), free)
  expect(tokensOf(twice)[2]).toEqual({ kind: 'any', except: ['main'] })
})

test('tokens join at the end, and one always stays', () => {
  expect(tokensOf(addToken(push, '--tags'))).toHaveLength(4)
  const one = draft(fixed('make'))
  expect(removeToken(one, 0)).toEqual(one)
  expect(tokensOf(removeToken(push, 1))).toEqual([fixed('git'), fixed('fix/retry')])
})

test('a place that is not there changes nothing', () => {
  expect(setFixed(push, 9, 'x')).toEqual(push)
  expect(setTokenKind(push, -1, 'any', 'x')).toEqual(push)
})

test('a rule about a path has no tokens to edit and cannot be opened at its end', () => {
  expect(tokensOf(write)).toEqual([])
  expect([addToken(write, 'x'), setOpenEnd(write, true), addText(write, 0, 'x')]).toEqual([
    write,
    write,
    write,
  ])
})

test('beginning from a command closes the end again and makes it the first example', () => {
  const open = setOpenEnd(addExample(push, 'notMatch', ['git']), true)
  expect(fromWords(open, ['npm', 'test'])).toEqual({
    ...push,
    subject: { kind: 'command', tokens: [fixed('npm'), fixed('test')], openEnd: false },
    match: [['npm', 'test']],
  })
  expect(fromWords(push, [])).toBe(push)
})

test('a rule is blank until one of its tokens says something', () => {
  expect(isBlank(draft(fixed('')))).toBe(true)
  expect([isBlank(push), isBlank(setTokenKind(draft(fixed('')), 0, 'any', '')), isBlank(write)]).toEqual([
    false,
    false,
    false,
  ])
})

test('an example stands on one side only and once', () => {
  const must = addExample(push, 'match', ['git', 'push'])
  expect(addExample(must, 'match', ['git', 'push']).match).toHaveLength(1)
  const not = addExample(must, 'notMatch', ['git', 'push'])
  expect([not.match, not.notMatch]).toEqual([[], [['git', 'push']]])
  expect(removeExample(not, 'notMatch', ['git', 'push']).notMatch).toEqual([])
})

test('examples with the same text in other words are others', () => {
  const one = addExample(push, 'match', ['git', 'push x'])
  expect(addExample(one, 'match', ['git', 'push', 'x']).match).toHaveLength(2)
})

test('the line beside the exclude button names only what is new', () => {
  const before = addText(setTokenKind(push, 2, 'any', ''), 2, 'main')
  const after = addText(addText(before, 2, 'hotfix'), 2, 'tmp-*')
  expect(exceptionsAdded(before, after)).toEqual(['hotfix', 'tmp-*'])
  expect(exceptionsAdded(push, after)).toEqual(['main', 'hotfix', 'tmp-*'])
})

test('a freed token finds its word in the question, or in an example that is long enough', () => {
  expect(sampleOf(push, ['git', 'push', 'a'])).toEqual(['git', 'push', 'a'])
  const withExample = addExample(push, 'match', ['git', 'push', 'b'])
  expect(sampleOf(withExample, [])).toEqual(['git', 'push', 'b'])
})

test.each([
  ['/home/dana/.cache/a', '/home/dana/.cache'],
  ['/home/dana/.cache/', '/home/dana'],
  ['/home', null],
  ['/', null],
  ['', null],
  ['C:\\Users', null],
  ['C:\\Users\\dana', 'C:\\Users'],
])('the folder above %s is %s', (path, above) => {
  expect(folderAbove(path)).toBe(above)
  expect(setPath(push, path).subject).toEqual({ kind: 'write', path })
})
