import os from 'node:os'
import { commands } from './commands.ts'
import { runCli } from './run-cli.ts'

// npm changes to the root of the package; relative paths mean the folder npm was called from.
const called = process.env['npm_lifecycle_event'] === 'gatehouse' ? process.env['INIT_CWD'] : undefined

process.stdout.on('error', (problem: NodeJS.ErrnoException) => {
  // Whoever reads has read enough: `gatehouse … | head -1`.
  if (problem.code !== 'EPIPE') throw problem
})
process.exitCode = await runCli(process.argv.slice(2), commands, {
  cwd: called ?? process.cwd(),
  env: process.env,
  home: os.homedir(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
})
