import { useState } from 'react'
import type { Action } from '../../../protocol/action.ts'
import type { Violation } from '../../../protocol/sandbox.ts'
import type { ActionItem, AllowedBy } from '../../../protocol/sessions.ts'
import { Argv } from '../../ui/argv.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { durationWords, timeWords } from '../../ui/time.tsx'
import { actionSubject, grantWords, isHeldAction, shortPath } from './action-subject.ts'
import { EditView } from './edit-view.tsx'
import { HeldSummary } from './held-summary.tsx'
import { type ItemContext, Row } from './item-view.tsx'
import { plainOutput, tailOf } from './output-tail.ts'
import { WhyFold } from './why.tsx'
import { boundaryWords, bytesWords, decisionWords, originWords, plural, ruleWords } from './words.ts'

const tailLines = 12

/** One action: literally what it was, what it ran in, what came of it, and who answered for it. */
export function ActionView({ item, context }: { readonly item: ActionItem; readonly context: ItemContext }) {
  const open = item.state === 'held' || item.state === 'releasing'
  const asked = open && context.live ? item.approvalId : null
  return (
    <Row
      atMs={item.atMs}
      who={kindWords[item.action.kind]}
      kind={`action action-${item.state}${isHeldAction(item.action) ? ' item-within' : ''}`}
      after={asked && <div className="item-card">{context.card(asked)}</div>}
    >
      {item.causedBy !== null && !isHeldAction(item.action) && (
        <p className="item-quiet">Tried again, because the sandbox stopped the attempt before.</p>
      )}
      <What action={item.action} edited={item.editedCommand} context={context} />
      <p className="action-facts">{factsOf(item).join(' · ')}</p>
      <HeldSummary item={item} />
      {item.violations.length > 0 && <Violations violations={item.violations} />}
      {item.problem !== null && (
        <p className="action-problem">
          <Spelled text={item.problem} limit={400} />
        </p>
      )}
      <Answered item={item} />
      <WhyFold verdict={item.verdict} />
      {item.action.kind !== 'fileChange' && item.output !== '' && <Output item={item} />}
    </Row>
  )
}

const kindWords: Record<Action['kind'], string> = {
  command: 'Command',
  fileAccess: 'Held file call',
  fileChange: 'File edit',
  hostAccess: 'Held connection',
  input: 'Typing',
  permissions: 'Asks for room',
}

type WhatProps = { readonly action: Action; readonly edited: string | null; readonly context: ItemContext }

/** The literal action. An edited command stands first, since that is what ran. */
function What({ action, edited, context }: WhatProps) {
  if (edited !== null) {
    return (
      <>
        <p>You changed it to</p>
        <pre className="well">
          <Spelled text={edited} lines="many" spaces="keep" limit={2000} />
        </pre>
        <p className="item-quiet">The original did not run:</p>
        <div className="well-quiet">
          <Literal action={action} context={context} />
        </div>
      </>
    )
  }
  return <Literal action={action} context={context} />
}

function Literal({ action, context }: { readonly action: Action; readonly context: ItemContext }) {
  const elsewhere = action.cwd !== context.folder && (
    <p className="item-quiet">
      in{' '}
      <span className="mono">
        <Spelled text={action.cwd} limit={160} />
      </span>
    </p>
  )
  switch (action.kind) {
    case 'command':
      return (
        <>
          {action.script === null ? (
            <div className="well">
              <Argv argv={action.argv} />
            </div>
          ) : (
            <pre className="well">
              <Spelled text={action.script} lines="many" spaces="keep" limit={2000} />
            </pre>
          )}
          {elsewhere}
        </>
      )
    case 'fileChange':
      return (
        <ul className="edits">
          {action.edits.map((edit) => (
            <li key={edit.path}>
              <EditView edit={edit} path={shortPath(edit.path, context.folder)} />
            </li>
          ))}
        </ul>
      )
    case 'input':
      return (
        <>
          <pre className="well">
            <Spelled text={action.text} lines="one" limit={1000} />
          </pre>
          <div className="item-quiet">
            typed into <Argv argv={action.argv} />{' '}
            {action.outside ? 'outside the sandbox' : 'inside the sandbox'}
          </div>
          {elsewhere}
        </>
      )
    case 'fileAccess':
      return (
        <>
          <p className="well mono">
            <Spelled text={actionSubject(action)} limit={600} />
          </p>
          <CallerLine exe={action.held.exe} pid={action.held.pid} />
        </>
      )
    case 'hostAccess':
      return (
        <>
          <p className="well mono">
            <Spelled text={actionSubject(action)} limit={600} />
          </p>
          <CallerLine exe={action.process?.exe} pid={action.process?.pid} />
        </>
      )
    case 'permissions':
      return (
        <p className="well mono">
          <Spelled text={grantWords(action.grant)} limit={600} />
        </p>
      )
  }
}

