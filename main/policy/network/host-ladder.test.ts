import { expect, test } from 'vitest'
import { hostLadder } from './host-ladder.ts'

const spell = (host: string): readonly string[] =>
  hostLadder(host, 443).map(
    ({ pattern, port, apex }) => `${pattern}${port === null ? '' : `:${port}`}${apex ? ` + ${apex}` : ''}`,
  )

// prettier-ignore
test.each([
  [
    'a.b.example.com',
    [
      'a.b.example.com:443',
      'a.b.example.com',
      '*.b.example.com + b.example.com',
      '*.example.com + example.com',
    ],
  ],
  ['www.example.com', ['www.example.com:443', 'www.example.com', '*.example.com + example.com']],
  ['Example.com.', ['example.com:443', 'example.com', '**.example.com']],
  ['a.shop.co.uk', ['a.shop.co.uk:443', 'a.shop.co.uk', '*.shop.co.uk + shop.co.uk']],
  ['co.uk', ['co.uk:443', 'co.uk']],
  ['someone.github.io', ['someone.github.io:443', 'someone.github.io', '**.someone.github.io']],
  ['github.io', ['github.io:443', 'github.io']],
  ['bücher.example', ['xn--bcher-kva.example:443', 'xn--bcher-kva.example', '**.xn--bcher-kva.example']],
  ['intranet', ['intranet:443', 'intranet']],
  ['localhost', ['localhost:443', 'localhost']],
  ['a.b.localhost', ['a.b.localhost:443', 'a.b.localhost']],
  ['10.0.0.1', ['10.0.0.1:443', '10.0.0.1']],
  ['0x7f.1', ['127.0.0.1:443', '127.0.0.1']],
  ['[::1]', ['::1:443', '::1']],
  ['a.com/x', []],
])('%s climbs by %j', (host, expected) => {
  expect(spell(host)).toEqual(expected)
})
