import { expect, test } from 'vitest'
import {
  assistantMessage,
  estimateTokens,
  type HistoryTurn,
  resultsOf,
  toolResult,
  userMessage,
} from './history.ts'
import type { Message } from './models.ts'
import { shortenHistory } from './shorten-history.ts'

const long = 'x'.repeat(3500)
let next = 0

/** A turn with so many steps, each with one long output. */
function turn(words: string, steps: number, output = long): HistoryTurn {
  const messages: Message[] = [userMessage(words)]
  for (let i = 0; i < steps; i++) {
    const id = `c${next++}`
    messages.push(assistantMessage([{ type: 'tool-call', toolCallId: id, toolName: 't', input: {} }]), {
      role: 'tool',
      content: [toolResult(id, 't', output, 'fine')],
    })
  }
  return messages
}
const done = (messages: HistoryTurn): HistoryTurn => [
  ...messages,
  assistantMessage([{ type: 'text', text: 'Done.' }]),
]

/** Every call is followed by its result, and nothing else is. */
function paired(turns: readonly HistoryTurn[]): boolean {
  const messages = turns.flat()
  return messages.every((message, i) => {
    const after = messages[i + 1]
    const calls =
      message.role === 'assistant'
        ? message.content.filter((part) => part.type === 'tool-call').map((part) => part.toolCallId)
        : []
    const results = after?.role === 'tool' ? resultsOf(after).map((part) => part.toolCallId) : []
    return JSON.stringify(calls) === JSON.stringify(results)
  })
}

test('what fits is left alone', () => {
  const turns = [done(turn('one', 1)), turn('two', 1)]
  expect(shortenHistory(turns, 100_000)).toEqual({ turns, leftOut: null })
})

test('old outputs go first, the latest one stays', () => {
  const turns = [done(turn('one', 2)), turn('two', 2)]
  const { turns: shorter, leftOut } = shortenHistory(turns, estimateTokens(turns) - 2500)

  expect(leftOut).toBe('3 tool outputs')
  expect(JSON.stringify(shorter[0])).toContain('3500 characters left out to save room')
  expect(JSON.stringify(shorter[1]).split(long)).toHaveLength(2)
  expect(paired(shorter)).toBe(true)
})

test('then whole turns go, with one line in their place', () => {
  const turns = [
    ...Array.from({ length: 30 }, (_, i) => done(turn(`Question ${i}.`, 3, 'short'))),
    turn('Last.', 1),
  ]
  const { turns: shorter, leftOut } = shortenHistory(turns, 2500)

  expect(leftOut).toMatch(/^\d+ earlier turns$/)
  expect(shorter[0]?.[0]).toMatchObject({
    role: 'user',
    content: [{ text: `[${leftOut} left out here to save room.]` }, {}],
  })
  expect(shorter.at(-1)?.at(-1)).toEqual(turns.at(-1)?.at(-1))
  expect(estimateTokens(shorter)).toBeLessThan(2600)
  expect(paired(shorter)).toBe(true)
})

test('then steps of the running turn go, calls with their results', () => {
  const { turns: shorter, leftOut } = shortenHistory([turn('Begin.', 60, 'short')], 2000)

  expect(leftOut).toMatch(/^\d+ earlier steps of this turn$/)
  expect(shorter).toHaveLength(1)
  expect(shorter[0]?.[0]).toMatchObject({ role: 'user', content: [{}, { text: 'Begin.' }] })
  expect(paired(shorter)).toBe(true)
})

test('last, the longest text is cut in the middle, visibly', () => {
  const { turns: shorter, leftOut } = shortenHistory(
    [[userMessage(`START ${'日'.repeat(20_000)} END`)]],
    1000,
  )

  expect(leftOut).toBe('the middle of 1 long text')
  expect(JSON.stringify(shorter)).toMatch(/START .*characters left out.* END/)
  expect(estimateTokens(shorter)).toBeLessThanOrEqual(1000)
})

test('notes do not pile up', () => {
  let turns: readonly HistoryTurn[] = [turn('0', 1, 'short')]
  for (let i = 1; i < 40; i++) {
    turns = [...turns.slice(0, -1), done(turns.at(-1) ?? []), turn(String(i), 2, 'short')]
    turns = shortenHistory(turns, 1200).turns
  }
  expect(JSON.stringify(turns).match(/left out here/g)).toHaveLength(1)
})

test('what cannot be shortened any more is left to the server', () => {
  const { turns: shorter } = shortenHistory([turn('Begin.', 1, 'short')], 1)
  expect(paired(shorter)).toBe(true)
})
