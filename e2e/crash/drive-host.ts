import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import WebSocket from 'ws'
import type { Carrier } from '../../protocol/carrier.ts'
import { type ClientEnd, createClientEnd } from '../../protocol/client-end.ts'
import { type AppContract, contract } from '../../protocol/contract.ts'

const root = path.resolve(import.meta.dirname, '../..')

export type DrivenHost = {
  readonly child: ChildProcess
  readonly client: ClientEnd<AppContract>
  readonly url: string
  /** SIGKILL: no handler runs, nothing is flushed. */
  kill(): Promise<void>
  /** SIGTERM: closes in order. */
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()

/** Ends whatever a test that did not reach its end left behind. */
export function killLeftovers(): void {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
}

/** Starts the real `serve` host on a home and connects as a page would. */
export async function startHost(
  home: string,
  env: Readonly<Record<string, string>> = {},
): Promise<DrivenHost> {
  // These rounds are about the host; any page will do.
  const page = path.join(home, 'page')
  mkdirSync(page, { recursive: true })
  writeFileSync(path.join(page, 'index.html'), '<!doctype html><title>Gatehouse</title>')
  const child = spawn(
    process.execPath,
    [path.join(root, 'main/serve/main.ts'), '--home', path.join(home, '.gatehouse'), '--renderer', page],
    {
      cwd: root,
      env: { ...process.env, HOME: home, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  running.add(child)
  child.once('exit', () => running.delete(child))
  let errors = ''
  child.stderr?.on('data', (d: Buffer) => (errors += d.toString()))
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (d: Buffer) => {
      text += d.toString()
      const found = /http:\/\/\S+/.exec(text)?.[0]
      if (found) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`The host ended with ${code}: ${errors}`)))
  })
  const { origin, hash, host } = new URL(url)
  const socket = new WebSocket(
    `ws://${host}/rpc`,
    ['gatehouse.v1', `token.${hash.slice(3)}`, 'client.crash'],
    { origin },
  )
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  const client = createClientEnd(contract, `crash.${process.pid}.${Date.now().toString(36)}`)
  client.attach(carrierOf(socket))
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await exited
    socket.terminate()
    client.abandon({ code: 'closed', message: 'The host was stopped.' })
  }
  return { child, client, url, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') }
}

function carrierOf(socket: WebSocket): Carrier {
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(frame)
    },
    onFrame: (listener) =>
      void socket.on('message', (data: Buffer, binary) =>
        listener(binary ? new Uint8Array(data) : data.toString()),
      ),
    onClose: (listener) => void socket.on('close', listener),
    close: () => socket.close(),
  }
}
