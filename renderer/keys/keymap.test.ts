import { expect, test } from 'vitest'
import { commandFor, keymap, keyOf } from './keymap.ts'

const press = (
  key: string,
  held: Partial<Record<'metaKey' | 'ctrlKey' | 'altKey' | 'shiftKey', boolean>> = {},
) => ({
  key,
  metaKey: false,
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
})

test('no two commands of one place share a key', () => {
  const seen = keymap.flatMap(({ where, keys }) => keys.map((key) => `${where} ${key}`))
  expect(new Set(seen).size).toBe(seen.length)
})

test('outside list, card and the editor that a card opened only a chord can answer', () => {
  const answers = keymap.filter(({ answers, where }) => answers && where !== 'card' && where !== 'scope')
  expect(answers.map(({ keys }) => keys)).toEqual([['Mod+Enter']])
})

test('a rule is saved by a chord only', () => {
  expect(keymap.find(({ command }) => command === 'saveRule')?.keys).toEqual(['Mod+Enter'])
  expect(commandFor(press('Enter', { ctrlKey: true }), ['scope', 'everywhere'], false)).toBe('saveRule')
})

test('Enter and Space answer nothing by themselves', () => {
  const answering = keymap.filter(({ answers }) => answers).flatMap(({ keys }) => keys)
  expect(answering).not.toContain('Enter')
  expect(answering).not.toContain(' ')
})

test('Mod is Ctrl here and Command on a Mac, and the other one is nothing', () => {
  expect(commandFor(press('k', { ctrlKey: true }), ['everywhere'], false)).toBe('palette')
  expect(commandFor(press('k', { metaKey: true }), ['everywhere'], true)).toBe('palette')
  expect(commandFor(press('k', { metaKey: true }), ['everywhere'], false)).toBeNull()
})

test('a letter with a modifier is not the letter', () => {
  for (const held of ['ctrlKey', 'metaKey', 'altKey', 'shiftKey'] as const) {
    const key = held === 'shiftKey' ? 'A' : 'a'
    expect(commandFor(press(key, { [held]: true }), ['card'], false)).toBeNull()
  }
})

test('the nearest place wins', () => {
  expect(commandFor(press('n'), ['card', 'diff'])).toBe('smaller')
  expect(commandFor(press('n'), ['diff', 'card'])).toBe('nextHunk')
  expect(keyOf('once')).toBe('a')
})
