import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createHost } from '../host/create-host.ts'
import { writeAtomically } from '../platform/atomic-file.ts'
import { HomeInUse } from '../platform/home-lock.ts'
import { startServer } from './http-server.ts'
import { createServeSurface } from './serve-surface.ts'

const usage = `gatehouse serve: the host without a window; the page opens in a browser on this machine.

  --port N     port on 127.0.0.1 (default: any free one)
  --home DIR   where settings, logs and state live (default: GATEHOUSE_HOME, then ~/.gatehouse)
  --renderer DIR  where the built page lies (default: out/renderer)
  --help       this text
`

function fail(text: string): never {
  process.stderr.write(`${text}\n`)
  process.exit(1)
}

function readArguments(): { port: number; home: string; renderer: string } {
  let values: { port: string; home?: string | undefined; renderer?: string | undefined; help: boolean }
  try {
    values = parseArgs({
      options: {
        port: { type: 'string', default: '0' },
        home: { type: 'string' },
        renderer: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    fail(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
  if (values.help) {
    process.stdout.write(usage)
    process.exit(0)
  }
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    fail(`--port ${values.port} is not a port number (0 to 65535).`)
  const home = values.home ?? process.env['GATEHOUSE_HOME'] ?? path.join(os.homedir(), '.gatehouse')
  return {
    port,
    home: path.resolve(home),
    renderer: path.resolve(values.renderer ?? path.join(root, 'out/renderer')),
  }
}

/** The same token for every start on one home, so that an open tab finds its way back. */
async function readToken(home: string): Promise<string> {
  const file = path.join(home, 'state', 'serve-token')
  const known = await readFile(file, 'utf8').catch(() => '')
  const open = (await stat(file).catch(() => null))?.mode ?? 0
  if (/^[\w-]{43}$/.test(known.trim()) && (open & 0o077) === 0) return known.trim()
  const token = randomBytes(32).toString('base64url')
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  await writeAtomically(file, `${token}\n`)
  return token
}

/** Built (out/main/serve.js) and from source (main/serve/main.ts) the root lies two folders up. */
const root = path.resolve(import.meta.dirname, '../..')
const launcher = path.join(root, 'native-sandbox/out/launcher')
const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string }

const { port, home, renderer } = readArguments()
if (!existsSync(path.join(renderer, 'index.html')))
  fail('The page is not built yet. Run `npm start`, or `npm run build`.')
const token = await readToken(home)
try {
  const ports: number[] = []
  const surface = createServeSurface(path.join(home, 'state', 'secrets.json'), () => ports)
  const host = await createHost({ home, version, surface, launcher })
  const server = await startServer(host, { renderer, port, token })
  ports.push(Number(new URL(server.url).port))
  process.stdout.write(`Gatehouse ${version} is ready: ${server.url}\n`)
  let stopping = false
  const stop = (): void => {
    if (stopping) return
    stopping = true
    void server
      .close()
      .then(() => host.close())
      .then(() => process.exit(0))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
} catch (error) {
  if (error instanceof HomeInUse) fail(error.message)
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
    fail(`Port ${port} is in use. Choose another with --port.`)
  throw error
}
