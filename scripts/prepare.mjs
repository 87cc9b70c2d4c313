import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { duration, runStep, say } from './run-step.mjs'
import { hashOf, readStamps, whyReinstall, writeStamp } from './stale.mjs'
import { findCommand, planSystemPackages, systemPath } from './system-packages.mjs'

/**
 * What `npm start` and `npm test` share: from a fresh clone to a built app, doing only what is missing.
 * Runs on the system's Node 20 before anything is installed, so it imports nothing but Node.
 */

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const bin = path.join(root, 'node_modules/.bin')
const stampFile = path.join(root, 'out/.stamp.json')
const ptyBinary = path.join(root, 'node_modules/node-pty/build/Release/pty.node')

const nativeInputs = ['native-sandbox']
const nativeOutputs =
  process.platform === 'linux' ? ['native-sandbox/out/launcher', 'native-sandbox/out/hold-shim.so'] : []

/** Everything the three bundles are made of. */
const webInputs = [
  'protocol',
  'main',
  'renderer',
  'preload',
  'vite.config.ts',
  'package.json',
  'package-lock.json',
]
const webOutputs = [
  'out/main/serve.js',
  'out/main/electron.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
]

/** A step that could not be done. What to do about it was already said. */
export class CannotPrepare extends Error {
  name = 'CannotPrepare'
}

/**
 * @param {{ yes: boolean, forTests: boolean }} options
 * @returns {Promise<{ node: string }>} Node 24 or later, for everything that follows
 * @throws {CannotPrepare}
 */
export async function install({ yes, forTests }) {
  checkNode()
  checkSystem()
  const installSystem = await planSystemPackages({ forTests, yes, root })
  if (installSystem === null) throw new CannotPrepare('system packages')
  // Side by side: nothing is compiled before both are there. Neither is left half done when the other one fails.
  const [system, packages] = await Promise.allSettled([installSystem(), installPackages()])
  if (packages.status === 'rejected') throw packages.reason
  if (system.status === 'rejected') throw system.reason
  if (!system.value) throw new CannotPrepare('system packages')
  await buildPty()
  return { node: modernNode() }
}

/** Builds the launcher and the bundles when their inputs changed since the last time. */
export async function build({ node }) {
  await buildIfStale('launcher', nativeInputs, nativeOutputs, 'building the launcher (gcc)', node, [
    'native-sandbox/build.mjs',
  ])
  await buildIfStale('web', webInputs, webOutputs, 'building the app (vite build)', node, [
    'node_modules/vite/bin/vite.js',
    'build',
    '--app',
    '--logLevel',
    'warn',
  ])
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20)
    fail(`Node ${process.versions.node} is too old: 20 or later is needed. See https://nodejs.org/`)
  const npm = findCommand('npm')
  if (!npm)
    fail('npm was not found. It comes with Node from https://nodejs.org/; Debian has it as the package npm.')
  const version = tryRun(npm, ['--version']) ?? ''
  if (Number(version.split('.')[0]) < 9)
    fail(`npm ${version} is too old: 9 or later is needed. npm install -g npm`)
}

function checkSystem() {
  if (process.platform === 'linux') return
  if (process.platform === 'win32') {
    fail('On Windows, Gatehouse runs inside WSL2: open a WSL2 shell (Debian or Ubuntu) and run this there.')
  }
  say(
    `${process.platform}: the app starts here, but there is no sandbox for it yet, so agents cannot be run.`,
  )
  say('See docs/KNOWN-LIMITS.md.')
}

async function installPackages() {
  const why = whyReinstall(root)
  if (why === null) return
  say(`Installing packages: ${why}.`)
  // Install scripts are run in a step of their own (buildPty), with headers that are surely there.
  await npmStep(
    'installing packages (npm ci)',
    ['ci', '--ignore-scripts', '--prefer-offline'],
    [
      [/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i, registryAdvice],
      [
        /EUSAGE|in sync/,
        'package.json and package-lock.json disagree. Run `npm install`, then run this again.',
      ],
      [/ENOSPC/, 'The disk is full. Free some space, then run this again.'],
      [/EACCES|EPERM/, 'A folder is not writable for you. Look at the owner of node_modules and of ~/.npm.'],
      [
        /\bE40[13]\b/,
        'The package registry refused access. Look at `npm config get registry` and its credentials.',
      ],
    ],
  )
}

const registryAdvice =
  'The package registry was not reached. Look at the network and at `npm config get registry`, then run this again.'

/** node-pty has no prebuilt binary for Linux; `npm rebuild` compiles it (about 8 s). */
async function buildPty() {
  if (process.platform !== 'linux' || existsSync(ptyBinary)) return
  const headers = headersFolder()
  // make cannot handle a blank in a path, so such a folder is reached through a link.
  const link =
    headers && /\s/.test(headers) ? path.join(mkdtempSync(path.join(tmpdir(), 'gatehouse-')), 'node') : null
  if (link) symlinkSync(headers, link)
  try {
    await npmStep(
      'building node-pty (npm rebuild)',
      ['rebuild', 'node-pty'],
      ptyAdvice,
      headers ? { npm_config_nodedir: link ?? headers } : {},
    )
  } finally {
    if (link) rmSync(path.dirname(link), { recursive: true, force: true })
  }
  if (!existsSync(ptyBinary))
    fail('node-pty was built but left no binary. Remove node_modules, then run this again.')
}

