import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TempFolder } from '../testing/temp-folder.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { shownPath } from './byte-path.ts'
import { parsePatches, parseRaw, patchArgs } from './parse-git-diff.ts'
import { maxFileLines } from './parse-hunks.ts'

let folder: TempFolder
beforeEach(() => {
  folder = tempFolder()
  folder.sh('git init -q .')
})
afterEach(() => folder.remove())

/** Two states made by shell scripts, compared by the real git. */
function compare(before: string, after: string) {
  folder.sh(`${before}\ngit add -A; git commit -qm one --allow-empty`)
  folder.sh(`${after}\ngit add -A; git commit -qm two --allow-empty`)
  const args = ['-c', 'core.quotePath=false', 'diff-tree', '-r', ...patchArgs, 'HEAD~1', 'HEAD']
  return parsePatches(execFileSync('git', args, { cwd: folder.path, maxBuffer: 1e9 }), false)
}

const only = (patches: ReturnType<typeof compare>) => {
  expect(patches.size).toBe(1)
  return [...patches.entries()].map(([path, patch]) => ({ path: shownPath(path), ...patch }))[0]
}

test('lines have their numbers on both sides', () => {
  const patch = only(compare("printf 'a\\nb\\nc\\n' > f", "printf 'a\\nB\\nc\\nd\\n' > f"))
  expect(patch).toMatchObject({ path: 'f', added: 2, removed: 1, binary: false, leftOut: 0 })
  expect(patch?.hunks[0]?.lines).toEqual([
    { kind: 'context', text: 'a', oldNo: 1, newNo: 1 },
    { kind: 'del', text: 'b', oldNo: 2, newNo: null },
    { kind: 'add', text: 'B', oldNo: null, newNo: 2 },
    { kind: 'context', text: 'c', oldNo: 3, newNo: 3 },
    { kind: 'add', text: 'd', oldNo: null, newNo: 4 },
  ])
})

test('a missing line break at the end belongs to its line', () => {
  const patch = only(compare("printf 'a\\nb' > f", "printf 'a\\nb\\nc' > f"))
  expect(patch?.hunks[0]?.lines).toEqual([
    { kind: 'context', text: 'a', oldNo: 1, newNo: 1 },
    { kind: 'del', text: 'b', oldNo: 2, newNo: null, noNewline: true },
    { kind: 'add', text: 'b', oldNo: null, newNo: 2 },
    { kind: 'add', text: 'c', oldNo: null, newNo: 3, noNewline: true },
  ])
})

test('lines that look like headers stay lines', () => {
  const patch = only(
    compare(
      "printf -- '-- old\\n' > f",
      "printf '++ new\\ndiff --git a/x b/x\\n@@ -1 +1 @@\\n\\\\ No newline\\n' > f",
    ),
  )
  expect(patch?.hunks).toHaveLength(1)
  expect(patch?.hunks[0]?.lines.map(({ kind, text }) => [kind, text])).toEqual([
    ['del', '-- old'],
    ['add', '++ new'],
    ['add', 'diff --git a/x b/x'],
    ['add', '@@ -1 +1 @@'],
    ['add', '\\ No newline'],
  ])
})

test.each([
  ['a quote, a tab and a backslash', 'q"\t\\x'],
  ['a line break', 'one\ntwo'],
  ['spaces and " b/"', 'x b/x b/y'],
  ['umlauts and emoji', 'ä😀'],
])('a name with %s is read exactly', (_title, name) => {
  const patch = only(compareContents(name, 'old\n', 'new\n'))
  expect(patch?.path).toBe(name)
  expect(patch?.hunks[0]?.lines).toHaveLength(2)
})

test('a name that is not UTF-8 spells its bytes', () => {
  const patch = only(compare('printf a > "$(printf \'x\\377\')"', 'printf b > "$(printf \'x\\377\')"'))
  expect(patch?.path).toBe('x\\xff')
})

function compareContents(name: string, before: string | Buffer, after: string | Buffer) {
  folder.write(name, before)
  folder.sh('git add -A; git commit -qm one')
  folder.write(name, after)
  folder.sh('git add -A')
  const args = ['diff-index', '--cached', ...patchArgs, 'HEAD']
  return parsePatches(execFileSync('git', args, { cwd: folder.path, maxBuffer: 1e9 }), false)
}

test('binary files and mode changes have no lines', () => {
  expect(only(compareContents('f', 'a\0b', 'a\0c'))).toMatchObject({ binary: true, hunks: [], leftOut: 0 })
  expect(only(compare('printf x > m', 'chmod +x m'))).toMatchObject({ path: 'm', binary: false, hunks: [] })
})

