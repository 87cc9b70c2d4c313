import { expect, test } from 'vitest'
import { createGuard } from './guard.ts'

function bench() {
  let now = 1000
  let due: { at: number; run: () => void }[] = []
  const guard = createGuard({ nowMs: () => now, later: (run, ms) => void due.push({ at: now + ms, run }) })
  let told = 0
  guard.subscribe(() => told++)
  return {
    guard,
    told: () => told,
    passes(ms: number) {
      now += ms
      const ready = due.filter(({ at }) => at <= now)
      due = due.filter(({ at }) => at > now)
      for (const { run } of ready) run()
    },
    down: (what: string) => guard.dispatch({ type: 'down', what, repeat: false, atMs: now }),
    up: (what: string) => guard.dispatch({ type: 'up', what, atMs: now }),
  }
}

test('a chosen card is armed at once; a new revision of it is not', () => {
  const { guard } = bench()
  const card = {}
  guard.enter(card, { key: 'r@1', byPerson: true, delayMs: 600 })
  expect(guard.armed(card)).toBe(true)
  guard.enter(card, { key: 'r@2', byPerson: true, delayMs: 600 })
  expect(guard.armed(card)).toBe(false)
})

test('whoever watches is told when a card becomes armed', () => {
  const { guard, told, passes } = bench()
  const card = {}
  guard.enter(card, { key: 'r@1', byPerson: false, delayMs: 600 })
  const before = told()
  passes(600)
  expect([guard.armed(card), told() > before]).toEqual([true, true])
})

test('one key-down answers one card, also when the next one is on screen at once', () => {
  const { guard, down, up } = bench()
  const [first, second] = [{}, {}]
  guard.enter(first, { key: 'a@1', byPerson: true, delayMs: 0 })
  down('KeyA')
  expect(guard.mayAnswer(first, 'KeyA', false)).toBe(true)
  guard.answered('KeyA')
  guard.enter(second, { key: 'b@1', byPerson: true, delayMs: 0 })
  expect(guard.mayAnswer(second, 'KeyA', false)).toBe(false)
  up('KeyA')
  down('KeyA')
  expect(guard.mayAnswer(second, 'KeyA', false)).toBe(true)
})

test('a card that left, or never came, answers nothing', () => {
  const { guard } = bench()
  const card = {}
  expect(guard.mayAnswer(card, 'KeyA', false)).toBe(false)
  guard.enter(card, { key: 'a@1', byPerson: true, delayMs: 0 })
  guard.leave(card)
  expect(guard.mayAnswer(card, 'KeyA', false)).toBe(false)
})
