import { expect, test } from 'vitest'
import { applyHunks } from './apply-patch.ts'
import { parsePatch } from './parse-patch.ts'

/** Applies a patch with one update section to one content. */
function patched(content: string, body: string): string {
  const parsed = parsePatch(`*** Begin Patch\n*** Update File: f\n${body}\n*** End Patch`)
  if (parsed.status === 'malformed') return `malformed: ${parsed.why}`
  const [file] = parsed.files
  if (file?.kind !== 'update') return 'no update'
  const result = applyHunks('f', content, file.hunks)
  return result.status === 'patched' ? result.content : `mismatch: ${result.why}`
}

test.each([
  ['replaces a line', 'a\nb\nc\n', ' a\n-b\n+B\n c', 'a\nB\nc\n'],
  ['needs no context when the line is unique', 'a\nb\n', '-b\n+B', 'a\nB\n'],
  ['applies several hunks in order', 'a\nb\nc\nd\n', '@@\n-a\n+A\n@@\n-d\n+D', 'A\nb\nc\nD\n'],
  ['takes the place below the anchor', 'f()\n  x\ng()\n  x\n', '@@ g()\n-  x\n+  y', 'f()\n  x\ng()\n  y\n'],
  ['takes stacked anchors', 'A\nm\n x\nB\nm\n x\n', '@@ B\n@@ m\n- x\n+ y', 'A\nm\n x\nB\nm\n y\n'],
  ['adds at the end without old lines', 'a\n', '+b', 'a\nb\n'],
  ['adds below an anchor without old lines', 'a\nb\n', '@@ a\n+x', 'a\nx\nb\n'],
  ['fills an empty file', '', '+a', 'a\n'],
  ['empties a file', 'a\n', '-a', ''],
  ['keeps CRLF', 'a\r\nb\r\n', ' a\n-b\n+B', 'a\r\nB\r\n'],
  ['reads a patch written with CRLF', 'a\nb\n', ' a\r\n-b\r\n+B\r', 'a\nB\n'],
  ['keeps a missing last line end', 'a\nb', '-b\n+B', 'a\nB'],
  ['keeps it in CRLF files too', 'a\r\nb', '-b\n+B', 'a\r\nB'],
  ['forgives blanks at line ends and keeps those of lines that stay', 'a  \nb \n', ' a\n-b\n+B', 'a  \nB\n'],
  ['takes an exact place before a forgiving one', 'b \nb\n', '-b\n+B', 'b \nB\n'],
  ['takes a blank line without its leading blank', 'a\n\nb\n', ' a\n\n-b\n+B', 'a\n\nB\n'],
  ['looks only at the end with the end marker', 'x\ny\nx\n', '-x\n+z\n*** End of File', 'x\ny\nz\n'],
  ['keeps a byte order mark', '\uFEFFa\n', '-a\n+b', '\uFEFFb\n'],
  ['keeps every character', '日本\u2028é\u202E\n', '-日本\u2028é\u202E\n+a😀', 'a😀\n'],
  ['does not read $ in new lines', 'a\n', "-a\n+$& $1 $'", "$& $1 $'\n"],
] as const)('%s', (_title, content, body, expected) => {
  expect(patched(content, body)).toBe(expected)
})

test.each([
  [
    'a line that is not there',
    'a\n',
    '-b\n+c',
    /line "b" .* was not found\. Read the file again\. Nothing was changed/,
  ],
  ['leading blanks that differ', '  a\n', '-a\n+b', /was not found/],
  ['lines that stand apart', 'a\nx\nb\n', '-a\n-b\n+c', /do not stand together/],
  ['a place that is not unique', 'x\nx\n', '-x\n+y', /more than one place \(file lines 1, 2\)/],
  ['an anchor that is not there', 'a\n', '@@ nowhere\n-a\n+b', /anchor "nowhere"/],
  ['hunks out of order', 'a\nb\nc\n', '@@\n-c\n+C\n@@\n-a\n+A', /line "a" .* below file line 3/],
  ['an end that is not the end', 'x\ny\n', '-x\n+z\n*** End of File', /at the end of the file/],
  ['more old lines than the file has', 'a\n', '-a\n-a\n-a\n+b', /do not stand together/],
] as const)('refuses %s', (_title, content, body, expected) => {
  expect(patched(content, body)).toMatch(expected)
})

test('a patch made to match for long is given up, not searched for minutes', () => {
  const body = `${'-\n'.repeat(50_000)}-x\n+y`
  expect(patched('\n'.repeat(500_000), body)).toMatch(/too long to be placed/)
})
