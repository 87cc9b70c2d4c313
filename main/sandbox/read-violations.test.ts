import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SandboxSpec, Violation } from '../../protocol/sandbox.ts'
import { listeningIn, readViolations } from './read-violations.ts'

// Not below /tmp, which is private inside and so never a violation.
let base = ''
let spec: SandboxSpec
let port = 0
const server = createServer()

beforeAll(async () => {
  base = realpathSync(mkdtempSync('/var/tmp/gatehouse-violations-'))
  for (const name of ['ws/.git/objects', 'ws/.git/refs', 'ws/sub', 'out/dir', 'denied']) {
    mkdirSync(`${base}/${name}`, { recursive: true })
  }
  for (const name of ['ws/.git/HEAD', 'out/kept', 'denied/key']) writeFileSync(`${base}/${name}`, '')
  symlinkSync(`${base}/out`, `${base}/ws/link`)
  spec = {
    boundary: 'bounded',
    writableRoots: [`${base}/ws`],
    pinnedFolders: [],
    protectedPaths: ['.git', '.codex'].map((name) => ({
      path: `${base}/ws/${name}`,
      exists: name === '.git',
    })),
    grantedPaths: [],
    closedInGrants: [],
    deniedReads: [`${base}/denied`],
    network: 'none',
    tmp: 'private',
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address === 'object' && address) port = address.port
})
afterAll(() => {
  server.close()
  rmSync(base, { recursive: true })
})

const read = (output: string, changes: Partial<SandboxSpec> = {}, exitCode = 1) =>
  readViolations({
    spec: { ...spec, ...changes },
    cwd: `${base}/ws`,
    output: output.replaceAll('BASE', base),
    exitCode,
  })

const brief = (violations: readonly Violation[]) =>
  violations.map((v) =>
    v.kind === 'connect'
      ? `connect ${v.host}:${v.port}`
      : `${v.kind} ${v.path.replace(base, 'BASE')}${v.kind === 'write' && v.wants === 'directory' ? '/' : ''}`,
  )

test('what a grant of git metadata opens is marked, and nothing else', async () => {
  const output = (path: string) => `fatal: Unable to create '${path}/index.lock': Read-only file system`
  const [own] = await read(output('BASE/ws/.git'))
  expect(own).toMatchObject({ path: `${base}/ws/.git`, gitMetadata: true })
  const elsewhere = `${base}/other/.git`
  for (const name of ['objects', 'refs']) mkdirSync(`${elsewhere}/${name}`, { recursive: true })
  writeFileSync(`${elsewhere}/HEAD`, '')
  const [other] = await read(output(elsewhere))
  expect(other).toMatchObject({ kind: 'write', path: elsewhere })
  expect(other).not.toHaveProperty('gitMetadata')
})

