import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { globPattern } from '../../main/policy/settings/glob-pattern.ts'
import { warnings } from '../build.mjs'

type Vector = { readonly pattern: string; readonly yes: readonly string[]; readonly no: readonly string[] }
type Pair = readonly [pattern: string, path: string]
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, 'glob-vectors.json'), 'utf8'),
) as readonly Vector[]

/** As the protocol carries it: a lone surrogate stands for a byte that is no UTF-8. */
const bytesOf = (text: string): Buffer =>
  Buffer.concat(
    Array.from(text, (letter) =>
      /^[\udc80-\udcff]$/.test(letter) ? Buffer.from([letter.charCodeAt(0) & 0xff]) : Buffer.from(letter),
    ),
  )

describe.runIf(process.platform === 'linux')('patterns of denied reads in the launcher', () => {
  let base = ''
  let program = ''
  const ask = (pairs: readonly Pair[]): string =>
    execFileSync(program, {
      input: Buffer.concat(pairs.flat().flatMap((text) => [bytesOf(text), Buffer.from([0])])),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })

  beforeAll(() => {
    base = mkdtempSync(`${tmpdir()}/gatehouse-glob-`)
    program = `${base}/glob`
    const checked = ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']
    const sources = ['glob-probe.c', '../linux/glob.c', '../linux/line.c', '../linux/message.c']
    const paths = sources.map((name) => join(import.meta.dirname, name))
    execFileSync('gcc', [...warnings, ...checked, ...paths, '-o', program])
  }, 300_000)
  afterAll(() => rmSync(base, { recursive: true }))

  test('mean what the shared vectors say', () => {
    const wanted = vectors.flatMap(({ pattern, yes, no }) => [
      ...yes.map((path) => ({ pair: [pattern, path] as Pair, matches: '1' })),
      ...no.map((path) => ({ pair: [pattern, path] as Pair, matches: '0' })),
    ])
    const got = ask(wanted.map(({ pair }) => pair))
    expect(wanted.filter(({ matches }, i) => matches !== got[i])).toEqual([])
    expect(got.length).toBe(wanted.length)
  })

  test('mean what the settings mean, for 40,000 random ones', () => {
    let state = 20_251_124
    const next = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 8) % below
    }
    const letters = (choice: readonly string[], most: number): string =>
      Array.from({ length: 1 + next(most) }, () => choice[next(choice.length)]).join('')
    const strange = ['\u00e9', '\ufb01', '\u{1f600}', '\udc81']
    const inPatterns = ['aab.****???[]!^-{},//'.split(''), '**', '**/', '[a-b]', '{a,b}', strange].flat()
    const inNames = ['aab.-]*[{'.split(''), '\udcff', strange].flat()
    const pairs = Array.from({ length: 40_000 }, (): Pair => {
      const names = Array.from({ length: 1 + next(4) }, () => letters(inNames, 3))
      return [letters(inPatterns, 7), names.join('/')]
    })
    const got = ask(pairs)
    const wanted = pairs.map(([pattern, path]) => (globPattern(pattern).matches(path) ? '1' : '0'))
    expect(pairs.filter((_, i) => got[i] !== wanted[i]).slice(0, 5)).toEqual([])
    expect(wanted.filter((one) => one === '1').length).toBeGreaterThan(2_000)
  })

  test('end soon, and close more when they cannot be told apart', () => {
    const pairs: Pair[] = [
      [`${'*a'.repeat(200)}b`, 'a'.repeat(250)],
      [`${'**/'.repeat(1_000)}x`, 'a/'.repeat(1_000) + 'b'],
      ['{a,b}'.repeat(40), 'anything'],
      ['x'.repeat(5_000), 'anything'],
    ]
    expect(ask(pairs)).toBe('0011')
  })
})
