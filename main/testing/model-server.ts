import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { faultIn } from './model-history.ts'
import {
  type ApiShape,
  type CallFrame,
  closing,
  errorBody,
  errorFrame,
  type Frame,
  opening,
  shapeOf,
  text,
  toolCalls,
} from './model-shapes.ts'

/** What one request to the server meets. */
type Meeting = {
  readonly shape: ApiShape
  readonly response: ServerResponse
  /** Requests before this one. */
  readonly earlier: number
  /** The request, as text and parsed. */
  readonly raw: string
  readonly headers: IncomingMessage['headers']
  /** Results of tools after the last words of the person. */
  readonly results: number
}

type Behave = (meeting: Meeting) => void

const start = ({ response }: Meeting) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
}
const send = (meeting: Meeting, frames: readonly Frame[]) => {
  start(meeting)
  for (const frame of frames) meeting.response.write(frame)
}
const say = (meeting: Meeting, words: string) => {
  const { shape, response } = meeting
  send(meeting, [...opening(shape), text(shape, words), ...closing(shape, 'stop')])
  response.end()
}
const call = (meeting: Meeting, calls: readonly CallFrame[]) => {
  const { shape, response } = meeting
  send(meeting, [...opening(shape), ...toolCalls(shape, calls), ...closing(shape, 'tools')])
  response.end()
}
const refuse = (meeting: Meeting, status: number, message: string, headers: Record<string, string> = {}) => {
  meeting.response.writeHead(status, { 'content-type': 'application/json', ...headers })
  meeting.response.end(errorBody(meeting.shape, status, message))
}
const echo = (command: string): CallFrame => ({ name: 'run_command', args: JSON.stringify({ command }) })

/** The last message of the person in a request of OpenAI's API. */
function lastWords(raw: string): string {
  const { messages } = JSON.parse(raw) as { messages: { role: string; content: unknown }[] }
  const content = messages.findLast(({ role }) => role === 'user')?.content
  if (typeof content === 'string') return content
  return Array.isArray(content) ? content.map((part: { text?: string }) => part.text ?? '').join('') : ''
}

/** Reverses, hides, steers a terminal, is HTML and Markdown; without single quotes, and on one line. */
export const hostileText =
  '\u202Ereversed\u2066\u200Bhidden<img src=x onerror=alert(1)><b>bold</b>[link](javascript:alert(1))' +
  '\u001B[31mred\u001B]0;taken\u0007'

/** Broken and hostile model servers, by name. Each answers in the API that it is asked in. */
export const behaviours = {
  /** Runs what the person writes behind "run:", and says that it is done. OpenAI's API only. */
  obeys: (m) => {
    const command = /^run: (.+)$/s.exec(lastWords(m.raw))?.[1]
    if (m.results > 0 || command === undefined) say(m, 'Done.')
    else call(m, [echo(command)])
  },
  fine: (m) => say(m, 'Hello from the model.'),
  '401': (m) =>
    refuse(
      m,
      401,
      `Incorrect API key provided: ${m.headers.authorization ?? String(m.headers['x-api-key'])}`,
    ),
  '403': (m) => refuse(m, 403, 'This account may not use the model.'),
  '404': (m) => refuse(m, 404, 'The model does not exist.'),
  '400': (m) => refuse(m, 400, 'Unsupported parameter: tools.'),
  quota: (m) => refuse(m, 429, 'You exceeded your current quota (insufficient_quota).'),
  '429': (m) => refuse(m, 429, 'Rate limit reached.', { 'retry-after': '1' }),
  '429-long': (m) => refuse(m, 429, 'Rate limit reached.', { 'retry-after': '3600' }),
  '429-then-ok': (m) =>
    m.earlier === 0 ? refuse(m, 429, 'Rate limit reached.', { 'retry-after': '1' }) : say(m, 'Now it works.'),
  '500': (m) => refuse(m, 500, 'Internal error.'),
  '500-then-ok': (m) => (m.earlier < 2 ? refuse(m, 500, 'Internal error.') : say(m, 'Now it works.')),
  '529': (m) => refuse(m, 529, 'Overloaded.'),
  'too-long': (m) => refuse(m, 400, "This model's maximum context length is 2048 tokens."),
  'too-long-then-ok': (m) =>
    m.raw.length > 30_000 ? refuse(m, 400, 'prompt is too long: 9999 tokens') : say(m, 'Now it fits.'),
  redirect: ({ response }) => response.writeHead(307, { location: 'http://127.0.0.1:9/steal' }).end(),
  html: ({ response }) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><h1>Hi</h1>'),
  'html-502': ({ response }) =>
    response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway'),
  json: ({ response }) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"error":{"message":"no streaming here"}}'),
  'malformed-sse': (m) => {
    send(m, [...opening(m.shape), 'data: {"choices": [{"delta": nonsense\n\n', 'data: }}}\n\n'])
    m.response.end()
  },
  'not-sse': (m) => {
    send(m, ['this is no event stream\nat all\n\n'])
    m.response.end()
  },
  'wrong-shape': (m) => {
    send(m, ['data: {"hello":"world"}\n\n', 'data: [1,2,3]\n\n'])
    m.response.end()
  },
  'error-in-stream': (m) => {
    send(m, [...opening(m.shape), text(m.shape, 'It begins '), errorFrame(m.shape, 'The GPU is gone.')])
    m.response.end()
  },
  nothing: (m) => {
    start(m)
    m.response.end()
  },
  empty: (m) => say(m, ''),
  /** Takes the connection and the request, and never answers. */
  silent: () => {},
  /** Headers, then nothing. */
  'silent-body': (m) => {
    start(m)
    m.response.flushHeaders()
  },
  stalls: (m) => send(m, [...opening(m.shape), text(m.shape, 'It begins and ')]),
  cut: (m) => {
    send(m, [...opening(m.shape), text(m.shape, 'It begins and ')])
    setTimeout(() => m.response.destroy(), 20)
  },
  /** Ends properly for HTTP, but without the mark that the answer is whole. */
  'no-end-mark': (m) => {
    send(m, [...opening(m.shape), text(m.shape, 'It begins and ')])
    m.response.end()
  },
  /** A call whose arguments look whole when the line goes dead. */
  'cut-after-call': (m) => {
    send(m, [...opening(m.shape), ...toolCalls(m.shape, [echo('echo never')])])
    setTimeout(() => m.response.destroy(), 20)
  },
  endless: (m) => endless(m, (shape) => text(shape, 'and so on, and so on, and so on, and so on. ')),
  'endless-pings': (m) => endless(m, () => ': still here\n\n', 20),
  reset: ({ response }) => response.socket?.resetAndDestroy(),
  length: (m) => {
    send(m, [...opening(m.shape), text(m.shape, 'It is long'), ...closing(m.shape, 'length')])
    m.response.end()
  },
  /** Words and a command that try to be more than text; the command only prints. */
  'hostile-text': (m) => {
    const { shape, response } = m
    if (m.results > 0) return say(m, hostileText)
    const calls = toolCalls(shape, [echo(`printf '%s' '${hostileText}'`)])
    send(m, [...opening(shape), text(shape, hostileText), ...calls, ...closing(shape, 'tools')])
    response.end()
  },
  'unknown-tool': (m) =>
    m.results === 0 ? call(m, [{ name: 'format disk!', args: '{}' }]) : say(m, 'There is no such tool.'),
  'bad-arguments': (m) => call(m, [{ name: 'run_command', args: '{"command": 7}' }]),
  'broken-arguments': (m) =>
    m.results === 0 ? call(m, [{ name: 'run_command', args: '{"command": "ec' }]) : say(m, 'I see.'),
  'huge-argument': (m) =>
    m.results === 0 ? call(m, [echo('x'.repeat(10 * 1024 * 1024))]) : say(m, 'Too big.'),
  'many-calls': (m) =>
    call(
      m,
      Array.from({ length: 1000 }, (_, i) => echo(`echo ${i}`)),
    ),
  'calls-forever': (m) => call(m, [echo(`echo ${m.results}`)]),
  'echoes-key': (m) => {
    const key =
      m.headers.authorization?.slice(7) ?? m.headers['x-api-key'] ?? m.headers['x-goog-api-key'] ?? ''
    const words = `Your key is ${String(key)}, nice.`.split('').map((letter) => text(m.shape, letter))
    send(m, [...opening(m.shape), ...words, ...closing(m.shape, 'stop')])
    m.response.end()
  },
} satisfies Record<string, Behave>

