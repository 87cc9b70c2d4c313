import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { forTests, mayComputeNames, testFolders, type Zone, zones } from './import-table.ts'
import { readImports } from './read-imports.ts'

/** One import that breaks the table. */
export type Offence = {
  readonly file: string
  readonly line: number
  readonly name: string
  readonly rule: string
}

const checked = ['protocol', 'main', 'preload', 'renderer', 'e2e', 'fixtures', 'scripts', 'bench']
const sources = /\.(ts|tsx)$/
const skipped = new Set(['node_modules', 'out', 'dist'])

/** All offences of one file against the table. `file` is relative to the root, with forward slashes. */
export function checkFile(file: string, code: string): readonly Offence[] {
  const zone = zoneOf(file)
  if (!zone)
    return [{ file, line: 1, name: 'anything', rule: 'this folder is not in scripts/import-table.ts' }]
  return readImports(file, code).flatMap(({ name, line }) => {
    const rule = brokenRule(file, zone, name)
    return rule === null ? [] : [{ file, line, name: name ?? 'a computed name', rule }]
  })
}

/** The zone of a file: the longest place in the table that contains it. */
export function zoneOf(file: string): Zone | undefined {
  return zones
    .filter((zone) => isIn(file, zone.at))
    .toSorted((a, b) => b.at.split('/').length - a.at.split('/').length)[0]
}

function brokenRule(file: string, zone: Zone, name: string | null): string | null {
  if (name === null) {
    return isInAny(file, mayComputeNames)
      ? null
      : 'the name of a module is written out, so that it can be checked'
  }
  const isTest = /\.test\.tsx?$/.test(file) || isInAny(file, testFolders)
  if (name.startsWith('.')) return brokenPath(file, zone, isTest, name)
  if (path.isAbsolute(name) || name.includes(':\\')) return 'imports are relative or name a package'
  if (name.startsWith('node:'))
    return zone.node || (isTest && forTests.node) ? null : `${zone.rule}; no node:*`
  if (builtinModules.includes(name)) return `Node's own modules are written node:${name}`
  const allowed = [...zone.packages, ...(isTest ? forTests.packages : [])]
  return allowed.some((pattern) => fitsPackage(name, pattern)) ? null : zone.rule
}

function brokenPath(file: string, zone: Zone, isTest: boolean, name: string): string | null {
  const target = path.posix.join(path.posix.dirname(file), name.replace(/\?.*$/, ''))
  if (target.startsWith('..')) return 'imports stay inside the repository'
  if (path.posix.extname(target) === '') return 'imports name the file with its suffix'
  if (isInAny(target, testFolders) && !isTest && !isIn(file, 'e2e') && !isIn(file, 'bench')) {
    return `${zoneOf(target)?.at ?? target}/ is imported by tests only`
  }
  const own = zoneRoot(file, zone)
  const allowed = [...zone.from, ...(isTest ? forTests.from : [])]
  // The widest zone of the renderer contains the others; being inside it is not enough.
  const sameZone = zoneOf(target) === zone && isIn(target, own)
  return sameZone || isInAny(target, allowed) ? null : zone.rule
}

/** `renderer/features/*` stands for each feature by itself. */
function zoneRoot(file: string, zone: Zone): string {
  return file.split('/').slice(0, zone.at.split('/').length).join('/')
}

function isIn(file: string, at: string): boolean {
  const parts = at.split('/')
  const own = file.split('/')
  return (
    parts.length <= own.length &&
    parts.every((part, i) => (part === '*' ? own.length > parts.length : part === own[i]))
  )
}

const isInAny = (file: string, places: readonly string[]) => places.some((at) => isIn(file, at))

function fitsPackage(name: string, pattern: string): boolean {
  if (pattern === '@fontsource*/*') return name.startsWith('@fontsource')
  if (pattern.endsWith('/*')) return name.startsWith(pattern.slice(0, -1))
  return name === pattern || name.startsWith(`${pattern}/`)
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = `${folder}/${entry.name}`
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(root, file)
      return sources.test(entry.name) ? [file] : []
    })
}

if (import.meta.main) {
  const root = path.resolve(import.meta.dirname, '..')
  const present = new Set(readdirSync(root))
  const files = checked.filter((folder) => present.has(folder)).flatMap((folder) => filesBelow(root, folder))
  const offences = files.flatMap((file) => checkFile(file, readFileSync(path.join(root, file), 'utf8')))
  for (const { file, line, name, rule } of offences) console.log(`${file}:${line} imports ${name}: ${rule}`)
  console.log(
    `imports: ${files.length} files, ${offences.length} against the table in scripts/import-table.ts`,
  )
  process.exitCode = offences.length > 0 ? 1 : 0
}
