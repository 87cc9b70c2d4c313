#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * `npx gatehouse` in a checkout. Runs on the system's Node 20 and imports nothing but Node; the command line itself
 * needs Node 24, which comes with the packages.
 */

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const bundled = path.join(root, 'node_modules/.bin/node')
const modern = Number(process.versions.node.split('.')[0]) >= 24
const node = existsSync(bundled) ? bundled : modern ? process.execPath : null

if (node === null || !existsSync(path.join(root, 'node_modules/smol-toml'))) {
  process.stderr.write(`The packages of Gatehouse are missing. Run \`npm ci\` in ${root}, then try again.\n`)
  process.exitCode = 1
} else {
  const main = path.join(root, 'main/cli/main.ts')
  const child = spawn(node, ['--no-warnings', main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // The child decides how to end. A terminal sends its own signals, as for Ctrl-C, to both of us: passing them on
  // would make two of one.
  const fromTerminal = process.stdin.isTTY ? ['SIGINT', 'SIGQUIT'] : []
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'])
    process.on(signal, () => fromTerminal.includes(signal) || child.kill(signal))
  child.on('error', (problem) => {
    process.stderr.write(`${node} cannot be started: ${problem.message}\n`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
  })
}
