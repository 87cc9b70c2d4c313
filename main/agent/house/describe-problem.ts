import type { ModelProblem } from './model-problem.ts'

const span = (ms: number) =>
  ms >= 120_000 ? `${Math.round(ms / 60_000)} minutes` : `${Math.ceil(ms / 1000)} s`
const quoted = (said: string | null) => (said === null ? '' : `: “${said}”`)

/**
 * What happened and what to do, for the person.
 *
 * @param at     the address of the model server, without path and credentials
 * @param model  the name of the model
 */
export function describeModelProblem(problem: ModelProblem, at: string, model: string): string {
  const server = `The model server at ${at}`
  switch (problem.code) {
    case 'noKey':
      return `There is no key for ${at}. Store one for this provider in Settings, then send the message again.`
    case 'badKey':
      return 'The stored key holds characters that no key has, such as a line break. Store it again in Settings.'
    case 'refusedKey':
      return `${server} does not accept the key (${problem.status}${quoted(problem.said)}). Store a valid key for this provider in Settings, then send the message again.`
    case 'notFound':
      return `${server} knows no model “${model}” at this address (404${quoted(problem.said)}). Check the model's name and the address, then start a session with them.`
    case 'busy':
      return problem.retryAfterMs === null
        ? `${server} takes no more requests now (${problem.status}). Wait a while, then send the message again.`
        : `${server} takes no more requests now (${problem.status}). Send the message again in ${span(problem.retryAfterMs)}.`
    case 'quota':
      return `The account at ${at} has nothing left to spend${quoted(problem.said)}. Add credit there or use another key, then send the message again.`
    case 'serverBroken':
      return `${server} has a problem of its own (${problem.status}). Send the message again later.`
    case 'tooLong':
      return `The conversation is longer than ${model} reads${quoted(problem.said)}. Start a new session, or one with a smaller number of context tokens.`
    case 'rejected':
      return `${server} rejected the request${problem.status === null ? '' : ` (${problem.status})`}${quoted(problem.said)}. Check the model's name and its settings.`
    case 'redirected':
      return `${server} sends the request on${problem.to === null ? '' : ` to ${problem.to}`}; the key is not sent there. Enter the final address, then start a session with it.`
    case 'unreachable':
      return unreachable(problem, at)
    case 'webPage':
      return `${server} answered with a web page. Check the address: it usually ends in /v1.`
    case 'wrongType':
      return `${server} answered with ${problem.contentType || 'data of no stated type'}, not with a stream of events${quoted(problem.said)}. Check the address, and that the server can stream.`
    case 'silent':
      return `${server} accepted the connection but sent nothing for ${span(problem.afterMs)}. Check that the model is loaded, then send the message again.`
    case 'stalled':
      return `${server} stopped in the middle of its answer and sent nothing for ${span(problem.afterMs)}. Send the message again.`
    case 'endless':
      return `The answer did not end; it was stopped after ${problem.limit}. Send a message that asks for less, or choose another model.`
    case 'cut':
      return `${server} closed the connection in the middle of its answer. What had arrived is kept; send a message to go on.`
    case 'malformed':
      return `${server} sent something that is not this provider's protocol. Check that the address belongs to the chosen provider.`
    case 'empty':
      return `${server} gave an empty answer. Send the message again, or choose another model.`
    case 'filtered':
      return `The provider's content filter stopped the answer. Say it in other words, or choose another model.`
    case 'cutAtLimit':
      return `The answer reached the length the model may write and is cut there. Send a message to let it go on.`
  }
}

function unreachable(problem: Extract<ModelProblem, { code: 'unreachable' }>, at: string): string {
  switch (problem.why) {
    case 'refused':
      return `Nothing answers at ${at}: the connection was refused. Start the model server or correct the address, then send the message again.`
    case 'dns':
      return `The name in ${at} has no address (${problem.detail}). Check the spelling and your network, then send the message again.`
    case 'tls':
      return `No encrypted connection to ${at} came about (${problem.detail}). Check the server's certificate and whether the address should start with http.`
    case 'reset':
      return `${at} closed the connection before it answered (${problem.detail}). Send the message again; check the address if it happens again.`
    case 'timeout':
      return `${at} did not take the connection in time. Check the address and your network, then send the message again.`
    case 'network':
      return `There is no way to ${at} from here (${problem.detail}). Check your network, then send the message again.`
    case 'notHttp':
      return `What answers at ${at} does not speak HTTP (${problem.detail}). Check the address and its port.`
    case 'other':
      return `No connection to ${at} came about (${problem.detail}). Check the address, then send the message again.`
  }
}
