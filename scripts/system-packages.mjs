import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import { duration, runStep, say } from './run-step.mjs'

/**
 * Programs of the system that the build, the sandbox and the tests call, and the Debian package of each.
 * `vital`: nothing can be built without it. The others are missed only when something uses them.
 */
const needed = [
  { commands: ['gcc'], debian: 'gcc', vital: true, for: 'building node-pty and the launcher' },
  { commands: ['g++'], debian: 'g++', vital: true, for: 'building node-pty' },
  { commands: ['make'], debian: 'make', vital: true, for: 'building node-pty' },
  { commands: ['python3'], debian: 'python3', vital: true, for: 'building node-pty' },
  { commands: ['bwrap'], debian: 'bubblewrap', vital: false, for: 'the sandbox; without it no agent starts' },
  { commands: ['git'], debian: 'git', vital: false, for: 'checkpoints and the live diff' },
]
const neededForTests = [
  {
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    debian: 'chromium',
    vital: false,
    for: 'the end-to-end tests',
  },
]

/** PATH without the folders npm puts in front of it for scripts. */
export function systemPath(searchPath = process.env.PATH ?? '') {
  return searchPath
    .split(path.delimiter)
    .filter(
      (folder) =>
        path.isAbsolute(folder) && !/[\\/](node_modules[\\/]\.bin|node-gyp-bin)[\\/]?$/.test(folder),
    )
    .join(path.delimiter)
}

/** The full path of a command of the system, or null. */
export function findCommand(name) {
  for (const folder of systemPath().split(path.delimiter)) {
    const file = path.join(folder, name)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not in this folder.
    }
  }
  return null
}

/** What is missing of the programs named above. */
export function missingPackages({ forTests }) {
  if (process.platform !== 'linux') return []
  return [...needed, ...(forTests ? neededForTests : [])].filter((tool) => {
    if (tool.debian === 'chromium' && process.env.CHROMIUM_PATH) return false
    return !tool.commands.some((name) => findCommand(name))
  })
}

/**
 * Names what is missing and, on Debian and its children, asks whether to install it: `yes` answers that, and so does
 * being root where there is nobody to ask.
 * @returns {Promise<(() => Promise<boolean>) | null>} installs what was agreed on; answers false when something vital
 *   is missing nevertheless. null: something vital will stay missing. In both cases it was said what to do.
 */
export async function planSystemPackages({ forTests, yes, root }) {
  const missing = missingPackages({ forTests })
  if (missing.length === 0) return async () => true

  say('These system packages are missing:')
  for (const tool of missing) say(`  ${tool.debian.padEnd(12)} ${tool.for}`)
  const names = missing.map((tool) => tool.debian)
  const isRoot = process.getuid?.() === 0
  const command = `${isRoot ? '' : 'sudo '}apt-get install --no-install-recommends ${names.join(' ')}`
  const without = missing.some((tool) => tool.vital) ? null : async () => true

  if (!findCommand('apt-get')) {
    say(`Install them with the package manager of this system (${osName()}), then run this again.`)
    return without
  }
  if (!isRoot && !findCommand('sudo')) {
    say(`Run this as root, then run this again:\n  ${command.replace('sudo ', '')}`)
    return without
  }
  if (!yes && !(await allowed(command, isRoot))) {
    say(`Nothing was installed. To do it yourself:\n  ${command}`)
    return without
  }
  // A password is asked for now; a progress line would write over the question.
  if (!isRoot && process.stdin.isTTY) spawnSync('sudo', ['-v'], { stdio: 'inherit' })
  return async () => {
    await install(names, { isRoot, root })
    const still = missingPackages({ forTests })
    if (still.length > 0)
      say(`Still missing: ${still.map((tool) => tool.debian).join(', ')}. Try:\n  ${command}`)
    return still.every((tool) => !tool.vital)
  }
}

async function install(names, { isRoot, root }) {
  const update = async () => apt(['update'], 'reading the package lists (apt-get update)', { isRoot, root })
  const get = async () =>
    apt(
      ['install', '-y', '--no-install-recommends', ...names],
      `installing ${names.join(', ')} (apt-get install)`,
      { isRoot, root },
    )
  if (!hasPackageLists() && !(await update()).ok) return
  const first = await get()
  // Lists that are older than the archive name files that are gone; fresh lists mend that.
  if (first.ok || !first.tail.some((line) => /404|Unable to fetch|Unable to locate/.test(line))) return
  if ((await update()).ok) await get()
}

async function apt(args, title, { isRoot, root }) {
  const command = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args]
  const whole = isRoot ? command : ['sudo', '-n', ...command]
  const result = await runStep(title, whole[0], whole.slice(1), {
    cwd: root,
    limitMs: 10 * 60_000,
    unbroken: true,
  })
  report(title, result)
  return result
}

function report(title, { ok, why, tail, ms }) {
  if (ok) return say(`${title} … ${duration(ms)}`)
  say(`${title}: ${why}`)
  for (const line of tail.slice(-8)) say(`    ${line}`)
}

async function allowed(command, isRoot) {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    if (isRoot) say('Installing them: running as root, and there is nobody to ask.')
    return isRoot
  }
  const ask = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const answer = await ask.question(`Install them now with "${command}"? [Y/n] `)
    return /^(y|yes|)$/i.test(answer.trim())
  } finally {
    ask.close()
  }
}

function hasPackageLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => /_Packages(\.\w+)?$/.test(name))
  } catch {
    return false
  }
}

function osName() {
  if (!existsSync('/etc/os-release')) return process.platform
  return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform
}
