import { expect, test } from 'vitest'
import { parsePatch } from './parse-patch.ts'

const patch = (body: string) => parsePatch(`*** Begin Patch\n${body}\n*** End Patch`)

test('reads all kinds of sections', () => {
  expect(
    patch(
      '*** Add File: new file.txt\n+one\n+\n+*** two\n*** Delete File: old\n*** Update File: a\n*** Move to: b\n@@ f()\n x\n-y\n+z',
    ),
  ).toEqual({
    status: 'parsed',
    files: [
      { kind: 'add', path: 'new file.txt', content: 'one\n\n*** two\n' },
      { kind: 'delete', path: 'old' },
      {
        kind: 'update',
        path: 'a',
        moveTo: 'b',
        hunks: [
          {
            line: 9,
            anchors: ['f()'],
            lines: [
              { op: ' ', text: 'x' },
              { op: '-', text: 'y' },
              { op: '+', text: 'z' },
            ],
            atEnd: false,
          },
        ],
      },
    ],
  })
})

test('passes paths on as they are written', () => {
  expect(patch('*** Delete File: ../../etc/passwd')).toMatchObject({ files: [{ path: '../../etc/passwd' }] })
  expect(patch('*** Add File: /abs/\u202Etxt.sh\n+x')).toMatchObject({
    files: [{ path: '/abs/\u202Etxt.sh' }],
  })
})

test('a move alone is a change, and an added file may be empty', () => {
  expect(patch('*** Update File: a\n*** Move to: b')).toMatchObject({ files: [{ moveTo: 'b', hunks: [] }] })
  expect(patch('*** Add File: a')).toMatchObject({ files: [{ content: '' }] })
})

test('blank lines around the patch and between sections are layout', () => {
  const parsed = parsePatch(
    '\n\n*** Begin Patch\n\n*** Update File: a\n-x\n\n*** Delete File: b\n\n*** End Patch\n\n',
  )
  expect(parsed).toMatchObject({ files: [{ hunks: [{ lines: [{ op: '-', text: 'x' }] }] }, { path: 'b' }] })
})

test.each([
  ['nothing', '', /first line/],
  ['prose', 'Here is the patch', /first line/],
  ['no end', '*** Begin Patch\n*** Delete File: a', /last line/],
  ['nothing inside', '*** Begin Patch\n*** End Patch', /changes no file/],
  ['an unknown section', '*** Begin Patch\n*** Rename File: a\n*** End Patch', /Line 2: expected/],
  ['no path', '*** Begin Patch\n*** Add File: \n+x\n*** End Patch', /path is missing/],
  ['a NUL in a path', '*** Begin Patch\n*** Add File: a\0b\n+x\n*** End Patch', /NUL/],
  ['a long path', `*** Begin Patch\n*** Add File: ${'a'.repeat(5000)}\n*** End Patch`, /4096/],
  [
    'content without plus',
    '*** Begin Patch\n*** Add File: a\nx\n*** End Patch',
    /Line 3: each line of an added/,
  ],
  ['a delete with content', '*** Begin Patch\n*** Delete File: a\n-x\n*** End Patch', /nothing may follow/],
  [
    'an update without change',
    '*** Begin Patch\n*** Update File: a\n x\n*** End Patch',
    /no line that starts/,
  ],
  ['an empty update', '*** Begin Patch\n*** Update File: a\n*** End Patch', /changes nothing/],
  [
    'an anchor without change',
    '*** Begin Patch\n*** Update File: a\n-x\n@@ f\n*** End Patch',
    /no line that starts/,
  ],
  ['a line of unknown kind', '*** Begin Patch\n*** Update File: a\n?x\n*** End Patch', /each line of a hunk/],
  [
    'an end marker after nothing',
    '*** Begin Patch\n*** Update File: a\n*** End of File\n*** End Patch',
    /no line/,
  ],
  ['a file twice', '*** Begin Patch\n*** Delete File: a\n*** Add File: ./a\n+x\n*** End Patch', /twice/],
  [
    'a move onto another',
    '*** Begin Patch\n*** Delete File: a\n*** Update File: b\n*** Move to: a\n*** End Patch',
    /twice/,
  ],
  ['too much', `*** Begin Patch\n${'x'.repeat(1024 * 1024)}\n*** End Patch`, /1 MiB/],
  [
    'too many files',
    `*** Begin Patch\n${Array.from({ length: 201 }, (_, i) => `*** Delete File: f${i}`).join('\n')}\n*** End Patch`,
    /more than 200/,
  ],
] as const)('refuses a patch with %s', (_title, text, expected) => {
  const parsed = parsePatch(text)
  expect(parsed.status === 'malformed' ? parsed.why : 'parsed').toMatch(expected)
})

test('a long hostile line is cut in the message', () => {
  const parsed = patch(`*** Update File: a\n${'?'.repeat(100_000)}`)
  expect(parsed.status === 'malformed' && parsed.why.length < 400).toBe(true)
})
