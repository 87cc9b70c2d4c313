import { expect, test } from 'vitest'
import { factsOf, nextPass } from './session-facts.ts'
import { command, item } from './test-items.ts'

const words = item({ type: 'agent', voice: 'message', text: 'a', streaming: true })
const pass = (items: Parameters<typeof factsOf>[0]) => ({ items, facts: factsOf(items) })

test('words that stream in change no fact, so nothing is drawn again for them', () => {
  const before = pass([command('ls'), words])
  const action = before.items[0]
  if (!action) throw new Error('expected an item')
  expect(nextPass(before, [action, { ...words, text: 'ab' } as never])).toBe(before)
})

test('a changed action makes new facts, with the lines of all others kept', () => {
  const before = pass([command('one'), command('two', { state: 'running' })])
  const [one] = before.items
  if (!one) throw new Error('expected an item')
  const after = nextPass(before, [one, command('two')])
  expect(after).not.toBe(before)
  expect(after.facts.lines[1]).toBe(before.facts.lines[1])
})

test('queued messages, the held action and the first message of each turn are found', () => {
  const held = command('x', { state: 'held', approvalId: 'p1' as never })
  const facts = factsOf([
    item({ type: 'user', text: 'first', queued: false }),
    held,
    item({ type: 'user', text: 'later', queued: true, turnId: null }),
  ])
  expect(facts.queued).toEqual(['later'])
  expect(facts.heldItemId).toBe(held.id)
  expect([...facts.prompts]).toEqual([['t1', 'first']])
})
