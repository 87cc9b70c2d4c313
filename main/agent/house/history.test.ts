import { expect, test } from 'vitest'
import { assistantMessage, closedTurn, estimateTokens, toolResult, userMessage } from './history.ts'
import type { AssistantPart, Message } from './models.ts'

const call = (id: string): AssistantPart => ({ type: 'tool-call', toolCallId: id, toolName: 't', input: {} })
const text = (words: string): AssistantPart => ({ type: 'text', text: words })
const results = (...ids: string[]): Message => ({
  role: 'tool',
  content: ids.map((id) => toolResult(id, 't', 'out', 'fine')),
})

test('a whole turn stays as it is', () => {
  const turn = [userMessage('a'), assistantMessage([call('1')]), results('1'), assistantMessage([text('b')])]
  expect(closedTurn(turn, 'Stopped.')).toEqual(turn)
})

test('a turn without an answer gets one that says why', () => {
  expect(closedTurn([userMessage('a')], 'Stopped.')).toEqual([
    userMessage('a'),
    assistantMessage([text('[Stopped.]')]),
  ])
})

test('calls that were never answered get a result each', () => {
  expect(closedTurn([userMessage('a'), assistantMessage([call('1'), call('2')])], 'Stopped.')).toEqual([
    userMessage('a'),
    assistantMessage([call('1'), call('2')]),
    {
      role: 'tool',
      content: ['1', '2'].map((id) => toolResult(id, 't', 'No result: Stopped.', 'error')),
    },
    assistantMessage([text('[Stopped.]')]),
  ])
})

test('thoughts of a finished turn are dropped, but no message becomes empty', () => {
  const thought: AssistantPart = { type: 'reasoning', text: 'hm' }
  expect(closedTurn([userMessage('a'), assistantMessage([thought, text('b')])], '')).toEqual([
    userMessage('a'),
    assistantMessage([text('b')]),
  ])
  expect(closedTurn([userMessage('a'), assistantMessage([thought])], '')[1]).toEqual(
    assistantMessage([thought]),
  )
})

test('half a character never gets into a request', () => {
  expect(userMessage('a\uD83D')).toEqual(userMessage('a\uFFFD'))
})

test('tokens are estimated by bytes, so scripts with long characters count more', () => {
  expect(estimateTokens('日'.repeat(700))).toBeGreaterThanOrEqual(600)
  expect(estimateTokens('a'.repeat(700))).toBeGreaterThanOrEqual(200)
})
