import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { networkRows } from './rows/network-rows.ts'
import { codeFor } from './support/code-for.ts'
import { Lab, type User } from './support/lab.ts'
import type { NetworkAnswer, NetworkRequest } from './support/network-worker.ts'

const uid = process.getuid?.() ?? -1
const users: readonly User[] =
  uid === 0
    ? [
        { name: 'root', uid: 0 },
        { name: 'nobody', uid: 65534 },
      ]
    : [{ name: 'nobody', uid }]

describe.runIf(process.platform === 'linux').concurrent.each(users)(
  'the network of a run, as $name',
  (user) => {
    let lab: Lab
    let worker: ChildProcessWithoutNullStreams
    let lines: AsyncIterator<string>
    beforeAll(async () => {
      lab = await Lab.open(user)
      const code = codeFor(user.uid, lab.root)
      worker = spawn(code.node, [`${code.folder}/e2e/sandbox/support/network-worker.ts`], {
        stdio: 'pipe',
        ...(uid === user.uid ? {} : { uid: user.uid, gid: user.uid }),
      })
      worker.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk))
      lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]()
    })
    afterAll(async () => {
      worker.kill('SIGKILL')
      await lab.close()
    })

    async function run(script: string, outside: boolean): Promise<NetworkAnswer> {
      const place = lab.place()
      const env = { PATH: '/usr/bin:/bin', ...lab.variables, HOST_PID: String(worker.pid) }
      const request: NetworkRequest = {
        launcher: lab.launcher,
        folder: place.ws,
        home: place.home,
        script,
        env,
        outside,
      }
      worker.stdin.write(`${JSON.stringify(request)}\n`)
      const { value } = await lines.next()
      return JSON.parse(value as string) as NetworkAnswer
    }

    for (const port of [3128, 1080])
      test(`what is sent to port ${port} reaches the proxy, and its answer comes back`, {
        concurrent: false,
      }, async () => {
        const script = `exec 3<>/dev/tcp/127.0.0.1/${port} && echo hello >&3 && cat <&3`
        const answer = await run(script, false)
        expect(answer).toMatchObject({ exitCode: 0, problem: null, got: ['hello\n'], wrong: [] })
        expect(answer.output).toBe('through the proxy\r\n')
      })

    for (const { promise, attempt, noControl } of networkRows)
      test(promise, { concurrent: false }, async () => {
        if (!noControl)
          expect(await run(attempt, true), 'outside it must work').toMatchObject({ exitCode: 0 })
        const answer = await run(attempt, false)
        expect(answer).toMatchObject({ problem: null, got: [], wrong: [] })
        expect(answer.exitCode, answer.output).not.toBe(0)
        expect(answer.exitCode, 'it ended by itself').not.toBeNull()
      })
  },
)