const ptyAdvice = [
  [/No space left/, 'The disk is full. Free some space, then run this again.'],
  [
    /node_api\.h|headers|ENOTFOUND|EAI_AGAIN/,
    'Node headers were not found. Name a folder with include/node: npm config set nodedir <folder>',
  ],
  [
    /not found|No such file/,
    'Something the build needs is missing: gcc, g++ with its headers, make or python3.',
  ],
]

/**
 * Where the C headers of Node are, so that nothing is fetched for the build. The interface node-pty uses (N-API) is
 * the same in every Node, so any of them will do. Null: node-gyp looks for itself.
 */
function headersFolder() {
  const configured = tryRun(findCommand('npm') ?? 'npm', ['config', 'get', 'nodedir'])
  const system = findCommand('node')
  const candidates = [
    configured && configured !== 'undefined' && configured !== 'null' ? configured : null,
    path.join(root, 'node_modules', `node-linux-${process.arch}`),
    system ? path.resolve(path.dirname(system), '..') : null,
  ]
  return (
    candidates.find((folder) => folder && existsSync(path.join(folder, 'include/node/node_api.h'))) ?? null
  )
}

/** The Node that came with the packages, or the system's when that is new enough. */
function modernNode() {
  const packaged = path.join(root, 'node_modules', `node-linux-${process.arch}`, 'bin/node')
  const linked = path.join(bin, 'node')
  // npm 10 leaves out the link, and without it `npm run` would use the system's Node.
  if (existsSync(packaged) && !existsSync(linked)) {
    rmSync(linked, { force: true })
    symlinkSync(path.relative(bin, packaged), linked)
  }
  const found = [linked, findCommand('node'), process.execPath].find((node) => {
    if (!node || !existsSync(node)) return false
    return Number((tryRun(node, ['-p', 'process.versions.node']) ?? '0').split('.')[0]) >= 24
  })
  if (!found) {
    fail(
      'Node 24 is needed to build and run Gatehouse, and the one of the packages does not start here. Install it.',
    )
  }
  return found
}

async function npmStep(title, args, advice, env = {}) {
  const npm = findCommand('npm')
  const result = await runStep(title, npm, args, {
    cwd: root,
    env: { ...cleanEnv(), npm_config_loglevel: 'warn', ...env },
    logFile: path.join(root, 'out', `npm-${args[0]}.log`),
    limitMs: 10 * 60_000,
  })
  if (result.ok) return say(`${title} … ${duration(result.ms)}`)
  explain(title, result)
  const text = result.tail.join('\n')
  fail(
    advice.find(([pattern]) => pattern.test(text))?.[1] ?? `The whole output is in out/npm-${args[0]}.log.`,
  )
}

async function buildIfStale(name, inputs, outputs, title, node, args) {
  const hash = hashOf(root, inputs)
  const missing = outputs.some((file) => !existsSync(path.join(root, file)))
  if (!missing && readStamps(stampFile)[name] === hash) return
  const result = await runStep(title, node, args, {
    cwd: root,
    env: cleanEnv(),
    logFile: path.join(root, 'out', `build-${name}.log`),
    limitMs: 5 * 60_000,
  })
  if (!result.ok) {
    explain(title, result)
    fail(`The whole output is in out/build-${name}.log.`)
  }
  writeStamp(stampFile, name, hash)
  say(`${title} … ${duration(result.ms)}`)
}

/**
 * Our environment without what an outer `npm start` added: its PATH would let npm run on the Node inside the very
 * folder it is about to replace, and its log level would hide what went wrong.
 */
export function cleanEnv() {
  const env = { ...process.env }
  env.PATH = systemPath()
  for (const name of Object.keys(env)) if (/^npm_(package|lifecycle|command)_?/.test(name)) delete env[name]
  return env
}

/** What npm, node-gyp and Node print around the lines that matter: their own traces. */
const noise =
  /^npm (warn|notice)|^(npm (error|ERR!))? *(at |gyp (info|ERR!)|A complete log|(code|path|command|errno|syscall|type|address|port)\b|[{}]?$)/

function explain(title, { why, tail }) {
  say(`${title}: ${why}. Its last lines:`)
  const lines = tail.filter((line) => !noise.test(line)).map((line) => line.replace(/^npm (error|ERR!) /, ''))
  for (const line of lines.slice(-12)) say(`    ${line}`)
}

function fail(words) {
  say(words)
  throw new CannotPrepare(words)
}

function tryRun(command, args) {
  try {
    return execFileSync(command, args, {
      cwd: root,
      env: cleanEnv(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    }).trim()
  } catch {
    return null
  }
}

/** Answers that are asked for only once. */
export const readChoice = (name) => readStamps(stampFile)[name] ?? null
export const noteChoice = (name, value) => writeStamp(stampFile, name, value)
