import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/**
 * Runs one tool, tells how long it takes and keeps its last lines. Plain Node 20, nothing installed.
 *
 * Every tool is the leader of a process group of its own, so that stopping it stops what it started.
 */

const showAfterMs = 2000
/** Every ten seconds in the first minute, then every half: a log of a long test run stays readable. */
const repeatAfterMs = (soFarMs) => (soFarMs < 60_000 ? 10_000 : 30_000)
const killAfterMs = 5000
const tailLines = 60

/** @type {Set<{ child: import('node:child_process').ChildProcess, ownGroup: boolean }>} */
const running = new Set()
let stopping = false

/** One line for the person. A progress line makes way for it. */
export function say(line = '') {
  clearLine()
  process.stdout.write(`${line}\n`)
}

/** 1400 -> "1.4 s", 23456 -> "23 s", 125000 -> "2 min 5 s" */
export function duration(ms) {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** What is under way now; two things may be. */
const underWay = new Set()
let ticker = null
/** The progress line on the terminal; empty when there is none. */
let line = ''

/**
 * Shows that something is under way: a line that counts on a terminal, a new line now and then elsewhere.
 * Nothing is shown for what ends within two seconds.
 */
export function progress(title) {
  const step = { title, startMs: Date.now(), nextMs: Date.now() + showAfterMs, shown: false }
  underWay.add(step)
  ticker ??= setInterval(tick, 250)
  ticker.unref()
  return {
    /** Ends the progress line; answers how long it took, in milliseconds. */
    end() {
      underWay.delete(step)
      clearLine()
      if (underWay.size === 0) {
        clearInterval(ticker)
        ticker = null
      }
      return Date.now() - step.startMs
    },
  }
}

function tick() {
  const nowMs = Date.now()
  const due = [...underWay].filter((step) => nowMs >= step.nextMs)
  if (due.length === 0) return
  const seconds = (step) => Math.round((nowMs - step.startMs) / 1000)
  if (process.stdout.isTTY === true) {
    for (const step of due) step.nextMs = nowMs
    const whole = due.map((step) => `${step.title} … ${seconds(step)} s`).join('   ')
    const text = whole.slice(0, (process.stdout.columns || 80) - 1)
    if (text !== line) process.stdout.write(`\r\x1b[K${text}`)
    line = text
    return
  }
  for (const step of due) {
    process.stdout.write(step.shown ? `… still ${step.title}, ${seconds(step)} s\n` : `… ${step.title}\n`)
    step.nextMs = (step.shown ? nowMs : step.startMs) + repeatAfterMs(nowMs - step.startMs)
    step.shown = true
  }
}

function clearLine() {
  if (line) process.stdout.write('\r\x1b[K')
  line = ''
}

/**
 * @param {string} title words for the progress line, such as "installing packages (npm ci)"
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, logFile?: string, limitMs?: number, unbroken?: boolean }} options
 *   `unbroken`: is not ended from here, because half of it is worse than all of it (apt).
 * @returns {Promise<{ ok: boolean, why: string, tail: string[], ms: number }>}
 *   `why` says how it ended when not ok; `tail` are the last lines it printed.
 */
export function runStep(title, command, args, options) {
  const { cwd, env = process.env, logFile, limitMs = 15 * 60_000, unbroken = false } = options
  const shown = progress(title)
  const tail = []
  const log = logFile ? openLog(logFile) : null
  return new Promise((resolve) => {
    let timedOut = false
    const child = spawn(command, args, {
      cwd,
      env,
      detached: !unbroken,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const entry = { child, ownGroup: !unbroken }
    running.add(entry)
    const limit = setTimeout(() => {
      timedOut = true
      void stop(entry)
    }, limitMs)
    let partial = ''
    const take = (chunk) => {
      log?.write(chunk)
      const lines = (partial + chunk).split(/\r?\n/)
      partial = (lines.pop() ?? '').slice(-2000)
      for (const line of lines) if (line.trim()) tail.push(plain(line))
      tail.splice(0, Math.max(0, tail.length - tailLines))
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    const end = (ok, why) => {
      clearTimeout(limit)
      running.delete(entry)
      killGroup(entry, 'SIGKILL')
      log?.end()
      if (partial.trim()) tail.push(plain(partial))
      resolve({ ok, why, tail, ms: shown.end() })
    }
    child.once('error', (error) =>
      end(false, error.code === 'ENOENT' ? `${command} was not found` : error.message),
    )
    // `exit`, not `close`: a process left behind may keep the pipe open for ever.
    child.once('exit', (code, signal) => {
      setTimeout(() => {
        if (timedOut) end(false, `stopped after ${duration(limitMs)}, its limit`)
        else if (signal) end(false, `ended by ${signal}`)
        else end(code === 0, `exit code ${code}`)
      }, 20)
    })
  })
}

/** Keeps a long-running child, such as the app itself, so that `stopAll` ends it too. */
export function keep(child) {
  const entry = { child, ownGroup: true }
  running.add(entry)
  child.once('exit', () => {
    running.delete(entry)
    killGroup(entry, 'SIGKILL')
  })
}

/** Ends everything that was started here; resolves when it is gone. */
export async function stopAll() {
  await Promise.all([...running].map(stop))
}

/** Ctrl-C, a closed terminal and `kill` end the children first, then us with the usual exit code. */
export function stopOnSignals(cleanUp = async () => {}) {
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ]) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      void stopAll()
        .then(cleanUp)
        .finally(() => process.exit(128 + number))
    })
  }
}

/**
 * Ends processes that carry `marker` in their environment, whatever group they moved to. Linux only.
 * @returns {Promise<string[]>} the command lines of those that were still there
 */
export async function endMarked(marker, graceMs = 2000) {
  const untilMs = Date.now() + graceMs
  let found = marked(marker)
  while (found.length > 0 && Date.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    found = marked(marker)
  }
  for (const { pid } of found) tryKill(pid, 'SIGKILL')
  return found.map(({ line }) => line)
}

function marked(marker) {
  if (process.platform !== 'linux') return []
  const found = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'latin1').includes(marker)) continue
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      if (line) found.push({ pid: Number(name), line: line.slice(0, 160) })
    } catch {
      // It ended meanwhile, or belongs to somebody else.
    }
  }
  return found
}

function stop(entry) {
  const { child } = entry
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const force = setTimeout(() => killGroup(entry, 'SIGKILL'), killAfterMs)
    child.once('exit', () => {
      clearTimeout(force)
      killGroup(entry, 'SIGKILL')
      resolve()
    })
    killGroup(entry, 'SIGTERM')
  })
}

function killGroup({ child, ownGroup }, signal) {
  // What is `unbroken` stays in our own group, hears Ctrl-C itself, and ends in its own time.
  if (ownGroup && child.pid !== undefined) tryKill(-child.pid, signal)
}

function tryKill(pid, signal) {
  try {
    process.kill(pid, signal)
  } catch {
    // Already gone.
  }
}

function openLog(file) {
  mkdirSync(path.dirname(file), { recursive: true })
  return createWriteStream(file)
}

/** Without colours and other control characters. */
const plain = (line) =>
  stripVTControlCharacters(line)
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, 400)
