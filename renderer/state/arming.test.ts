import { expect, test } from 'vitest'
import { type Arming, type ArmingEvent, arm, disarmed, mayAnswer } from './arming.ts'

const after = (...events: ArmingEvent[]): Arming => events.reduce(arm, disarmed)
const current = (atMs: number, byPerson = false, delayMs = 600, key = 'r-1@1'): ArmingEvent => ({
  type: 'current',
  key,
  byPerson,
  delayMs,
  atMs,
})
const down = (what: string, atMs: number, repeat = false): ArmingEvent => ({
  type: 'down',
  what,
  repeat,
  atMs,
})
const up = (what: string, atMs: number): ArmingEvent => ({ type: 'up', what, atMs })
const press = (state: Arming, what: string, atMs: number, repeat = false): boolean =>
  mayAnswer(arm(state, down(what, atMs, repeat)), what, { repeat, atMs })

test('a card that came up by itself ignores keys for its delay, then takes them', () => {
  const state = after(current(0))
  expect(press(state, 'KeyA', 599)).toBe(false)
  expect(press(state, 'KeyA', 600)).toBe(true)
})

test('every absorbed key starts the delay again', () => {
  const state = after(current(0), down('KeyX', 500), up('KeyX', 520))
  expect(press(state, 'KeyA', 700)).toBe(false)
  expect(press(state, 'KeyA', 1100)).toBe(true)
})

test('a key or button held since before keeps the card inert for as long as it is down', () => {
  const held = after(down('KeyJ', 0), current(10))
  expect(press(held, 'KeyA', 5000)).toBe(false)
  expect(press(arm(held, up('KeyJ', 5000)), 'KeyA', 5001)).toBe(true)
  expect(press(after(current(0), down('Pointer0', 700)), 'KeyA', 800)).toBe(false)
})

test('modifiers do not count as held', () => {
  expect(press(after(current(0), down('ControlLeft', 700)), 'Enter', 800)).toBe(true)
})

test('a card the person chose takes keys at once', () => {
  expect(press(after(current(0, true)), 'KeyA', 1)).toBe(true)
})

test('another revision of the same card is armed anew', () => {
  const state = after(current(0, true), current(5000, false, 600, 'r-1@2'))
  expect(press(state, 'KeyA', 5100)).toBe(false)
  expect(press(after(current(0, true), current(5000)), 'KeyA', 5100)).toBe(true)
})

test('a repeating key answers nothing', () => {
  expect(press(after(current(0, true)), 'KeyA', 1000, true)).toBe(false)
})

test('one key-down answers at most one card', () => {
  const answered = after(current(0, true), down('KeyA', 10), { type: 'answered', what: 'KeyA' })
  const next = arm(answered, current(20, true, 0, 'r-2@1'))
  expect(mayAnswer(next, 'KeyA', { repeat: false, atMs: 900 })).toBe(false)
  expect(press(arm(next, up('KeyA', 1000)), 'KeyA', 1100)).toBe(true)
})

test('a click answers and leaves nothing behind that blocks the next click', () => {
  const clicked = after(current(0, true), down('Pointer0', 10), up('Pointer0', 20))
  expect(mayAnswer(clicked, 'Enter', { repeat: false, atMs: 21 })).toBe(true)
  const answered = arm(clicked, { type: 'answered', what: 'Enter' })
  const next = arm(answered, current(900, false, 600, 'r-2@1'))
  expect(mayAnswer(next, 'Enter', { repeat: false, atMs: 1600 })).toBe(true)
})

test('key-ups lost to another window do not block for ever', () => {
  const state = after(current(0), down('AltLeft', 100), down('Tab', 100), { type: 'blurred' })
  expect(press(state, 'KeyA', 5000)).toBe(true)
})

test('without a card there is nothing to answer', () => {
  expect(press(disarmed, 'KeyA', 5000)).toBe(false)
})

test('typing that collides with an arrival never answers, at any speed', () => {
  for (const gapMs of [20, 60, 120, 250, 430]) {
    let state = after(current(0))
    let answers = 0
    for (let key = 0; key < 200; key++) {
      const at = 5 + key * gapMs
      state = arm(state, down('KeyA', at))
      if (mayAnswer(state, 'KeyA', { repeat: false, atMs: at })) answers++
      state = arm(state, up('KeyA', at + 15))
    }
    expect(answers, `${gapMs} ms between keys`).toBe(0)
  }
})