export type Behaviour = keyof typeof behaviours

function endless(meeting: Meeting, frame: (shape: ApiShape) => Frame, everyMs = 0): void {
  const { shape, response } = meeting
  send(meeting, opening(shape))
  const more = () => {
    if (response.destroyed) return
    if (response.write(everyMs === 0 ? frame(shape).repeat(100) : frame(shape))) setTimeout(more, everyMs)
    else response.once('drain', more)
  }
  more()
}

export type ModelServer = {
  /** http://127.0.0.1:PORT; the API's path is added by the caller. */
  readonly url: string
  /** Bodies of all requests, oldest first. */
  readonly requests: string[]
  /** Answers from now on as if it were another server. */
  become(behaviour: Behaviour): void
  close(): Promise<void>
}

/** Starts a model server that behaves as told, on loopback. */
export async function startModelServer(behaviour: Behaviour, port = 0): Promise<ModelServer> {
  let current = behaviour
  let earlier = 0
  const requests: string[] = []
  const server = createServer((request, response) => {
    const shape = shapeOf(request.url ?? '')
    let raw = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => {
      raw += piece
    })
    request.on('end', () => {
      if (shape === null) {
        response.writeHead(404).end()
        return
      }
      requests.push(raw)
      // Whatever it is told to do, it takes only conversations that real servers take.
      const fault = faultIn(shape, raw)
      const behave: Behave = fault
        ? (m) => refuse(m, 422, `Invalid conversation: ${fault}.`)
        : behaviours[current]
      behave({ shape, response, earlier, raw, headers: request.headers, results: resultsIn(raw) })
      earlier += 1
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    become(next) {
      current = next
      earlier = 0
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Counts results of tools after the last user message that is none itself, in any of the three shapes. */
function resultsIn(raw: string): number {
  const body = JSON.parse(raw) as { messages?: unknown[]; contents?: unknown[] }
  let count = 0
  for (const message of body.messages ?? body.contents ?? []) {
    const found =
      JSON.stringify(message).match(/"role":"tool"|"type":"tool_result"|"functionResponse":/g)?.length ?? 0
    if (found > 0) count += found
    else if (/"role":"user"/.test(JSON.stringify(message))) count = 0
  }
  return count
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { behaviour: { type: 'string', default: 'fine' }, port: { type: 'string', default: '0' } },
  })
  if (!Object.hasOwn(behaviours, values.behaviour)) {
    console.error(`Unknown behaviour. Choose one of: ${Object.keys(behaviours).join(', ')}`)
    process.exit(2)
  }
  const server = await startModelServer(values.behaviour as Behaviour, Number(values.port))
  console.log(server.url)
}
