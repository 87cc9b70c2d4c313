// Fuzzes the reader of the control protocol: `node native-sandbox/test/fuzz.mjs [COUNT] [NUMBER]`.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { warnings } from '../build.mjs'

const at = (name) => fileURLToPath(new URL(name, import.meta.url))
const sources = [
  'fuzz-message.c',
  '../linux/message.c',
  '../linux/line.c',
  '../linux/start.c',
  '../linux/order.c',
  '../linux/glob.c',
  '../linux/greeting.c',
].map(at)

const start = {
  type: 'start',
  protocol: 1,
  seccomp: 'closed',
  nesting: false,
  hold: 'writes',
  roots: ['/home/dana/work', '/tmp'],
  closed: ['/home/dana/work/.git'],
  masks: ['/home/dana/.ssh'],
  deniedGlobs: ['/home/dana\n**/.env', '/home/dana\n{a,b/{c,*}}/[!x-z]?.pem'],
  grantedReads: ['/home/dana/x.env'],
  standInFolders: ['/home/dana/work/.vscode'],
  standInFiles: [],
  memoryBytes: 1 << 30,
  pids: 100,
  cpuPercent: 200,
  openFiles: 1024,
  fileBytes: 0,
  cgroup: '',
  grows: true,
  proxy: '',
  proxyToken: '',
}
export const seeds = [
  start,
  {
    ...start,
    seccomp: 'open',
    hold: 'all',
    nesting: true,
    roots: ['/caf\u00e9 \u{1f600}', '/tab\t"quote"\\'],
  },
  { ...start, seccomp: 'proxied', proxy: 'gatehouse-0a1b', proxyToken: '0123456789abcdef_-ABC' },
  { type: 'who', flow: 9007199254740991 },
  { type: 'answer', id: 1, verdict: 'once', path: '', remember: false },
  { type: 'answer', id: 2, verdict: 'path', path: '', remember: false },
  { type: 'answer', id: 3, verdict: 'directory', path: '/home/dana', remember: false },
  { type: 'answer', id: 4, verdict: 'deny', path: '', remember: true },
  { type: 'grant', path: '/home/dana/.cache', directory: true },
  { type: 'revoke', path: '/home/dana/.cache' },
  { type: 'mask', path: '/home/dana/\udc80\udcff' },
  { type: 'stop' },
].map((message) => JSON.stringify(message))

const isPlace = (path) =>
  typeof path === 'string' && /^\/(?:[^/]+(?:\/[^/]+)*)?$/.test(path) && !/\/\.\.?(?:\/|$)/.test(path)

/** Whether a line that the launcher took for a permission is exactly one to another reader of JSON as well. */
function permits(hex) {
  const message = JSON.parse(Buffer.from(hex, 'hex').toString('utf8'))
  if (message.type === 'grant') return isPlace(message.path)
  if (message.type === 'start')
    return (
      message.seccomp === 'proxied' &&
      /^[\w-]{1,100}$/.test(message.proxy) &&
      /^[\w-]{16,128}$/.test(message.proxyToken)
    )
  const known = message.type === 'answer' && Number.isInteger(message.id) && message.id > 0
  return (
    known &&
    (/^(once|path)$/.test(message.verdict) || (message.verdict === 'directory' && isPlace(message.path)))
  )
}

/**
 * Compiles the harness and gives it `count` lines.
 * @returns {string} what it printed; throws when it crashed, or took for a permission what is none
 */
export function fuzz(count, number) {
  const base = mkdtempSync(`${tmpdir()}/gatehouse-fuzz-`)
  try {
    const sanitize = ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']
    execFileSync('gcc', [...warnings, ...sanitize, ...sources, '-o', `${base}/fuzz`])
    writeFileSync(`${base}/seeds`, seeds.map((line) => `${line}\n`).join(''))
    const argv = [`${base}/seeds`, String(count), String(number), `${base}/grants`]
    const printed = execFileSync(`${base}/fuzz`, argv, { encoding: 'utf8' }).trimEnd()
    const grants = readFileSync(`${base}/grants`, 'utf8').trimEnd().split('\n')
    const wrong = grants.find((hex) => !permits(hex))
    if (wrong) throw new Error(`taken for a permission: ${Buffer.from(wrong, 'hex').toString()}`)
    return `${printed}, ${grants.length} permissions, all of them exact\n`
  } finally {
    rmSync(base, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(fuzz(Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? Date.now())))
