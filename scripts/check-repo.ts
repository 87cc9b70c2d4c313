import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/** What a reviewer should not have to look for. Each line of the answer is `file:line what`. */
export function checkText(file: string, text: string): readonly string[] {
  const example = /\.test\.tsx?$|^fixtures\/|^e2e\/|^main\/testing\//.test(file)
  const rules: readonly { readonly pattern: RegExp; readonly what: string; readonly applies: boolean }[] = [
    { pattern: /^(<{7}|>{7}) /, what: 'is left over from a merge', applies: true },
    {
      // Dana is the person in all examples; on screen it is "you".
      pattern: /(?<![\w.])\/(root|work|Users\/(?!dana\b)\w+|home\/(?!(dana|you)\b)\w+)\/[\w.]/,
      what: "names a path of somebody's machine",
      applies: !example && file !== 'scripts/check-repo.ts',
    },
    {
      pattern: /\b(TODO|FIXME|XXX)\b(?!.*\b(when|until|once|after)\b)/,
      what: 'does not name the condition for its removal (when, until, once or after …)',
      applies: !file.startsWith('docs/') && !file.startsWith('scripts/check-repo'),
    },
    {
      pattern: /\b(test|it|describe)\.only\(/,
      what: 'hides the other tests of its file',
      applies: /\.(test|spec)\.tsx?$/.test(file) && !file.startsWith('scripts/check-repo'),
    },
    {
      pattern: /"resolved":/,
      what: 'ties the lockfile to one registry',
      applies: file === 'package-lock.json',
    },
  ]
  return text
    .split('\n')
    .flatMap((line, index) =>
      rules
        .filter(({ pattern, applies }) => applies && pattern.test(line))
        .map(({ what }) => `${file}:${index + 1} ${what}`),
    )
}

export const required: readonly string[] = [
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  '.ci/run',
]

/** Bytes. Pictures of the documentation may be larger than what is read as text. */
export const sizeLimit = (file: string): number => (/\.(png|gif|woff2)$/.test(file) ? 3_000_000 : 500_000)

const binary = /\.(png|gif|ico|icns|woff2|wasm|zip)$/

if (import.meta.main) {
  const root = path.resolve(import.meta.dirname, '..')
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter(Boolean)
  const found = required.filter((file) => !files.includes(file)).map((file) => `${file} is missing`)
  for (const file of files) {
    const size = statSync(path.join(root, file), { throwIfNoEntry: false })?.size
    if (size === undefined) continue // Removed and not yet committed.
    if (size > sizeLimit(file)) found.push(`${file} has ${size} bytes; the limit is ${sizeLimit(file)}`)
    if (!binary.test(file)) found.push(...checkText(file, readFileSync(path.join(root, file), 'utf8')))
  }
  for (const line of found) console.log(line)
  console.log(`repo: ${files.length} files, ${found.length} to look at`)
  process.exitCode = found.length > 0 ? 1 : 0
}