test('line ends and bytes that are no text stay visible', () => {
  const patch = only(compareContents('f', 'a\r\n', Buffer.from([0x61, 0xff, 0x0a])))
  expect(patch?.hunks[0]?.lines.map((line) => line.text)).toEqual(['a\r', 'a\ufffd'])
})

test('a line of a megabyte is cut with a mark, and its hunk is still told apart from another', () => {
  const long = 'x'.repeat(1024 * 1024)
  const first = only(compareContents('f', 'a\n', `${long}1\n`))
  const second = only(compareContents('g', 'a\n', `${long}2\n`))
  expect(first?.hunks[0]?.lines[1]?.text).toMatch(/^x{4000} … \(line cut, 1048577 bytes\)$/)
  expect(first?.hunks[0]?.id).not.toBe(second?.hunks[0]?.id)
})

test('lines beyond the limit are counted', () => {
  const lines = Array.from({ length: maxFileLines + 10 }, (_, number) => `${number}\n`).join('')
  const patch = only(compareContents('f', '', lines))
  expect(patch?.added).toBe(maxFileLines + 10)
  expect(patch?.hunks[0]).toMatchObject({ whole: false })
  expect(patch?.hunks[0]?.lines).toHaveLength(maxFileLines)
  expect(patch?.leftOut).toBe(10)
})

test('the id of a hunk does not depend on where it stands; equal hunks get ids of their own', () => {
  const block = (words: string) => `${'same\n'.repeat(10)}${words}\n${'same\n'.repeat(10)}`
  const here = only(compareContents('f', block('old'), block('new')))
  const moved = only(compareContents('f', `top\n${block('old')}`, `top\n${block('new')}`))
  expect(moved?.hunks[0]?.id).toBe(here?.hunks[0]?.id)
  expect(moved?.hunks[0]?.newStart).not.toBe(here?.hunks[0]?.newStart)
  const twice = only(compareContents('f', block('old').repeat(2), block('new').repeat(2)))
  expect(twice?.hunks.map((hunk) => hunk.id)).toEqual([here?.hunks[0]?.id, `${here?.hunks[0]?.id}-2`])
})

test('an output that was cut shows what came, and such a hunk is named by the whole content', () => {
  const cutOff = (last: string) => {
    folder.write('f', '')
    folder.sh('git add -A; git commit -qm one --allow-empty')
    folder.write('f', `${Array.from({ length: 100 }, (_, number) => `${number}\n`).join('')}${last}`)
    folder.sh('git add -A')
    const output = execFileSync('git', ['diff-index', '--cached', ...patchArgs, 'HEAD'], { cwd: folder.path })
    return [...parsePatches(output.subarray(0, 500), true).values()][0]
  }
  const first = cutOff('a\n')
  expect(first).toMatchObject({ binary: false, added: 101, removed: 0 })
  expect(first?.hunks[0]).toMatchObject({ whole: false })
  expect((first?.leftOut ?? 0) + (first?.hunks[0]?.lines.length ?? 0)).toBe(101)
  folder.sh('git rm -qf f; git commit -qm none')
  expect(cutOff('b\n')?.hunks[0]?.id).not.toBe(first?.hunks[0]?.id)
})

test.each([
  ['nothing', ''],
  ['no NUL at all', 'garbage'],
  ['half a raw record', ':100644 100644 aaaa bbbb M'],
  ['a hunk without a file', '\0@@ -1 +1 @@\n-a\n+b\n'],
])('%s does not throw', (_title, text) => {
  expect(parseRaw(Buffer.from(text))).toEqual([])
  expect([...parsePatches(Buffer.from(text), true).values()].flatMap((patch) => patch.hunks)).toEqual([])
})

test('a hunk that claims more than it has is no whole hunk', () => {
  const text = '1\t1\tf\0\0diff --git a/f b/f\n@@ -1,9 +1,9999999 @@\n-a\n+b\n'
  expect(parsePatches(Buffer.from(text), false).get('f' as never)?.hunks[0]).toMatchObject({ whole: false })
})

test('raw entries name renames with both paths', () => {
  const oid = 'a'.repeat(40)
  const raw = `:100644 100644 ${oid} ${oid} R100\0old\0new\0:000000 100755 ${'0'.repeat(40)} ${oid} A\0x\0`
  expect(parseRaw(Buffer.from(raw))).toEqual([
    { status: 'R', oldMode: '100644', newMode: '100644', oldOid: oid, newOid: oid, path: 'new', from: 'old' },
    {
      status: 'A',
      oldMode: '000000',
      newMode: '100755',
      oldOid: '0'.repeat(40),
      newOid: oid,
      path: 'x',
      from: null,
    },
  ])
})
