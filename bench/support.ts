import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium } from '@playwright/test'
import WebSocket from 'ws'
import type { ApprovalRequest } from '../protocol/approvals.ts'
import { type ClientEnd, createClientEnd } from '../protocol/client-end.ts'
import { type AppContract, contract } from '../protocol/contract.ts'

export const root = path.resolve(import.meta.dirname, '..')

/** A folder outside /tmp, which every sandbox hides; removed at the end. */
export function scratch(): { readonly path: string; remove(): void } {
  const base = path.join(root, 'out/bench')
  mkdirSync(base, { recursive: true })
  const made = mkdtempSync(path.join(base, 'home-'))
  return { path: made, remove: () => rmSync(made, { recursive: true, force: true }) }
}

export type Served = { readonly url: string; readonly client: ClientEnd<AppContract>; stop(): Promise<void> }

/** The built `serve` host, and a client beside the page. */
export async function serve(home: string, pace: string): Promise<Served> {
  const child: ChildProcess = spawn(
    process.execPath,
    [path.join(root, 'out/main/serve.js'), '--home', path.join(home, '.gatehouse')],
    {
      env: { ...process.env, HOME: home, GATEHOUSE_DEMO_PACE: pace },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (d: Buffer) => {
      const found = /http:\/\/\S+/.exec(d.toString())?.[0]
      if (found) resolve(found)
    })
    child.once('exit', () => reject(new Error('The host ended.')))
  })
  const { host, hash, origin } = new URL(url)
  const socket = new WebSocket(
    `ws://${host}/rpc`,
    ['gatehouse.v1', `token.${hash.slice(3)}`, 'client.bench'],
    { origin },
  )
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const client = createClientEnd(contract, `bench.${Date.now().toString(36)}`)
  client.attach({
    send: (frame) => socket.send(frame),
    onFrame: (l) =>
      void socket.on('message', (d: Buffer, binary) => l(binary ? new Uint8Array(d) : d.toString())),
    onClose: (l) => void socket.on('close', l),
    close: () => socket.close(),
  })
  return {
    url,
    client,
    async stop() {
      socket.terminate()
      child.kill('SIGTERM')
      await new Promise((resolve) => child.once('exit', resolve))
    },
  }
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    args: ['--disable-dev-shm-usage'],
  })

/** Says yes to everything, as soon as it is asked. */
export function answerAll(
  client: ClientEnd<AppContract>,
  delayMs: number,
  onRequest: (request: ApprovalRequest) => void,
): () => void {
  const seen = new Set<string>()
  const answer = (request: ApprovalRequest): void => {
    if (request.state.state !== 'waiting' || seen.has(request.id)) return
    seen.add(request.id)
    onRequest(request)
    const { id, revision, echo } = request
    setTimeout(() => {
      client
        .call('approvals/decide', {
          id,
          revision,
          offerId: 'once',
          lookMs: delayMs,
          ...(echo === null ? {} : { echo }),
        })
        .catch(() => {})
    }, delayMs)
  }
  return client.subscribe(
    'approvals/watch',
    {},
    {
      snapshot: (s) => s.requests.forEach(answer),
      change: (c) => c.type === 'request' && answer(c.request),
    },
  )
}
