import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decode } from '../../testing/decoder.ts'
import { deliberatelyStricter, isKnownSafe } from '../known-safe.ts'
import { forcedDelete } from './dangerous.ts'

// Vectors taken from the real Codex; their `about` says how.
type Safe = {
  readonly cases: readonly {
    readonly shell: string
    readonly argv: readonly string[]
    readonly untrusted_known_safe: 'auto-run' | 'ask'
    readonly proposed_execpolicy_amendment: readonly string[] | null
  }[]
  readonly dangerous: {
    readonly cases: readonly { readonly shell: string; readonly on_request: 'ask' | 'run' }[]
  }
}
type Matching = {
  readonly cases: readonly { readonly shell: string; readonly prompt: 'match' | 'no-match' }[]
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/vectors/${name}`, import.meta.url), 'utf8'))
const safe = read('safe-commands.json') as Safe
const matching = read('rule-shell-matching.json') as Matching

const bash = (script: string) => decode(['/bin/bash', '-lc', script])

test.each(safe.cases)('$shell: $untrusted_known_safe', ({ argv, shell, untrusted_known_safe }) => {
  const runs = isKnownSafe(decode(argv))
  const stricter = deliberatelyStricter.find((one) => one.shell.test(shell))
  if (untrusted_known_safe === 'ask') expect(runs).toBe(false)
  else expect(runs || stricter !== undefined).toBe(true)
})

test('few vectors are judged stricter, each for a reason that is written down', () => {
  const stricter = safe.cases.filter(
    (c) => c.untrusted_known_safe === 'auto-run' && !isKnownSafe(decode(c.argv)),
  )
  expect(stricter.map((c) => c.shell)).toEqual(['./git status', './ls', '/tmp/evil/ls', 'uniq f out'])
})

test.each(safe.cases.filter((c) => c.proposed_execpolicy_amendment !== null))(
  '$shell: Codex hands it to its rules exactly when it is plain',
  ({ argv, proposed_execpolicy_amendment: proposed }) => {
    const seen = proposed?.[1] !== '-lc'
    expect(decode(argv).parts.some((p) => p.plain)).toBe(seen)
  },
)

/** Spellings of a forced delete that Codex does not see. */
const foundByUsOnly = new Set([
  'xargs rm -rf x </dev/null',
  'command rm -rf x',
  '\\rm -rf x',
  'time rm -rf x',
  'nohup rm -rf x',
  'git rm -f x',
  'find . -exec rm -f {} +',
  'doas rm -rf x',
  'sudo -u root rm -rf x',
  "eval 'rm -rf x'",
  'busybox rm -rf x',
  'RM -rf x',
])

test.each(safe.dangerous.cases)('$shell: $on_request', ({ shell, on_request }) => {
  expect(forcedDelete(bash(shell)) !== null).toBe(on_request === 'ask' || foundByUsOnly.has(shell))
})

test.each(matching.cases)('$shell: cat is found, and plain on $prompt', ({ shell, prompt }) => {
  const cat = bash(shell).parts.find((p) => /^(?:\.\/)?cat$/.test(p.words[0] ?? ''))
  expect(cat?.plain).toBe(prompt === 'match')
})
