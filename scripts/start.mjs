import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { build, CannotPrepare, cleanEnv, install, noteChoice, readChoice, root } from './prepare.mjs'
import { duration, keep, runStep, say, stopAll, stopOnSignals } from './run-step.mjs'
import { findCommand } from './system-packages.mjs'

const help = `npm start [-- options]

From a fresh clone to the running app: installs and builds what is missing, then starts Gatehouse as a desktop app
or, where Electron cannot run, as a local server for your browser.

  --serve           the local server, even where the desktop app could start
  --port N          port of the local server (default: any free one)
  --home DIR        where settings, session logs and state live (default: ~/.gatehouse)
  --no-open         do not open a browser
  --yes             install missing system packages without asking (also with CI=true)
  --fetch-electron  fetch Electron's runtime (about 110 MB) if it is missing
  --help            this text
`

const started = Date.now()
stopOnSignals()
try {
  process.exitCode = await main(readFlags())
} catch (problem) {
  await stopAll()
  if (!(problem instanceof CannotPrepare)) say(problem instanceof Error ? problem.stack : String(problem))
  process.exitCode = 1
}

async function main(flags) {
  if (flags.help) {
    say(help)
    return 0
  }
  const { node } = await install({ yes: flags.yes || process.env.CI === 'true', forTests: false })
  await build({ node })
  const env = { ...cleanEnv(), ...(flags.home ? { GATEHOUSE_HOME: flags.home } : {}) }
  const desktop = await chooseDesktop(flags, node)
  if ('electron' in desktop) {
    say(`Starting the desktop app, ready after ${duration(Date.now() - started)}.`)
    return await attend(spawn(desktop.electron, [root], { cwd: root, env, detached: true, stdio: 'inherit' }))
  }
  return await serve(node, env, flags, desktop.why)
}

/** Electron's program, or the reason why the local server is started instead. */
async function chooseDesktop(flags, node) {
  if (flags.serve) return { why: 'as asked with --serve' }
  if (process.platform === 'linux' && !hasDisplay())
    return { why: 'there is no display (DISPLAY, WAYLAND_DISPLAY)' }
  if (process.getuid?.() === 0) return { why: "Electron's own sandbox does not start for root" }
  const present = electronProgram()
  if (present) return { electron: present }
  if (!flags.fetch && !(await wantsElectron())) {
    return { why: "Electron's runtime is not here; `npm start -- --fetch-electron` fetches it" }
  }
  const title = "fetching Electron's runtime (install-electron)"
  const result = await runStep(title, node, ['node_modules/electron/install.js'], {
    cwd: root,
    env: cleanEnv(),
    limitMs: 5 * 60_000,
  })
  const fetched = electronProgram()
  if (result.ok && fetched) {
    say(`${title} … ${duration(result.ms)}`)
    return { electron: fetched }
  }
  for (const line of result.tail.slice(-5)) say(`    ${line}`)
  return { why: `Electron's runtime could not be fetched (${result.why})` }
}

function electronProgram() {
  if (process.env.ELECTRON_PATH)
    return existsSync(process.env.ELECTRON_PATH) ? process.env.ELECTRON_PATH : null
  const folder = path.join(root, 'node_modules/electron')
  const name = path.join(folder, 'path.txt')
  if (!existsSync(name)) return null
  const program = path.join(folder, 'dist', readFileSync(name, 'utf8').trim())
  return existsSync(program) ? program : null
}

/** Asked once; a no is remembered until `--fetch-electron`. */
async function wantsElectron() {
  if (!process.stdin.isTTY || !process.stdout.isTTY || readChoice('fetchElectron') === 'no') return false
  const ask = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const answer = await ask.question("Fetch Electron's runtime (about 110 MB) for the desktop app? [Y/n] ")
    const yes = /^(y|yes|)$/i.test(answer.trim())
    if (!yes) noteChoice('fetchElectron', 'no')
    return yes
  } finally {
    ask.close()
  }
}

async function serve(node, env, flags, why) {
  const args = ['out/main/serve.js', ...(flags.port === null ? [] : ['--port', flags.port])]
  const child = spawn(node, args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = false
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    if (said) return void process.stdout.write(chunk)
    text += chunk
    const url = /https?:\/\/\S+/.exec(text.slice(0, text.lastIndexOf('\n') + 1))?.[0]
    if (!url) return
    said = true
    say(`Gatehouse runs as a local server, ready after ${duration(Date.now() - started)}.`)
    say(`Not as a desktop app: ${why}.`)
    say()
    say(`  Open ${url}`)
    say()
    say('Ctrl-C stops it and every agent in it.')
    if (flags.open) openBrowser(url)
  })
  const code = await attend(child)
  if (!said)
    say(`The server ended before it had an address (exit code ${code}).${text ? `\n${text.trimEnd()}` : ''}`)
  return code
}

/** Waits for the app; its end is ours. */
function attend(child) {
  keep(child)
  return new Promise((resolve) => {
    child.once('error', (error) => {
      say(`${child.spawnfile} could not be started: ${error.message}`)
      resolve(1)
    })
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)))
  })
}

function openBrowser(url) {
  const opener =
    process.platform === 'darwin' ? findCommand('open') : hasDisplay() ? findCommand('xdg-open') : null
  if (!opener) return
  // Not one of ours to stop: it is the person's browser.
  const child = spawn(opener, [url], { env: cleanEnv(), detached: true, stdio: 'ignore' })
  child.on('error', () => {})
  child.unref()
}

function hasDisplay() {
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        serve: { type: 'boolean', default: false },
        yes: { type: 'boolean', short: 'y', default: false },
        'no-open': { type: 'boolean', default: false },
        'fetch-electron': { type: 'boolean', default: false },
        port: { type: 'string' },
        home: { type: 'string' },
      },
    })
    if (values.port !== undefined && !(/^\d{1,5}$/.test(values.port) && Number(values.port) <= 65_535)) {
      throw new Error(`--port ${values.port}: a number from 0 to 65535 is needed`)
    }
    return {
      help: values.help,
      serve: values.serve,
      yes: values.yes,
      open: !values['no-open'],
      fetch: values['fetch-electron'],
      port: values.port ?? null,
      // npm changes to the root of the package; a relative folder means the one npm was called from.
      home: values.home ? path.resolve(process.env.INIT_CWD ?? process.cwd(), values.home) : null,
    }
  } catch (problem) {
    say(problem instanceof Error ? problem.message : String(problem))
    say('`npm start -- --help` lists the options.')
    process.exit(2)
  }
}
