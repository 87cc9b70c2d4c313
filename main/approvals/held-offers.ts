import path from 'node:path'
import { type FileAccessAction, type Grant, noGrant } from '../../protocol/action.ts'
import type { Offer, Tier } from '../../protocol/approvals.ts'

/** Rungs of a held call's ladder: what it needs, its folder, the repository's records. Made by `heldLadder`. */
export const rungsOf = (action: FileAccessAction) => {
  const ladder = action.escalation?.ladder ?? []
  const own = ladder[0] ?? noGrant
  return {
    own,
    directory: ladder.find((g, i) => i > 0 && g.writePaths.length === 1 && !g.gitMetadata) ?? null,
    git: ladder.find((g) => g.gitMetadata === true) ?? null,
  }
}

/**
 * The yeses for a held call, smallest first: this one call, the path or its folder while the command runs, the
 * path for the session. A critical call gets the first only. For a repository's records the two that make sense:
 * git writes many for one command, so "once" is for the command, and the session's stands first.
 */
export function heldOffers(action: FileAccessAction, tier: Tier): readonly Offer[] {
  const { own, directory, git } = rungsOf(action)
  const name = nameOf(own)
  const once: Offer = {
    id: 'once',
    decision: 'accept',
    grant: own,
    label: 'Allow once',
    sentence: 'this one call; the same process goes on',
  }
  if (tier === 'critical') return [once]
  if (git)
    return [
      {
        id: 'gitMetadata',
        decision: 'acceptForSession',
        grant: git,
        label: 'Git metadata for this session',
        sentence: `${records}, now and until this session ends; never hooks, config or attributes`,
      },
      {
        ...once,
        grant: git,
        sentence: `${records}, for this command until it ends; never hooks, config or attributes`,
      },
    ]
  const reads = action.held.kind === 'read'
  const offers: Offer[] = [
    once,
    {
      id: 'path',
      decision: 'accept',
      grant: own,
      label: 'This path',
      sentence: `${name} ${reads ? 'readable' : 'writable'} for this command until it ends`,
    },
  ]
  if (directory)
    offers.push({
      id: 'directory',
      decision: 'accept',
      grant: directory,
      label: 'This folder',
      sentence: `everything in ${directory.writePaths[0] ?? ''} writable for this command until it ends`,
    })
  offers.push({
    id: 'session',
    decision: 'acceptForSession',
    grant: own,
    label: 'This session',
    sentence: `${name} stays ${reads ? 'readable' : 'writable'} for this session's commands until it ends`,
  })
  return offers
}

const records = 'objects, refs, index and logs of this repository'

const nameOf = (grant: Grant): string =>
  [...grant.writePaths, ...(grant.readPaths ?? [])].map((p) => path.basename(p)).join(' and ') || 'it'
