// Runs command lines of `gatehouse` one after another, in one process of the prober's: see command-lines.ts.
import { commands } from '../../main/cli/commands.ts'
import { runCli } from '../../main/cli/run-cli.ts'
import { type CommandLine, maxOutput, type Output } from './command-lines.ts'

/** Many runs in one process, each with its own listeners for signals, and some at the same time. */
process.setMaxListeners(0)

process.on('message', (line: CommandLine) => {
  void runLine(line).then((output) => process.send?.(output))
})

async function runLine({ args, cwd, env, input }: CommandLine): Promise<Output> {
  const said = { out: Buffer.alloc(0), err: Buffer.alloc(0) }
  const add =
    (name: keyof typeof said) =>
    (chunk: Uint8Array | string): void => {
      said[name] = Buffer.concat([said[name], Buffer.from(chunk)]).subarray(0, maxOutput)
    }
  const exit = await runCli(args, commands, {
    cwd,
    env,
    home: env['HOME'] ?? '/',
    out: add('out'),
    err: add('err'),
    streams: { input, onOutput: add('out'), onErrors: add('err') },
  })
  return { exit, stdout: said.out.toString('utf8'), stderr: said.err.toString('utf8') }
}
