import { expect, test } from 'vitest'
import type { ActionId } from '../../protocol/ids.ts'
import type { HeldCall } from '../../protocol/sandbox.ts'
import { aHeldCall } from '../testing/fake-sandbox.ts'
import { approvalRequest } from '../testing/requests.ts'
import { heldAction } from './held-action.ts'

const place = {
  folder: '/home/dana/w',
  roots: ['/home/dana/w'],
  home: '/home/dana',
  gatehouseHome: '/home/dana/.gatehouse',
  gitDirs: ['/home/dana/w/.git'],
  spec: {
    protectedPaths: [{ path: '/home/dana/w/.git', exists: true }],
    closedInGrants: [],
    deniedReads: ['/home/dana/deny/x'],
  },
}
const call = (path: string, more: Partial<HeldCall> = {}): HeldCall => ({
  ...aHeldCall,
  path,
  requested: path,
  directory: path.slice(0, path.lastIndexOf('/')) || '/',
  ...more,
})
const card = (held: HeldCall, protectedPath = false) =>
  approvalRequest(
    {},
    {
      action: heldAction(held, { actionId: 'ac_1' as ActionId, cwd: '/home/dana/w' }, place),
      protectedPath,
      ofCommand: 'make',
    },
  )

const all = ['once', 'path', 'directory', 'session', 'rule', 'deny', 'denyStop']
const noFolder = ['once', 'path', 'session', 'rule', 'deny', 'denyStop']
// prettier-ignore
test.each([
  ['a file outside', call('/home/dana/reports/a'), false, 'writeOutside', 'notable', all],
  ['a file in the home itself', call('/home/dana/a'), false, 'writeOutside', 'notable', noFolder],
  ['a file at the top', call('/a'), false, 'writeOutside', 'notable', noFolder],
  ['a file beside a denied one', call('/home/dana/deny/y'), false, 'writeOutside', 'notable', noFolder],
  ['a file beside the workspace', call('/home/dana/.config/x'), false, 'writeOutside', 'notable', noFolder],
  ['another home', call('/home/eve/x'), false, 'writeOutside', 'notable', noFolder],
  ['a delete', call('/srv/d/a', { call: 'unlink', exists: true }), false, 'writeOutside', 'serious', all],
  [
    'a shell start file',
    call('/home/dana/.bashrc'),
    false,
    'writeOutside',
    'critical',
    ['once', 'deny', 'denyStop'],
  ],
  [
    'a git hook',
    call('/home/dana/w/.git/hooks/x'),
    true,
    'writeProtected',
    'critical',
    ['once', 'deny', 'denyStop'],
  ],
  [
    'a git record',
    call('/home/dana/w/.git/index.lock'),
    true,
    'writeProtected',
    'serious',
    ['gitMetadata', 'once', 'deny', 'denyStop'],
  ],
  [
    'a move onto a hook',
    call('/home/dana/w/.git/objects/x', { call: 'rename', path2: '/home/dana/w/.git/hooks/x' }),
    true,
    'writeProtected',
    'critical',
    ['once', 'deny', 'denyStop'],
  ],
  [
    'a secret',
    call('/home/dana/w/.env', { kind: 'read' }),
    false,
    'readDenied',
    'critical',
    ['once', 'deny', 'denyStop'],
  ],
  [
    'a denied file',
    call('/home/dana/deny/x', { kind: 'read' }),
    false,
    'readDenied',
    'serious',
    ['once', 'path', 'session', 'deny', 'denyStop'],
  ],
] as const)('%s is asked with what it may be given', (_title, held, isProtected, kind, tier, offers) => {
  const request = card(held, isProtected)
  expect({ kind: request.kind, tier: request.tier }).toEqual({ kind, tier })
  expect(request.offers.map((o) => o.id)).toEqual(offers)
})

test('the card says who calls, what, and where the link leads', () => {
  const request = card(call('/srv/real/a', { requested: '../link/a', argv: ['innocent'], exists: true }))
  expect(request.slots.wants.map((p) => p.text).join('')).toBe('write to /srv/real/a, as written ../link/a')
  expect(request.slots.origin.pieces.map((p) => p.text).join('')).toBe(
    '/usr/bin/tool (process 4000), started by bash, in the command make',
  )
  expect(request.evidence.find((e) => e.label === 'Says of itself')?.pieces).toEqual([
    { voice: 'foreign', text: 'innocent' },
  ])
})
