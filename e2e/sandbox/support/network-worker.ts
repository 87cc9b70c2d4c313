// Runs commands whose network is limited to a proxy, for network-escapes.test.ts, as whichever user it was started as:
// one JSON request a line in, one JSON answer a line out. The proxy is here, as it must be this user's.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { systemClock } from '../../../main/platform/clock.ts'
import { createSandbox } from '../../../main/sandbox/create-sandbox.ts'
import { noGrant } from '../../../protocol/action.ts'

export type NetworkRequest = {
  readonly launcher: string
  readonly folder: string
  readonly home: string
  readonly script: string
  readonly env: Readonly<Record<string, string>>
  /** Outside, the attempt must work. */
  readonly outside: boolean
}
export type NetworkAnswer = {
  readonly exitCode: number | null
  readonly output: string
  readonly problem: string | null
  /** What the proxy got after each greeting. */
  readonly got: readonly string[]
  /** Greetings that were not as they must be. */
  readonly wrong: readonly string[]
}

async function answer(request: NetworkRequest): Promise<NetworkAnswer> {
  const sandbox = createSandbox({
    launcher: request.launcher,
    stateDir: `${request.home}/state/sandbox`,
    clock: systemClock,
  })
  const address = `gatehouse-rows-${randomBytes(8).toString('hex')}`
  const token = randomBytes(16).toString('hex')
  const got: string[] = []
  const wrong: string[] = []
  const server = createServer((socket) => {
    let text = ''
    socket
      .on('error', () => {})
      .on('data', (chunk) => {
        text += chunk.toString('latin1')
        if (text.endsWith('\n') && text.split('\n').length > 2) socket.end('through the proxy\n')
      })
    socket.on('close', () => {
      const [head = '', ...rest] = text.split('\n')
      if (!new RegExp(`^\\{"token":"${token}","flow":\\d+,"kind":"(?:http|socks)"\\}$`).test(head))
        wrong.push(head)
      got.push(rest.join('\n'))
    })
  })
  await new Promise<void>((resolve) => server.listen(`\0${address}`, resolve))
  let output = ''
  const spec = await sandbox.buildSpec({
    mode: request.outside ? 'danger-full-access' : 'workspace-write',
    folder: request.folder,
    extraWritableRoots: [],
    deniedReads: [],
    grant: noGrant,
    gatehouseHome: request.home,
  })
  const run = await sandbox.start({
    spec: request.outside ? spec : { ...spec, network: 'proxied' },
    argv: ['bash', '-c', request.script],
    cwd: request.folder,
    env: { ...request.env, PROXY: address },
    cols: 200,
    rows: 24,
    onData: (chunk) => void (output += Buffer.from(chunk).toString('utf8')),
    proxy: { address, token },
  })
  const { exitCode, startProblem } = await run.exited
  await new Promise((resolve) => server.close(resolve))
  return { exitCode, output, problem: startProblem, got, wrong }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as NetworkRequest))}\n`)
