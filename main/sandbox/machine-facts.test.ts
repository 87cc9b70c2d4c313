import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { MachineFacts } from './bwrap-argv.ts'
import { hostSockets, saysSocketGone, withoutGoneSockets } from './machine-facts.ts'

const head = 'Num       RefCount Protocol Flags    Type St Inode Path'
const line = (path: string) => `0000000000000000: 00000002 00000000 00010000 0001 01 12345 ${path}`

test('only sockets that are there count, each once, names with spaces too', async () => {
  const base = mkdtempSync('/var/tmp/gatehouse-sockets-')
  const path = `${base}/a b.sock`
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const listing = [
    head,
    line(path),
    line(path),
    line('@abstract'),
    line('/no/such'),
    line('/etc/passwd'),
    line(''),
    '\0',
  ]
  expect(await hostSockets(listing.join('\n'))).toEqual([path])
  server.close()
  rmSync(base, { recursive: true })
})

test.runIf(process.getuid?.() === 0)('what another user keeps to themself needs no cover', async () => {
  const base = mkdtempSync('/var/tmp/gatehouse-sockets-')
  const path = `${base}/private/own.sock`
  mkdirSync(`${base}/private`)
  chmodSync(base, 0o755)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const found = () => hostSockets(`${head}\n${line(path)}`)
  expect(await found()).toEqual([path])
  chownSync(`${base}/private`, 65534, 65534)
  expect(await found()).toEqual([path])
  chmodSync(`${base}/private`, 0o700)
  expect(await found()).toEqual([])
  server.close()
  rmSync(base, { recursive: true })
})

test('an empty or hostile listing closes nothing', async () => {
  expect(await hostSockets('')).toEqual([])
  expect(await hostSockets(`${head}\n${line(`/${'x'.repeat(100_000)}`)}\n${line('/../..\0')}`)).toEqual([])
})

test('a socket that went is covered no more, and is told from all else that can be missing', () => {
  const base = mkdtempSync('/var/tmp/gatehouse-sockets-')
  const spec = { deniedReads: [`${base}/denied`] } as unknown as SandboxSpec
  const facts = {
    sockets: [`${base}/gone.sock`],
    masks: [
      { path: `${base}/denied`, kind: 'file' },
      { path: `${base}/folder`, kind: 'folder' },
      { path: base, kind: 'folder' },
    ],
  } as unknown as MachineFacts
  const left = withoutGoneSockets(spec, facts)
  expect(left.sockets).toEqual([])
  expect(left.masks.map(({ path }) => path)).toEqual([`${base}/denied`, base])

  const says = (words: string) => saysSocketGone(words, spec, facts)
  expect(says(`bwrap: Can't create file at ${base}/gone.sock: Read-only file system`)).toBe(true)
  expect(says(`bwrap: Can't mkdir ${base}/folder: Read-only file system`)).toBe(true)
  for (const words of [
    `bwrap: Can't create file at ${base}/denied: Read-only file system`,
    `bwrap: Can't create file at ${base}/gone.sock.d: Read-only file system`,
    `bwrap: Can't find source path ${base}/gone.sock: No such file or directory`,
    `x bwrap: Can't create file at ${base}/gone.sock: y`,
    '',
  ])
    expect(says(words), words).toBe(false)
  rmSync(base, { recursive: true })
})
