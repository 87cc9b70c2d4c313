import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode } from '../../testing/decoder.ts'
import { inspectCommand } from '../inspect-command.ts'
import { isKnownSafe } from '../known-safe.ts'
import { forcedDelete } from './dangerous.ts'
import { proposedPrefix } from './fixed-prefix.ts'

/** A script, and the programs that were put into it. */
type Made = { readonly text: string; readonly programs: readonly string[] }

const quoted = (script: string): string => `'${script.replaceAll("'", `'\\''`)}'`
const name = fc.constantFrom('p0', 'p1', 'p2', 'p3', 'p4')
const spelled = fc
  .tuple(name, fc.constantFrom('bare', 'bare', 'single', 'double', 'escaped', 'split', 'joined'))
  .map(([program, how]): Made => {
    const spellings: Record<string, string> = {
      bare: program,
      single: `'${program}'`,
      double: `"${program}"`,
      escaped: `\\${program}`,
      split: `p"${program.slice(1)}"`,
      joined: `p\\\n${program.slice(1)}`,
    }
    return { text: spellings[how] ?? program, programs: [program] }
  })
const plainWord = fc.constantFrom(
  'a',
  "'b c'",
  '"d e"',
  '$v',
  '"$v"',
  '*.c',
  '~',
  '-x',
  'a\\ b',
  "$'f'",
  '${v:-w}',
  '$((1+2))',
  '{a,b}',
  '"#"',
  "'('",
)
const around = (inner: fc.Arbitrary<Made>, ...wraps: ((text: string) => string)[]): fc.Arbitrary<Made> =>
  fc
    .tuple(inner, fc.constantFrom(...wraps))
    .map(([made, wrap]) => ({ text: wrap(made.text), programs: made.programs }))
const seq = (parts: readonly Made[], text: string): Made => ({
  text,
  programs: parts.flatMap((p) => p.programs),
})

const { script } = fc.letrec<{ script: Made; command: Made; simple: Made; word: Made }>((tie) => ({
  word: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'script' },
    plainWord.map((text): Made => ({ text, programs: [] })),
    around(
      tie('script'),
      (s) => `$(${s}\n)`,
      (s) => `"$(${s}\n)"`,
      (s) => `<(${s}\n)`,
      (s) => `\${v:-$(${s}\n)}`,
    ),
  ),
  simple: fc
    .tuple(
      fc.constantFrom('', '', 'X=1 '),
      spelled,
      fc.array(tie('word'), { maxLength: 2 }),
      fc.constantFrom('', '', ' >o', ' 2>&1', ' <<<h'),
    )
    .map(([before, program, words, behind]) =>
      seq([program, ...words], `${before}${program.text}${words.map((w) => ` ${w.text}`).join('')}${behind}`),
    ),
  command: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'script' },
    tie('simple'),
    around(
      tie('script'),
      (s) => `(${s}\n)`,
      (s) => `{ ${s}\n}`,
      (s) => `if ${s}\nthen a\nfi`,
      (s) => `while a; do ${s}\ndone`,
      (s) => `for i in a b; do ${s}\ndone`,
      (s) => `case a in b|c) ${s}\n;; esac`,
      (s) => `f() { ${s}\n}`,
      (s) => `a <<E\n$(${s}\n)\nE\n`,
      (s) => `bash -c ${quoted(s)}`,
      (s) => `sudo -u root sh -ec ${quoted(s)}`,
      (s) => `eval ${quoted(s)}`,
      (s) => `trap ${quoted(s)} EXIT`,
    ),
    around(
      spelled,
      (s) => `sudo -n ${s} x`,
      (s) => `env A=b ${s}`,
      (s) => `command ${s}`,
      (s) => `nohup nice -n 1 ${s} &`,
      (s) => `timeout 5 ${s}`,
      (s) => `xargs -0 ${s} -f`,
      (s) => `find . -exec ${s} {} \\;`,
      (s) => `busybox ${s}`,
      (s) => `time ${s}`,
      (s) => `$v ${s}`,
    ),
  ),
  script: fc
    .tuple(
      tie('command'),
      fc.array(fc.tuple(fc.constantFrom(' && ', ' || ', '\n', ' | ', ' # c\n', ' \\\n&& '), tie('command')), {
        maxLength: 3,
      }),
    )
    .map(([first, rest]) =>
      seq([first, ...rest.map(([, c]) => c)], first.text + rest.map(([joint, c]) => joint + c.text).join('')),
    ),
}))

test('every program that was put into a script is found, or the script is not inspectable', () => {
  let read = 0
  let runs = 0
  fc.assert(
    fc.property(script, ({ text, programs }) => {
      const decoded = decode(['bash', '-c', text])
      runs += 1
      if (decoded.notInspectable !== null) return
      read += 1
      const found = new Set(decoded.parts.map((p) => p.words[0]))
      expect(programs.filter((p) => !found.has(p))).toEqual([])
    }),
    { numRuns: 300, ...extra },
  )
  // A decoder that gives up on everything would pass too.
  expect(read / runs).toBeGreaterThan(0.3)
})

test('what was found is the same, whichever way the script is handed in', () => {
  fc.assert(
    fc.property(script, ({ text }) => {
      const direct = decode(['bash', '-c', text])
      const nested = decode(['bash', '-c', `bash -c ${quoted(text)}`])
      expect(nested.parts.slice(1).map((p) => p.words)).toEqual(direct.parts.map((p) => p.words))
    }),
    { numRuns: 100 },
  )
})

// biome-ignore format: one per line would be a page of its own
const texts = [
  'p0', 'rm -f x', 'ls', "'", '"', '\\', '\n', '$(', ')', '(', '`', ';', '&&', '|', '&', '{ ', ' }',
  '#', ' # ', '$((', '))', '${', '<(', '[[ ', ' ]] ', '! ', 'time ', '=', '\\\n', '<<E\n', '\nE\n',
  "<<'E'\n", '<<<', '$', "$'", ' ', '\t', 'then ', ' do ', ';;', 'esac', '>', '2>', 'x=(', '*', '~',
  '-', 'f() ', '((', '\r', 'if ', 'fi', 'done', 'case a in ', '$[', '\0', '\ud800', '\u00a0',
  'sudo ', 'xargs ', 'eval ', 'bash -c ', 'find . -exec ', '{a,b}', 'git -c ',
] as const
const pieces = fc.constantFrom(...texts)
const garbage = fc.oneof(
  fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: pieces },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
      ),
      { maxLength: 40 },
    )
    .map((p) => p.join('')),
  fc
    .tuple(script, fc.nat(), pieces)
    .map(
      ([{ text }, at, piece]) =>
        text.slice(0, at % (text.length + 1)) + piece + text.slice(at % (text.length + 1)),
    ),
)

test('no text throws or hangs, and what is known to only read does nothing else', () => {
  fc.assert(
    fc.property(garbage, fc.constantFrom('bash', 'sh', 'zsh'), (text, shell) => {
      const started = process.threadCpuUsage()
      const decoded = decode([shell, '-c', text])
      expect(process.threadCpuUsage(started).user / 1_000).toBeLessThan(50)
      expect(decoded.notInspectable ?? '').not.toContain('went wrong')
      expect(decoded.notInspectable !== null || decoded.parts.length > 0).toBe(true)
      const { irreversible } = inspectCommand(decoded)
      for (const part of decoded.parts) proposedPrefix(part)
      if (!isKnownSafe(decoded)) return
      expect([forcedDelete(decoded), irreversible, decoded.notInspectable]).toEqual([null, [], null])
      expect(decoded.parts.flatMap((p) => [...p.redirects, ...p.assignments])).toEqual([])
    }),
    { numRuns: 300, ...extra },
  )
})

/** GATEHOUSE_RUNS=20000 for a long run. */
const extra =
  process.env['GATEHOUSE_RUNS'] === undefined ? {} : { numRuns: Number(process.env['GATEHOUSE_RUNS']) }