/** Why it ran, where that is not said elsewhere on the item. A rule is named. */
const whyItRan: Record<Exclude<AllowedBy, 'rule'>, string | null> = {
  sandbox: null,
  knownSafe: 'known to only read',
  settings: 'allowed by the settings',
  sessionGrant: 'allowed before, for this session',
  you: null,
  nobody: null,
}

/** Facts in a fixed order: boundary, how it was allowed, state or exit code, how long it took, how much it printed. */
function factsOf(item: ActionItem): string[] {
  const facts: string[] = []
  if (item.boundary !== null) facts.push(boundaryWords[item.boundary])
  const allowed =
    item.allowedBy === null
      ? null
      : item.allowedBy === 'rule'
        ? ruleWords(item.verdict)
        : whyItRan[item.allowedBy]
  if (allowed !== null) facts.push(allowed)
  facts.push(stateOf(item))
  if (item.durationMs !== null) facts.push(durationWords(item.durationMs))
  if (item.outputBytes > 0) facts.push(`printed ${bytesWords(item.outputBytes)}`)
  return facts
}

function stateOf(item: ActionItem): string {
  switch (item.state) {
    case 'judging':
      return 'being judged'
    case 'held':
      return 'held, waits for you'
    case 'releasing':
      return 'answered, not yet told to the agent'
    case 'running':
      return 'running'
    case 'ran':
      return item.exitCode === null ? 'done' : `exit code ${item.exitCode}`
    case 'refused':
      return 'did not run'
    case 'stopped':
      return 'stopped before its end'
    case 'cutShort':
      return 'cut short: the app stopped'
  }
}

function Violations({ violations }: { readonly violations: readonly Violation[] }) {
  return (
    <div className="violations">
      <p>The sandbox stopped {plural(violations.length, 'attempt')}:</p>
      <ul>
        {violations.map((violation, index) => (
          <li key={index}>
            {violationVerb(violation)}{' '}
            <span className="mono">
              <Spelled text={violationObject(violation)} limit={200} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function violationVerb(violation: Violation): string {
  switch (violation.kind) {
    case 'write':
      return violation.protected ? 'write to a protected path' : 'write'
    case 'read':
      return 'read'
    case 'connect':
      return 'connect to'
  }
}

function violationObject(violation: Violation): string {
  if (violation.kind !== 'connect') return violation.path
  const host = violation.host ?? 'a host it did not name'
  return violation.port === null ? host : `${host}:${violation.port}`
}

/** Who answered, what, when, how long it waited; or why nobody did. */
function Answered({ item }: { readonly item: ActionItem }) {
  if (item.decision !== null) {
    const { decision } = item
    return (
      <p className="action-answer">
        {decisionWords[decision.type]} by {decision.by === 'user' ? 'you' : decision.by},{' '}
        {timeWords(decision.atMs)}, after {durationWords(decision.waitedMs)}
        {decision.note !== null && decision.note !== '' && (
          <>
            : <Spelled text={decision.note} limit={300} />
          </>
        )}
      </p>
    )
  }
  if (item.unanswered !== null) {
    return (
      <p className="action-answer">
        not answered: <Spelled text={item.unanswered} limit={200} />
      </p>
    )
  }
  if (item.state === 'refused' && item.verdict !== null) {
    return (
      <p className="action-answer">
        Nobody was asked: <Spelled text={originWords(item.verdict.origin)} limit={300} />
        {item.verdict.justification !== null && (
          <>
            . <Spelled text={item.verdict.justification} limit={300} />
          </>
        )}
      </p>
    )
  }
  return null
}

/** The last lines, folded: what came before them stays one click away. */
function Output({ item }: { readonly item: ActionItem }) {
  const [whole, setWhole] = useState(false)
  const plain = plainOutput(item.output)
  const tail = tailOf(plain, whole ? 2000 : tailLines)
  if (tail.text.trim() === '') return null
  return (
    <figure className="output">
      <figcaption className="sr-only">What it printed</figcaption>
      {tail.linesBefore > 0 &&
        (whole ? (
          <p className="item-quiet">{plural(tail.linesBefore, 'line')} before these are not shown.</p>
        ) : (
          <button type="button" className="fold" onClick={() => setWhole(true)}>
            {plural(tail.linesBefore, 'earlier line')} folded: show
          </button>
        ))}
      <pre>
        <Spelled text={tail.text} lines="many" spaces="keep" limit={whole ? 100_000 : 4000} />
      </pre>
    </figure>
  )
}

/** Which process of the running command waits; without a number where it is no longer known. */
function CallerLine(props: { readonly exe: string | null | undefined; readonly pid: number | undefined }) {
  return (
    <p className="item-quiet">
      by{' '}
      <span className="mono">
        <Spelled text={props.exe ?? 'a program that is gone'} limit={160} />
      </span>
      {props.pid !== undefined && <>, process {props.pid}</>}, of the running command
    </p>
  )
}