describe('writes', () => {
  test.each([
    ['touch', 'touch: cannot touch ‘BASE/out/new’: Read-only file system', 'write BASE/out/new'],
    ['touch, relative', "touch: cannot touch '../out/new': Read-only file system", 'write BASE/out/new'],
    ['mkdir', "mkdir: cannot create directory '../out/d': Read-only file system", 'write BASE/out/d/'],
    ['cp', "cp: cannot create regular file 'BASE/out/new': Read-only file system", 'write BASE/out/new'],
    ['rm', "rm: cannot remove 'BASE/out/kept': Read-only file system", 'write BASE/out/'],
    ['sed', "sed: couldn't open temporary file BASE/out/sedAbCdEf: Read-only file system", 'write BASE/out/'],
    ['tee', 'tee: BASE/out/new: Read-only file system', 'write BASE/out/new'],
    ['bash', 'bash: line 1: BASE/out/new: Read-only file system', 'write BASE/out/new'],
    ['dash', 'sh: 1: cannot create BASE/out/new: Read-only file system', 'write BASE/out/new'],
    [
      'bash, a name with spaces',
      'bash: line 1: ../out/a new file: Read-only file system',
      'write BASE/out/a new file',
    ],
    ['through a link', 'bash: link/new: Read-only file system', 'write BASE/out/new'],
    [
      'git commit',
      "fatal: Unable to create 'BASE/ws/.git/index.lock': Read-only file system",
      'write BASE/ws/.git/',
    ],
    [
      'git config',
      'error: could not lock config file .git/config: Read-only file system',
      'write BASE/ws/.git/',
    ],
    ['node', "Error: EROFS: read-only file system, open 'BASE/out/new'", 'write BASE/out/new'],
    ['node, mkdir', "Error: EROFS: read-only file system, mkdir 'BASE/out/d'", 'write BASE/out/d/'],
    [
      'npm',
      'npm error code EROFS\nnpm error syscall mkdir\nnpm error path BASE/out/d\nnpm error errno EROFS',
      'write BASE/out/d',
    ],
    ['python', "OSError: [Errno 30] Read-only file system: 'BASE/out/new'", 'write BASE/out/new'],
    [
      'pip',
      "ERROR: Could not install packages due to an OSError: [Errno 30] Read-only file system: 'BASE/out/new'",
      'write BASE/out/new',
    ],
    [
      'cargo',
      'error: failed to create directory `BASE/out/d`\n\nCaused by:\n  Read-only file system (os error 30)',
      'write BASE/out/d/',
    ],
    ['go', 'go: open BASE/out/new: read-only file system', 'write BASE/out/new'],
    ['curl', 'curl: Failed to open the file BASE/out/new: Read-only file system', 'write BASE/out/new'],
    ['wget', 'BASE/out/new: Read-only file system', 'write BASE/out/new'],
    [
      'colours',
      '\u001b[31mtouch: cannot touch \u001b[1m‘BASE/out/new’\u001b[0m: Read-only file system\u001b[0m',
      'write BASE/out/new',
    ],
    ['a protected folder', "touch: cannot touch '.codex/x': Read-only file system", 'write BASE/ws/.codex/x'],
  ])('%s', async (_tool, output, expected) => {
    expect(brief(await read(output))).toEqual([expected])
  })

  test.each([
    ['inside a root', 'touch: cannot touch BASE/ws/sub/x: Permission denied'],
    ['in the private /tmp', 'touch: cannot touch /tmp/x: Read-only file system'],
    ['where the parent is absent', 'touch: cannot touch BASE/out/no/x: Read-only file system'],
    ['in the kernel', 'bash: /proc/sys/x: Read-only file system'],
    ['of the whole disk', "rm: cannot remove '/x': Read-only file system"],
    ['of nothing', 'Read-only file system'],
  ])('no question about a path %s', async (_where, output) => {
    const found = await read(output)
    expect(found.filter((v) => v.kind !== 'write' || v.path !== '/')).toEqual([])
  })

  test.each([
    ['sh: 1: cannot create x: Read-only file system', 'write BASE/ws/x'],
    ['bash: line 1: x: Read-only file system', 'write BASE/ws/x'],
    ['error: could not lock config file x/../y: Read-only file system', 'write BASE/ws/y'],
    ['we cannot create what you want: Read-only file system', ''],
  ])('read-only, where every name could be meant: %s', async (output, expected) => {
    const readOnly = { writableRoots: [], protectedPaths: [] }
    expect(brief(await read(output, readOnly)).join()).toBe(expected)
  })

  test('what is granted or protected is told from the spec', async () => {
    const output = 'bash: BASE/out/new: Read-only file system\nbash: .git/hooks/x: Read-only file system'
    const granted = {
      grantedPaths: [`${base}/out`, `${base}/ws/.git`],
      closedInGrants: [{ path: `${base}/ws/.git/hooks`, exists: false }],
    }
    expect(await read(output)).toMatchObject([{ protected: true }, { protected: false }])
    expect(brief(await read(output, granted))).toEqual([])
  })

  test('a file the user may not write either is no question', async () => {
    if (process.getuid?.() === 0) return
    chmodSync(`${base}/out/kept`, 0o444)
    expect(await read('bash: BASE/out/kept: Permission denied')).toEqual([])
  })
})

