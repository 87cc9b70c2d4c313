import path from 'node:path'
import { type Action, type Grant, noGrant } from '../../protocol/action.ts'
import type { Offer, RequestKind, Tier } from '../../protocol/approvals.ts'
import { covers } from '../policy/action-facts.ts'
import { pathsOf } from '../policy/judge-file-access.ts'
import { isWithin } from '../policy/settings/plain-path.ts'
import { heldOffers } from './held-offers.ts'
import { hostOffers } from './host-offers.ts'

const deny: Offer = {
  id: 'deny',
  decision: 'decline',
  grant: noGrant,
  label: 'Deny',
  sentence: 'the agent goes on without it; the same question is not asked again this turn',
}
const denyStop: Offer = {
  id: 'denyStop',
  decision: 'cancel',
  grant: noGrant,
  label: 'Deny and stop',
  sentence: 'ends this turn',
}

const heldStop: Offer = { ...denyStop, sentence: 'ends this turn and the command' }

const inside: Offer = {
  id: 'smaller',
  decision: 'accept',
  grant: noGrant,
  label: 'Allow the smaller thing',
  sentence: 'inside the sandbox first; what it trips over is asked then',
}

const once = (grant: Grant, sentence: string, label = 'Allow once'): Offer => ({
  id: 'once',
  decision: 'accept',
  grant,
  label,
  sentence,
})
const session = (grant: Grant, sentence: string): Offer => ({
  id: 'session',
  decision: 'acceptForSession',
  grant,
  label: 'This session',
  sentence,
})
const asRule = (grant: Grant): Offer => ({
  id: 'rule',
  decision: 'acceptWithAmendment',
  grant,
  label: 'Allow in this workspace',
  sentence: 'opens the scope editor; nothing is granted before you save there',
})
const outside = (grant: Grant): Offer => ({
  id: 'outside',
  decision: 'accept',
  grant,
  label: 'Run without the boundary',
  sentence: 'once, with everything your account can reach',
})

/** What kind of question this is; decides headline and offers. */
export function requestKind(action: Action, protectedPath: boolean, folder: string): RequestKind {
  const first = action.escalation?.ladder[0]
  switch (action.kind) {
    case 'input':
      return 'typeInto'
    case 'permissions':
      return 'addPermissions'
    case 'fileAccess': {
      if (action.held.kind === 'read') return 'readDenied'
      if (protectedPath) return 'writeProtected'
      return pathsOf(action.held).every((p) => isWithin(p, folder)) ? 'writeInside' : 'writeOutside'
    }
    case 'hostAccess':
      return 'reachHost'
    case 'fileChange':
      return protectedPath ? 'writeProtected' : first ? 'writeOutside' : 'editFiles'
    case 'command':
      if (!first) return 'runCommand'
      if (first.unsandboxed) return 'runOutside'
      if (first.writePaths.length > 0 || first.gitMetadata) {
        const inside = first.writePaths.every((p) => p === folder || p.startsWith(`${folder}/`))
        return protectedPath ? 'writeProtected' : inside ? 'writeInside' : 'writeOutside'
      }
      return first.network ? 'reachHost' : 'runCommand'
  }
}

/** Questions that a rule can answer from now on: what a command runs, or one path outside. */
const ruleKinds: ReadonlySet<RequestKind> = new Set(['runCommand', 'runOutside', 'writeOutside', 'reachHost'])

/**
 * The answers one request may get, smallest grant first. Never offers what cannot be honoured: nothing lasting
 * for protected paths, critical requests and what cannot be told by reading (`readable` false), no grant the sandbox cannot give.
 *
 * @param missing what the same command tripped over before: offered first where the agent asks for more than that
 */
export function offersFor(
  action: Action,
  kind: RequestKind,
  tier: Tier,
  readable: boolean,
  missing: Grant | null = null,
): readonly Offer[] {
  const ladder = action.escalation?.ladder ?? []
  const first = ladder[0] ?? noGrant
  const last = ladder.at(-1)
  const wider = last && last.unsandboxed && !first.unsandboxed ? [outside(last)] : []
  const lasting = tier !== 'critical' && kind !== 'writeProtected'
  const rule = lasting && readable && ruleKinds.has(kind) ? [asRule(first)] : []
  if (action.kind === 'fileAccess') return [...heldOffers(action, tier), ...rule, deny, heldStop]
  if (action.kind === 'hostAccess') return [...hostOffers(action), deny, heldStop]
  const smaller = smallerThan(action, kind, missing)
  const names = [
    ...first.writePaths.map((p) => path.basename(p)),
    ...(first.gitMetadata ? ['git metadata of this repository'] : []),
  ].join(', ')

  const answers = (): Offer[] => {
    switch (kind) {
      case 'runCommand':
        return [
          once(first, 'inside the sandbox, this exact attempt'),
          ...(lasting
            ? [session(first, 'this exact command, inside the sandbox, until this session ends')]
            : []),
        ]
      case 'runOutside':
        return [
          once(first, 'this exact attempt, without the boundary'),
          ...(lasting
            ? [session(first, 'this exact command, without the boundary, until this session ends')]
            : []),
        ]
      case 'writeInside':
      case 'writeOutside':
      case 'writeProtected':
        return [
          once(first, `this exact attempt, inside the sandbox, with ${names || 'these files'} writable`),
          ...(lasting && first.writePaths.length > 0
            ? [session(first, `${names} stays writable for this session's commands until it ends`)]
            : []),
          ...wider,
        ]
      case 'reachHost':
        return [
          once(first, 'this exact attempt; files stay bounded, the network is open while it runs'),
          ...(lasting
            ? [session(first, 'this exact command with the network open, until this session ends')]
            : []),
          ...wider,
        ]
      case 'editFiles':
        return [
          once(first, 'these edits, nothing else'),
          ...(lasting ? [session(first, 'edits of these files, until this session ends')] : []),
        ]
      case 'typeInto':
        return [once(noGrant, 'this input, once')]
      case 'readDenied':
        return [once(first, 'this exact attempt')]
      case 'addPermissions': {
        const grant = action.kind === 'permissions' ? action.grant : first
        return [
          once(grant, 'until this turn ends', 'Allow this turn'),
          ...(lasting ? [session(grant, 'until this session ends')] : []),
        ]
      }
    }
  }
  return [...(smaller ? [smaller] : []), ...answers(), ...rule, deny, denyStop]
}

/** The yes that gives less than was asked for; null when nothing less is known to be of use. */
function smallerThan(action: Action, kind: RequestKind, missing: Grant | null): Offer | null {
  const asked = action.escalation
  if (action.kind !== 'command' || asked?.source !== 'declared') return null
  const [first = noGrant] = asked.ladder
  if (missing && covers(first, missing) && !covers(missing, first))
    return {
      ...inside,
      grant: missing,
      sentence: `inside the sandbox, with ${missingWords(missing)}: what stopped it before`,
    }
  return kind === 'runOutside' ? inside : null
}

function missingWords({ writePaths, readPaths = [], gitMetadata, network }: Grant): string {
  const words = [
    ...(writePaths.length > 0 ? [`${writePaths.join(' and ')} writable`] : []),
    ...(readPaths.length > 0 ? [`${readPaths.join(' and ')} readable`] : []),
    ...(gitMetadata ? ['git metadata of this repository'] : []),
    ...(network ? ['the network open'] : []),
  ]
  return words.join(', ')
}
