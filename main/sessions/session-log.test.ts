import { appendFile, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { LogEntry } from '../../protocol/log-entry.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { sessionStart } from '../testing/log-entries.ts'
import { readLog, readLogText } from './session-log-reader.ts'
import { firstPrev, SessionLogWriter } from './session-log-writer.ts'

const dirs: string[] = []
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true })
})
const paused = (value: boolean): LogEntry => ({ type: 'paused', paused: value })

async function newLog() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gh-log-'))
  dirs.push(dir)
  const file = path.join(dir, 's.jsonl')
  const writer = new SessionLogWriter(await open(file, 'ax'), new FakeClock(), { seq: 0, prev: firstPrev })
  return { file, writer }
}
async function written(...entries: LogEntry[]) {
  const { file, writer } = await newLog()
  for (const entry of [sessionStart(), ...entries]) await writer.append(entry)
  await writer.close()
  return file
}

test('what was appended is read back, numbered and chained', async () => {
  const file = await written(paused(true), paused(false))
  const read = await readLog(file)
  expect(read.lines.map((l) => [l.seq, l.type])).toEqual([
    [0, 'sessionStart'],
    [1, 'paused'],
    [2, 'paused'],
  ])
  expect(read).toMatchObject({ torn: false, problem: null, next: { seq: 3 } })
})

test('entries appended at once keep their order', async () => {
  const { file, writer } = await newLog()
  await Promise.all(
    [sessionStart(), ...Array.from({ length: 50 }, (_, i) => paused(i % 2 === 0))].map((e) =>
      writer.append(e),
    ),
  )
  await writer.close()
  expect((await readLog(file)).lines.map((l) => l.seq)).toEqual(Array.from({ length: 51 }, (_, i) => i))
})

test('a torn last line is left out, and nothing else', async () => {
  const file = await written(paused(true))
  const whole = (await readFile(file)).length
  await appendFile(file, '{"seq":2,"atMs":1,"pr')
  expect(await readLog(file)).toMatchObject({ torn: true, problem: null, next: { seq: 2, bytes: whole } })
})

test('a block of zeros after a power cut counts as torn', async () => {
  const file = await written(paused(true))
  await appendFile(file, Buffer.alloc(300))
  expect(await readLog(file)).toMatchObject({ torn: true, problem: null, next: { seq: 2 } })
})

const change = async (edit: (lines: string[]) => string[]) => {
  const file = await written(paused(true), paused(false), paused(true))
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  await writeFile(file, `${edit(lines).join('\n')}\n`)
  return readLog(file)
}

test('an edited line breaks the chain at the line after it', async () => {
  const read = await change((l) => l.map((x, i) => (i === 1 ? x.replace('true', 'false') : x)))
  expect(read.problem).toEqual({
    line: 3,
    what: 'does not follow from the line before it: the chain is broken',
  })
  expect(read.lines).toHaveLength(2)
})

// prettier-ignore
test.each([
  ['a removed line', (l: string[]) => l.filter((_, i) => i !== 1), 2, /number 2 where 1/],
  ['a line written twice', (l: string[]) => [l[0]!, l[1]!, l[1]!, l[2]!], 3, /number 1 where 2/],
  ['no JSON', (l: string[]) => [l[0]!, 'not json', l[2]!], 2, /no JSON|not a JSON/],
  [
    'an unknown type',
    (l: string[]) => [l[0]!, l[1]!.replace('"paused"', '"launch"'), l[2]!],
    2,
    /no entry this version knows/,
  ],
  ['a missing start', (l: string[]) => l.slice(1), 1, /sessionStart/],
  [
    'a newer format',
    (l: string[]) => l.map((x) => x.replace('"format":1', '"format":99')),
    1,
    /newer version/,
  ],
])('%s is named with its line, and nothing after it is believed', async (_title, edit, line, what) => {
  const read = await change(edit)
  expect(read.problem?.line).toBe(line)
  expect(read.problem?.what).toMatch(what)
})

test.each([
  ['nothing', ''],
  ['only line breaks', '\n\n\n'],
  ['binary', '\x00\xff\xfe\n\x01\n'],
  ['an array', '[]\n'],
  ['null', 'null\nnull\n'],
  ['a prototype', '{"__proto__":{"seq":0},"type":"paused"}\n{}\n'],
  ['one huge line', `${'x'.repeat(1_000_000)}\n{}\n`],
])('%s does not crash the reader', (_title, text) => {
  expect(readLogText(Buffer.from(text, 'latin1')).lines).toEqual([])
})

test('after one failed write nothing more is accepted', async () => {
  const { writer, file } = await newLog()
  await writer.append(sessionStart())
  const handle = await open(file, 'r')
  const broken = new SessionLogWriter(handle, new FakeClock(), { seq: 1, prev: firstPrev })
  await expect(broken.append(paused(true))).rejects.toThrow()
  await expect(broken.append(paused(false))).rejects.toThrow()
  await broken.close()
  await writer.close()
})