describe('connections', () => {
  test.each([
    ['curl', 'curl: (6) Could not resolve host: example.com', 'connect example.com:null'],
    [
      'curl with a port',
      'curl: (7) Failed to connect to 93.184.216.34 port 443 after 0 ms: Network is unreachable',
      'connect 93.184.216.34:443',
    ],
    ['wget', 'wget: unable to resolve host address ‘example.com’', 'connect example.com:null'],
    ['node', 'Error: getaddrinfo EAI_AGAIN registry.npmjs.org', 'connect registry.npmjs.org:null'],
    [
      'npm',
      'npm error request to https://registry.npmjs.org/x failed, reason: getaddrinfo EAI_AGAIN registry.npmjs.org',
      'connect registry.npmjs.org:443',
    ],
    [
      'python',
      "HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded",
      'connect pypi.org:443',
    ],
    [
      'git',
      "fatal: unable to access 'https://github.com/a/b/': Could not resolve host: github.com",
      'connect github.com:443',
    ],
    [
      'ssh',
      'ssh: Could not resolve hostname github.com: Temporary failure in name resolution',
      'connect github.com:null',
    ],
    [
      'cargo',
      "warning: spurious network error: [6] Couldn't resolve host name (Could not resolve host: index.crates.io)",
      'connect index.crates.io:null',
    ],
    [
      'go',
      'dial tcp: lookup proxy.golang.org on 10.0.0.1:53: dial udp: connect: network is unreachable',
      'connect proxy.golang.org:null',
    ],
    [
      'psql',
      'psql: error: could not translate host name "db.example" to address: Temporary failure in name resolution',
      'connect db.example:null',
    ],
    ['bash', 'bash: example.com: Temporary failure in name resolution', 'connect example.com:null'],
    ['apt', "Temporary failure resolving 'deb.debian.org'", 'connect deb.debian.org:null'],
    ['ssh', 'socket: Operation not permitted', 'connect null:null'],
    [
      'python',
      'urllib.error.URLError: <urlopen error [Errno 1] Operation not permitted>',
      'connect null:null',
    ],
  ])('%s', async (_tool, output, expected) => {
    expect(brief(await read(output))).toEqual([expected])
    expect(await read(output, { network: 'host' })).toEqual([])
  })

  test('a refusal on this machine counts only when somebody listens', async () => {
    expect(brief(await read(`Error: connect ECONNREFUSED 127.0.0.1:${port}`))).toEqual([
      `connect 127.0.0.1:${port}`,
    ])
    expect(
      brief(
        await read(
          `psql: error: connection to server at "localhost" (::1), port ${port} failed: Connection refused`,
        ),
      ),
    ).toEqual([`connect localhost:${port}`])
    expect(await read('Error: connect ECONNREFUSED 127.0.0.1:1')).toEqual([])
    expect(
      brief(
        await read(`cannot reach it: EPERM connect EPERM 127.0.0.1:${port} - Local (undefined:undefined)`),
      ),
    ).toEqual([`connect 127.0.0.1:${port}`])
    expect(
      await read('curl: (7) Failed to connect to localhost port 1 after 0 ms: Connection refused'),
    ).toEqual([])
  })

  test('listening sockets are told from connected ones', () => {
    const table = [
      '  sl  local_address rem_address   st',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000',
      '   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000',
      'garbage 0A',
    ].join('\n')
    expect(listeningIn(table)).toEqual([8080])
  })
})

test('a denied read is told as one', async () => {
  expect(brief(await read('cat: BASE/denied/key: Permission denied'))).toEqual(['read BASE/denied/key'])
})

test('the latest come first, each once, and at most five', async () => {
  const lines = Array.from({ length: 9 }, (_, i) => `bash: BASE/out/${i}: Read-only file system\n`)
  expect(brief(await read([...lines, ...lines].join('')))).toEqual(
    [8, 7, 6, 5, 4].map((i) => `write BASE/out/${i}`),
  )
})

test('a folder covers what is in it', async () => {
  const output =
    "bash: BASE/out/dir/x: Read-only file system\nrm: cannot remove 'BASE/out/dir/y': Read-only file system"
  expect(brief(await read(output))).toEqual(['write BASE/out/dir/'])
})

test('after a good end only unmistakable messages count', async () => {
  expect(await read('cat: BASE/out/kept: Permission denied', {}, 0)).toEqual([])
  expect(brief(await read('bash: BASE/out/new: Read-only file system', {}, 0))).toEqual([
    'write BASE/out/new',
  ])
})

test('without a boundary nothing was stopped', async () => {
  expect(await read('bash: BASE/out/new: Read-only file system', { boundary: 'none' })).toEqual([])
})

test.each([
  ['a line of a megabyte', `${'x'.repeat(1 << 20)}: Read-only file system`],
  ['a megabyte of quotes', `${"'".repeat(1 << 20)} Read-only file system`],
  ['a megabyte of escapes', `${'\u001b['.repeat(1 << 19)}: Permission denied`],
  ['unfinished terminal titles', `${'\u001b]0;'.repeat(1 << 18)} EROFS`],
  ['NULs', "touch: cannot touch '\0/etc/x\0': Read-only file system".repeat(1000)],
  ['many slashes', `${'/'.repeat(60_000)}: Read-only file system`],
  ['many colons', `${': '.repeat(30_000)}Read-only file system`],
  ['impossible hosts', `Could not resolve host: ${'a.'.repeat(30_000)}`],
  ['lone surrogates', '\ud800: Read-only file system \udfff'],
])('hostile output ends soon and asks nothing: %s', async (_what, output) => {
  const found = await read(output)
  expect(found.filter((v) => v.kind !== 'connect' && v.path !== '/etc/x')).toEqual([])
})
