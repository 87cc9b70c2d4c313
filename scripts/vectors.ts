import path from 'node:path'
import { parseArgs } from 'node:util'
import type { Compared } from '../main/policy/vectors/comparison.ts'
import { compareProbes, probesFile } from './compare-probes.ts'
import { compareVectors, type FileComparison, visibleVectors } from './compare-vectors.ts'

const help = `npm run vectors [-- [policy|sandbox] --dir DIR --verbose]

Compares Gatehouse with vectors taken from the real Codex, file by file: "policy" its judges, "sandbox" what its boundary
lets a command do (each probe is really run, which takes some minutes); without a word, both:

  agree       the same answer
  stricter    Gatehouse lets through less, on purpose (docs/CODEX-DIFFERENCES.md)
  NOT listed  Gatehouse answers differently, and nobody wrote down why
  seed        today's Codex left what the documents of the system say; Gatehouse keeps it
  wider       Gatehouse lets through more
  no verdict  Codex refused before its policy spoke, or the case is not about policy

Exit code 1 when anything is wider or not listed.

  --dir DIR   another folder with files of these names
  --verbose   every case that is not the same
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { dir: { type: 'string' }, verbose: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
})
if (values.help) process.stdout.write(help)
else process.exitCode = await run(values.dir, values.verbose === true, positionals)

async function run(dir: string | undefined, verbose: boolean, parts: readonly string[]): Promise<number> {
  const wrong = parts.find((part) => part !== 'policy' && part !== 'sandbox')
  if (wrong !== undefined) {
    process.stderr.write(`${JSON.stringify(wrong)} is neither policy nor sandbox.\n`)
    return 2
  }

  // npm changes to the root of the package; a relative folder means the one npm was called from.
  const folder =
    dir === undefined ? visibleVectors : path.resolve(process.env['INIT_CWD'] ?? process.cwd(), dir)
  const both = parts.length === 0
  const files: readonly FileComparison[] = [
    ...(both || parts.includes('policy') ? await compareVectors(folder) : []),
    ...(both || parts.includes('sandbox')
      ? [{ file: probesFile, compared: await compareProbes(folder) }]
      : []),
  ]
  if (files.every(({ compared }) => compared === null)) {
    process.stderr.write(`${folder} holds none of ${files.map(({ file }) => file).join(', ')}.\n`)
    return 1
  }
  const columns = ['agree', 'stricter', 'NOT listed', 'seed', 'wider', 'no verdict']
  const lines = [`${'file'.padEnd(26)}${columns.map((name) => name.padStart(12)).join('')}`]
  const details: string[] = []
  let bad = 0
  for (const { file, compared } of files) {
    if (compared === null) {
      lines.push(`${file.padEnd(26)}  not in this folder`)
      continue
    }
    const groups = groupsOf(compared)
    bad += groups.wider.length + groups.unlisted.length
    const { agree, stricter, unlisted, seed, wider, noVerdict } = groups
    const counts = [agree, stricter, unlisted, seed, wider, noVerdict].map((group) => String(group.length))
    lines.push(`${file.padEnd(26)}${counts.map((count) => count.padStart(12)).join('')}`)
    details.push(...describe(file, 'WIDER', wider), ...describe(file, 'NOT LISTED', unlisted))
    if (verbose) details.push(...describe(file, 'stricter', stricter), ...describe(file, 'seed', seed))
    else details.push(...summary(file, [...stricter, ...seed]))
  }
  process.stdout.write(`${[...lines, '', ...details].join('\n').trimEnd()}\n`)
  return bad > 0 ? 1 : 0
}

function groupsOf(compared: readonly Compared[]) {
  const of = (result: Compared['result']): readonly Compared[] =>
    compared.filter((one) => one.result === result)
  const differing = [...of('stricter'), ...of('seed')]
  return {
    agree: of('agree'),
    stricter: of('stricter').filter(({ difference }) => difference !== null),
    unlisted: differing.filter(({ difference }) => difference === null),
    seed: of('seed').filter(({ difference }) => difference !== null),
    wider: of('wider'),
    noVerdict: of('noVerdict'),
  }
}

function describe(file: string, word: string, cases: readonly Compared[]): readonly string[] {
  return cases.map(
    ({ title, difference, codex, ours }) =>
      `${file}: ${word}${difference === null ? '' : ` [${difference}]`} ${JSON.stringify(title)}\n    Codex: ${codex}\n    ours:  ${ours}`,
  )
}

/** How often each deliberate difference was met. */
function summary(file: string, cases: readonly Compared[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { difference } of cases) counts.set(difference ?? '', (counts.get(difference ?? '') ?? 0) + 1)
  return [...counts].map(([difference, count]) => `${file}: ${count} × ${difference}`)
}
