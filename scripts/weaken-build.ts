import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Tried } from './weaken-results.ts'
import type { Weakening } from './weakenings.ts'

const parts = [
  'main',
  'protocol',
  'native-sandbox',
  'e2e/sandbox',
  'e2e/crash',

  'scripts',
  'fixtures',
  'package.json',
  'vitest.config.ts',
  'tsconfig.json',
  'tsconfig.node.json',
  'tsconfig.e2e.json',
]

/**
 * A copy of what the rows need, with the changes made.
 *
 * @param weakening null: as it is
 * @returns where it stands
 * @throws when a text that is to be changed does not stand in its file exactly once
 */
export function buildWith(root: string, folder: string, weakening: Weakening | null): string {
  const name = weakening ? weakening.name.replaceAll(/[^a-z]+/g, '-') : 'as-it-is'
  const copy = path.join(folder, name)
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy, { recursive: true })
  // With its times, so that of the launcher only what changed is compiled.
  for (const part of parts)
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true, preserveTimestamps: true })
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'))
  for (const { file, from, to } of weakening?.changes ?? []) {
    const at = path.join(copy, file)
    const text = readFileSync(at, 'utf8')
    if (text.split(from).length !== 2) throw new Error(`${file} does not hold exactly once: ${from}`)
    writeFileSync(
      at,
      text.replace(from, () => to),
    )
  }
  return copy
}

/** Everything but the results. */
export function cleanUp(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) rmSync(path.join(folder, entry.name), { recursive: true, force: true })
}

type Reported = {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
  readonly meta?: { readonly alsoStopped?: string }
}

/**
 * Runs rows against the build in `copy`.
 *
 * @param names full names; null for all
 * @throws when the rows could not be run
 */
export function tryRows(copy: string, names: readonly string[] | null): readonly Tried[] {
  const report = path.join(copy, 'report.json')
  const list = path.join(copy, 'rows.json')
  if (names) writeFileSync(list, JSON.stringify(names))
  const vitest = path.join(copy, 'node_modules/vitest/vitest.mjs')
  const test = ['run', '--project', 'sandbox', 'e2e/sandbox/escapes.test.ts']
  spawnSync(process.execPath, [vitest, ...test, '--reporter=json', `--outputFile=${report}`], {
    cwd: copy,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, GATEHOUSE_WEAKENED: names ? list : 'all' },
  })
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { message: string; assertionResults: Reported[] }[]
  }
  const rows = testResults.flatMap((file) => file.assertionResults)
  if (rows.length !== (names?.length ?? rows.length) || rows.length === 0)
    throw new Error(`${rows.length} rows ran in ${copy}: ${testResults.map(({ message }) => message).join()}`)
  if (new Set(rows.map((row) => row.fullName)).size !== rows.length)
    throw new Error('two rows have the same promise')
  return rows.map(tried)
}

function tried({ fullName: name, status, failureMessages, meta }: Reported): Tried {
  const words = failureMessages.join('\n')
  const passed = status === 'passed'
  return {
    name,
    passed,
    noticed: !passed && saysThatItWorked(words),
    words: passed ? '' : (words.split('\n')[0] ?? ''),
    alsoStopped: meta?.alsoStopped ?? null,
  }
}

/**
 * Only what a row expects of its attempt counts. A run that did not start, was lost, or took too long, and an error
 * of the lab, would make any row fail.
 */
export const saysThatItWorked = (words: string): boolean =>
  words.startsWith('AssertionError:') &&
  !/^AssertionError: it must start and not be lost: (?!null)/.test(words)
