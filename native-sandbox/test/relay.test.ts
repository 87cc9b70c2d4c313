import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bwrap, lab, type Run, start } from './support.ts'

const token = 'a-token-of-this-run-0123456789'
const http = 3128
const socks = 1080

describe.runIf(process.platform === 'linux')('the relay', () => {
  let base = ''
  let launcher = ''
  let client = ''
  let remove = () => {}
  beforeAll(() => {
    ;({ base, launcher, remove } = lab())
    client = `${base}/client`
    chmodSync(base, 0o755)
    execFileSync('gcc', [
      '-O1',
      '-Wall',
      '-Wextra',
      '-pthread',
      '-o',
      client,
      `${import.meta.dirname}/relay-client.c`,
    ])
  }, 600_000)
  afterAll(() => remove())

  const runs: Run[] = []
  const proxies: Proxy[] = []
  afterEach(async () => {
    for (const run of runs.splice(0)) {
      run.send({ type: 'stop' })
      await run.ended
    }
    for (const proxy of proxies.splice(0)) proxy.close()
  })

  const begin = (address: string, command: readonly string[], fields: object = {}, uid?: number) => {
    const run = start(launcher, ['--outside', 'fd:3', '--', ...bwrap(launcher, command)], {
      start: { seccomp: 'proxied', proxy: address, proxyToken: token, ...fields },
      ...(uid === undefined ? {} : { uid }),
    })
    runs.push(run)
    return run
  }
  const proxy = async (take: (socket: Socket, greeting: Greeting) => void, keepsHalf = false) => {
    const made = await Proxy.listen(take, keepsHalf)
    proxies.push(made)
    return made
  }
  /** What a run printed so far, once it holds `text`. */
  const printed = async (run: Run, text: string) => {
    let seen = ''
    return new Promise<string>((resolve, reject) => {
      run.child.stdout?.on('data', (chunk: Buffer) => {
        seen += chunk.toString()
        if (seen.includes(text)) resolve(seen)
      })
      void run.ended.then(({ stdout }) =>
        stdout.includes(text)
          ? resolve(stdout)
          : reject(new Error(`it ended with ${JSON.stringify(stdout)}`)),
      )
    })
  }
  const echo = (socket: Socket) => void socket.pipe(socket)

  test('joins what is sent to either port, with a line of greeting, and says its ports', async () => {
    const { address, greetings } = await proxy(echo)
    const both = `${client} say ${http} one; ${client} say ${socks} two`
    const { said, stdout, code } = await begin(address, ['sh', '-c', both]).ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'onetwo' })
    expect(greetings).toEqual([
      { token, flow: 1, kind: 'http' },
      { token, flow: 2, kind: 'socks' },
    ])
    expect(said.find(({ type }) => type === 'up')).toMatchObject({ httpPort: http, socksPort: socks })
  })

  test('a run without a proxy has no port', async () => {
    const run = begin('', [client, 'say', String(http), 'x'], { proxyToken: '' })
    const { stdout, said } = await run.ended
    expect(stdout).toBe('connect: Connection refused\n')
    expect(said.find(({ type }) => type === 'up')).toMatchObject({ httpPort: 0, socksPort: 0 })
  })

  test('an end is passed on alone, in either direction', async () => {
    // It answers only when all of the question was there, and the client reads although it ended its side.
    const { address } = await proxy((socket) => {
      let asked = ''
      socket.on('data', (chunk) => (asked += chunk)).on('end', () => socket.end(`heard ${asked}`))
    }, true)
    expect(await begin(address, [client, 'say', String(http), 'all of it']).ended).toMatchObject({
      code: 0,
      stdout: 'heard all of it',
    })
    // It ends its side first, and still hears the rest.
    let heard = ''
    const first = await proxy((socket) => {
      socket.end('bye')
      socket.on('data', (chunk) => (heard += chunk))
    }, true)
    const script = `exec 3<>/dev/tcp/127.0.0.1/${http}; cat <&3; echo " after" >&3`
    expect(await begin(first.address, ['bash', '-c', script]).ended).toMatchObject({ code: 0, stdout: 'bye' })
    await expect.poll(() => heard).toBe(' after\n')
  })

  test('20 MB there and back are the same', async () => {
    const { address } = await proxy(echo)
    const script = `head -c 20000000 /dev/urandom > /tmp/a; exec 3<>/dev/tcp/127.0.0.1/${http}
      cat /tmp/a >&3 & head -c 20000000 <&3 > /tmp/b; cmp /tmp/a /tmp/b && echo same`
    expect(await begin(address, ['bash', '-c', script]).ended).toMatchObject({ code: 0, stdout: 'same\n' })
  }, 60_000)

  test('who does not read makes the other wait, and costs no memory here', async () => {
    const { address, sockets } = await proxy((socket) => socket.pause())
    const run = begin(address, [client, 'flood', String(http), '200000000'])
    const words = printed(run, '\n')
    await run.heard('up')
    const before = memoryOf(run)
    const sent = Number((await words).replace('sent ', ''))
    expect(sent).toBeLessThan(20_000_000)
    expect(memoryOf(run) - before).toBeLessThan(4_000_000)
    // And the rest arrives when he reads again.
    const got = new Promise<number>((resolve) => {
      let bytes = 0
      sockets[0]?.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes >= sent) resolve(bytes)
      })
    })
    sockets[0]?.resume()
    await got
  }, 60_000)

  test('a client that resets ends its connection alone', async () => {
    const closed: number[] = []
    const { address } = await proxy((socket, { flow }) => {
      socket.on('data', () => socket.write('answer')).on('close', () => closed.push(flow))
    })
    const script = `${client} reset ${http} & sleep 0.2; ${client} say ${http} x & wait`
    const run = begin(address, ['sh', '-c', script])
    const both = printed(run, 'answeranswer')
    await expect.poll(() => closed[0]).toBe(1)
    await both
  })

  test('a connection is cut when the proxy is lost, and the next one is refused', async () => {
    const made = await proxy((socket) => {
      socket.write('begun\n')
      socket.on('data', () => made.close())
    })
    const script = `${client} say ${http} x; echo "ended $?"; ${client} say ${http} y; echo "then $?"`
    const { stdout } = await begin(made.address, ['sh', '-c', script]).ended
    expect(stdout).toMatch(/^begun\n(read: Connection reset by peer\n)?ended \d\n/)
    expect(stdout).toMatch(
      /(?:read|send|connect): (?:Connection reset by peer|Broken pipe|Connection refused)\nthen 1\n$/,
    )
  })

  test('where nobody listens, every connection is reset', async () => {
    const { stdout } = await begin('gatehouse-nobody-is-here', [client, 'say', String(socks), 'x']).ended
    expect(stdout).toMatch(/^(?:read|send|connect): (?:Connection reset by peer|Broken pipe)\n$/)
  })

  test.runIf(process.getuid?.() === 0)('another user’s socket is told no token', async () => {
    // The proxy is root's, and the run is not.
    const { address, bytes, sockets } = await proxy(echo)
    const { stdout } = await begin(address, [client, 'say', String(http), 'x'], {}, 65534).ended
    expect(stdout).toMatch(/^(?:read|send|connect): /)
    await expect.poll(() => sockets.every((socket) => socket.destroyed)).toBe(true)
    expect(bytes()).toBe(0)
  })

  test('10,000 half-open connections: 1,024 are joined, others wait, and the rest of the run goes on', async () => {
    const { address, sockets } = await proxy(() => {})
    const script = `ulimit -n 10100; exec ${client} idle ${http} 10000`
    const run = begin(address, ['bash', '-c', script])
    await printed(run, 'open')
    await expect.poll(() => sockets.length, { timeout: 30_000 }).toBe(1024)
    expect(descriptorsOf(run)).toBeLessThan(2 * 1024 + 64)
    // Room is used again.
    for (const socket of sockets.slice(0, 100)) socket.destroy()
    await expect.poll(() => sockets.length, { timeout: 30_000 }).toBe(1124)
    run.send({ type: 'grant', path: '/x', directory: false })
    await run.heard('granted')
    run.send({ type: 'stop' })
    await run.ended
    await expect.poll(() => sockets.every((socket) => socket.destroyed), { timeout: 30_000 }).toBe(true)
  }, 120_000)

  test('200 short connections at once leave no descriptor behind', async () => {
    const { address, greetings } = await proxy((socket) => socket.end('x'))
    const script = `for i in $(seq 200); do ${client} say ${http} y > /dev/null & done; wait; echo done; sleep 600`
    const run = begin(address, ['sh', '-c', script])
    await run.heard('up')
    const before = descriptorsOf(run)
    await printed(run, 'done')
    expect(new Set(greetings.map(({ flow }) => flow)).size).toBe(200)
    await expect.poll(() => descriptorsOf(run)).toBeLessThanOrEqual(before)
  }, 60_000)

  test('the command has no descriptor of it, and cannot take its ports', async () => {
    const { address } = await proxy(echo)
    expect(await begin(address, [client, 'fds']).ended).toMatchObject({ code: 0, stdout: '' })
    for (const port of [http, socks])
      expect(await begin(address, [client, 'bind', String(port)]).ended).toMatchObject({
        code: 1,
        stdout: '',
      })
    expect(await begin(address, [client, 'bind', '8080']).ended).toMatchObject({ code: 0 })
  })

  test.each(['stop', 'kill'] as const)('every connection ends with the run: %s', async (how) => {
    const { address, sockets } = await proxy(echo)
    const run = begin(address, [client, 'idle', String(http), '3'])
    await expect.poll(() => sockets.length).toBe(3)
    if (how === 'stop') run.send({ type: 'stop' })
    else run.child.kill('SIGKILL')
    await run.ended
    await expect.poll(() => sockets.every((socket) => socket.destroyed)).toBe(true)
  })

  describe('who opened a connection', () => {
    test.each([
      ['IPv4', 'idle'],
      ['a socket for IPv6', 'six'],
      ['a thread with descriptors of its own', 'thread'],
    ])('by %s', async (_what, how) => {
      const { address, greetings } = await proxy(() => {})
      const run = begin(address, ['sh', '-c', `${client} ${how} ${http} 1; :`])
      await expect.poll(() => greetings.length).toBe(1)
      run.send({ type: 'who', flow: 1 })
      expect(await run.heard('who')).toMatchObject({
        flow: 1,
        exe: client,
        cwd: '/',
        argv: [client, how, String(http), '1'],
        chain: [expect.stringMatching(/^\d+ \/\S*sh$/)],
      })
    })

    test.runIf(process.getuid?.() === 0)('also as nobody', async () => {
      const address = `gatehouse-test-${randomBytes(8).toString('hex')}`
      const server = spawn(client, ['serve', '0', address], { uid: 65534, gid: 65534 })
      await new Promise((resolve) => server.stdout.once('data', resolve))
      const run = begin(address, ['sh', '-c', `${client} idle ${http} 1; :`], {}, 65534)
      const greeting = await new Promise((resolve) => server.stdout.once('data', resolve))
      expect(String(greeting)).toBe(`{"token":"${token}","flow":1,"kind":"http"}\n`)
      run.send({ type: 'who', flow: 1 })
      const who = await run.heard('who')
      // Not before: with the proxy every connection to it goes.
      server.kill()
      expect(who).toMatchObject({ flow: 1, exe: client, argv: [client, 'idle', '3128', '1'] })
    })

    test('nobody is known for a connection that is not there', async () => {
      const { address } = await proxy(echo)
      const run = begin(address, ['sleep', '600'])
      await run.heard('up')
      run.send({ type: 'who', flow: 7 })
      expect(await run.heard('who')).toEqual({
        type: 'who',
        flow: 7,
        pid: -1,
        exe: '',
        cwd: '',
        argv: [],
        chain: [],
      })
    })

    test('a question without a number ends the run', async () => {
      const { address } = await proxy(echo)
      const run = begin(address, ['sleep', '600'])
      await run.heard('up')
      run.send({ type: 'who', flow: 'x' })
      expect(await run.ended).toMatchObject({ code: 137 })
    })
  })

  test.each([
    ['a token of another form', { proxyToken: 'with "quotes" in it, long enough' }],
    ['a short token', { proxyToken: 'short' }],
    ['a path', { proxy: '/run/proxy.sock' }],
    ['a long name', { proxy: 'x'.repeat(101) }],
    ['another filter', { seccomp: 'open' }],
    ['a closed one', { seccomp: 'closed' }],
  ])('nothing starts with %s', async (_what, fields) => {
    const { said } = await begin('gatehouse-x', ['echo', 'started'], fields).ended
    expect(said.map(({ type }) => type)).toEqual(['hello', 'problem', 'exit'])
  })

  test('nothing listens, and nothing starts, in the network of the host', async () => {
    const words = bwrap(launcher, ['echo', 'started']).filter((word) => word !== '--unshare-net')
    const run = start(launcher, ['--outside', 'fd:3', '--', ...words], {
      start: { seccomp: 'proxied', proxy: 'gatehouse-x', proxyToken: token },
    })
    const { said, stdout } = await run.ended
    expect(said.at(-2)).toMatchObject({ type: 'problem', what: 'network', errno: 1 })
    expect(stdout).toBe('')
  })

  test('nor without a boundary', async () => {
    for (const form of ['--unbounded', '--contained']) {
      const run = start(launcher, [form, 'fd:3', '/', '--', 'echo', 'started'], {
        start: { seccomp: 'proxied', proxy: 'gatehouse-x', proxyToken: token },
      })
      const { said, stdout } = await run.ended
      expect(said.map(({ type }) => type)).toEqual(['hello', 'problem'])
      expect(stdout).toBe('')
    }
  })
})

