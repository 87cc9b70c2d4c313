import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** What has to be installed or built again. Plain Node 20, nothing installed. */

const skipped = new Set(['node_modules', 'out', 'dist'])

/** One hash over names and contents of files and folders, relative to `root`. Absent ones count as absent. */
export function hashOf(root, inputs) {
  const hash = createHash('sha256')
  const add = (relative) => {
    const file = path.join(root, relative)
    if (!existsSync(file)) return void hash.update(`absent ${relative}\0`)
    if (!statSync(file).isDirectory()) {
      return void hash.update(`${relative}\0`).update(readFileSync(file)).update('\0')
    }
    for (const name of readdirSync(file).sort()) {
      if (!skipped.has(name) && !/\.test\.tsx?$/.test(name)) add(path.posix.join(relative, name))
    }
  }
  for (const input of inputs) add(input)
  return hash.digest('hex')
}

/** The hash of each thing as it was last built; a broken or absent file means that nothing was. */
export function readStamps(file) {
  try {
    const stamps = JSON.parse(readFileSync(file, 'utf8'))
    return stamps !== null && typeof stamps === 'object' && !Array.isArray(stamps) ? stamps : {}
  } catch {
    return {}
  }
}

export function writeStamp(file, name, hash) {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ ...readStamps(file), [name]: hash }, null, 2)}\n`)
}

/**
 * Why `node_modules` does not hold what package-lock.json asks for, or null when it does.
 * npm writes its own record at the end of an install, so an interrupted one is seen too.
 */
export function whyReinstall(root) {
  const record = readLock(path.join(root, 'node_modules/.package-lock.json'))
  if (!record) return 'no packages are installed'
  const wanted = readLock(path.join(root, 'package-lock.json'))
  if (!wanted) return 'package-lock.json cannot be read'
  for (const [name, entry] of Object.entries(wanted)) {
    if (name === '') continue
    const installed = record[name]
    if (!installed && !entry.optional && !entry.devOptional) return `${shortName(name)} is not installed`
    if (installed && (installed.version !== entry.version || installed.integrity !== entry.integrity)) {
      return `${shortName(name)} ${installed.version} is installed, ${entry.version} is wanted`
    }
  }
  return null
}

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? null
  } catch {
    return null
  }
}

const shortName = (key) => key.replace(/^.*node_modules\//, '')
