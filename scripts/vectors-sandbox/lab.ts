import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'

/** Who runs the probes: Codex was not run by root either. `nobody` when we are root, else ourselves. */
export const prober: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/** Where Codex's run had a program listening, on the host. */
const outside = { port: 18_099, socket: '/tmp/r1-outside.sock', abstract: '\0r1-abstract' }

/** What lies around all probes: the program that tries, a process outside, and somebody who listens. */
export type Lab = {
  readonly folder: string
  /** Performs one system call. */
  readonly sysprobe: string
  readonly outsidePid: number
  close(): void
}

/**
 * Builds the lab in a folder of its own below /var/tmp: the folders of a probe must not lie below /tmp, which a run does
 * not share with the host.
 *
 * @param source sysprobe.c
 * @throws when gcc is missing or the ports are taken
 */
export async function openLab(source: string): Promise<Lab> {
  const folder = mkdtempSync('/var/tmp/gatehouse-probes-')
  const children: ChildProcess[] = []
  const close = (): void => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
    rmSync(outside.socket, { force: true })
  }
  try {
    chmodSync(folder, 0o755)
    const sysprobe = path.join(folder, 'sysprobe')
    execFileSync('gcc', ['-O1', '-w', source, '-o', sysprobe], { stdio: 'pipe' })
    // Both end with us: they wait for the end of an input that only we hold.
    const sleeper = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'], ...prober })
    children.push(sleeper)
    children.push(await listen())
    return { folder, sysprobe, outsidePid: sleeper.pid ?? 0, close }
  } catch (problem) {
    close()
    throw problem
  }
}

/** A process of the prober's, so that its sockets are as reachable as they can be. */
async function listen(): Promise<ChildProcess> {
  const script = `
    const { createServer } = require('node:http'), net = require('node:net'), fs = require('node:fs')
    fs.rmSync(${JSON.stringify(outside.socket)}, { force: true })
    const all = [
      [createServer((_, answer) => answer.end('outside\\n')), { port: ${outside.port}, host: '127.0.0.1' }],
      [net.createServer((s) => s.end()), { path: ${JSON.stringify(outside.socket)} }],
      [net.createServer((s) => s.end()), { path: ${JSON.stringify(outside.abstract)} }],
    ]
    process.stdin.on('end', () => process.exit()).resume()
    let left = all.length
    for (const [server, at] of all) server.listen(at, () => --left === 0 && console.log('listening'))
  `
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'], ...prober })
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`The listeners ended with ${code}.`)))
  })
  return child
}

/** The folders of one probe, fresh. */
export type Place = { readonly root: string; readonly env: Readonly<Record<string, string>>; remove(): void }

/** @param settings the probe brings a settings file, and Codex's own folder lay in `$ROOT` then */
export function openPlace(lab: Lab, number: number, settings: boolean): Place {
  const root = path.join(lab.folder, `p${number}`)
  const own = settings ? `${root}/ch` : path.join(lab.folder, `c${number}`)
  for (const folder of [root, `${root}/ws`, `${root}/out`, `${root}/home`, `${root}/tmpd`, own]) {
    mkdirSync(folder, { recursive: true })
    chownSync(folder, prober.uid ?? -1, prober.gid ?? -1)
  }
  return {
    root,
    env: {
      PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      ROOT: root,
      WS: `${root}/ws`,
      OUT: `${root}/out`,
      HOME: `${root}/home`,
      CODEX_HOME: own,
      GATEHOUSE_HOME: own,
      S: lab.sysprobe,
      N: String(number),
    },
    remove() {
      for (const folder of [root, own]) rmSync(folder, { recursive: true, force: true })
    },
  }
}