type Greeting = { readonly token: string; readonly flow: number; readonly kind: string }

/** A proxy that reads greetings and does with the rest what a test says. */
class Proxy {
  readonly address: string
  readonly greetings: Greeting[] = []
  readonly sockets: Socket[] = []
  readonly #server: Server
  #bytes = 0

  private constructor(address: string, server: Server) {
    this.address = address
    this.#server = server
  }

  static async listen(
    take: (socket: Socket, greeting: Greeting) => void,
    keepsHalf: boolean,
  ): Promise<Proxy> {
    const address = `gatehouse-test-${randomBytes(8).toString('hex')}`
    const server = createServer({ allowHalfOpen: keepsHalf })
    const proxy = new Proxy(address, server)
    server.on('connection', (socket: Socket) => {
      proxy.sockets.push(socket)
      socket.on('error', () => {})
      let head = Buffer.alloc(0)
      const read = (chunk: Buffer) => {
        proxy.#bytes += chunk.length
        head = Buffer.concat([head, chunk])
        const end = head.indexOf(0x0a)
        if (end < 0) return
        socket.off('data', read).pause()
        const greeting = JSON.parse(head.subarray(0, end).toString()) as Greeting
        proxy.greetings.push(greeting)
        if (end + 1 < head.length) socket.unshift(head.subarray(end + 1))
        take(socket, greeting)
        if (socket.listenerCount('data') > 0) socket.resume()
      }
      socket.on('data', read)
    })
    await new Promise<void>((resolve) => server.listen(`\0${address}`, resolve))
    return proxy
  }

  readonly bytes = (): number => this.#bytes

  close(): void {
    this.#server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}

const memoryOf = ({ child }: Run): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024

function descriptorsOf({ child }: Run): number {
  const names = readdirSync(`/proc/${child.pid}/fd`)
  return names.filter((name) => {
    try {
      return readlinkSync(`/proc/${child.pid}/fd/${name}`).length > 0
    } catch {
      return false
    }
  }).length
}
