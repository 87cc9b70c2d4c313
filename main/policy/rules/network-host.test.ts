import { expect, test } from 'vitest'
import { networkHost } from './network-host.ts'

test.each([
  ['Example.COM.', 'example.com'],
  [' example.com ', 'example.com'],
  ['example.com:8443', 'example.com'],
  ['example.com.:443', 'example.com'],
  ['[::1]', '::1'],
  ['[::1]:443', '::1'],
  ['::1', '::1'],
  ['10.0.0.1', '10.0.0.1'],
  ['example.com:x', 'example.com:x'],
])('%j is %j', (raw, host) => {
  expect(networkHost(raw)).toEqual({ host })
})

test.each([
  '',
  ' ',
  '.',
  '*',
  '*.a.com',
  'https://a.com',
  'a.com/x',
  'a?b',
  'a#b',
  'a b',
  '[::1',
  '[::1]x',
  '[::1]:',
])('%j is no host', (raw) => {
  expect(networkHost(raw)).toHaveProperty('problem')
})
