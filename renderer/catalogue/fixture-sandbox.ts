import type { HostHandlers } from '../../protocol/contract.ts'
import type { SessionId } from '../../protocol/ids.ts'
import type { Probe } from '../../protocol/sandbox.ts'
import type { SandboxFacts } from '../../protocol/sandbox-proof.ts'
import type { SessionSummary } from '../../protocol/sessions.ts'

const probe = (kind: Probe['kind'], target: string, detail: string, more: Partial<Probe> = {}): Probe => ({
  kind,
  target,
  blocked: true,
  control: 'worked',
  detail,
  ...more,
})

/** One round of attempts, all stopped. */
export const fixtureProbes: readonly Probe[] = [
  probe('write', 'a new file in /home/dana/src', 'Read-only file system'),
  probe('protected', '/home/dana/src/billing-api/.git', 'Read-only file system'),
  probe('create', '/home/dana/src/billing-api/.codex', 'Read-only file system'),
  probe('connect', '127.0.0.1:40213 on this machine', 'Connection refused'),
  probe('socket', '/tmp/gatehouse-probe-k2Vx1c/socket', 'No such file or directory'),
  probe('read', '/home/dana/src/billing-api/.env.local', 'Permission denied'),
  probe('process', 'Gatehouse itself, process 20417', 'No such process'),
  probe('remount', 'the whole disk', 'Operation not permitted', { control: 'none' }),
  probe('namespace', 'a user namespace of its own', 'Operation not permitted'),
  probe('filter', 'keyctl', 'Operation not permitted'),
  probe('held', 'a new file in /home/dana/src', 'held, then refused: Permission denied'),
]

const facts: SandboxFacts = {
  backend: 'bwrap',
  version: '0.8.0',
  profile: [
    'writes: /home/dana/src/billing-api',
    'read-only inside: /home/dana/src/billing-api/.git, /home/dana/src/billing-api/.codex',
    'cannot read: /home/dana/src/billing-api/.env.local, /home/dana/.gatehouse/state',
    'network: none',
    '/tmp: its own, gone after the run',
  ],
  missing: [
    {
      what: 'Limits of memory, processes and processor time',
      why: 'This user has no cgroup of its own. systemd gives one to a login session.',
    },
  ],
  found: {
    gitDirs: ['/home/dana/src/billing-api/vendor/ledger/.git'],
    hardLinks: [
      { inside: ['/home/dana/src/billing-api/node_modules/.store/left-pad/index.js'], outside: 4 },
      { inside: ['/home/dana/src/billing-api/fixtures/big.bin'], outside: 1 },
      { inside: ['/home/dana/src/billing-api/a', '/home/dana/src/billing-api/b'], outside: 1 },
    ],
    leftOut: 0,
    cut: null,
  },
}

/** The sandbox's calls over fixtures: a check always finds everything stopped, and thaws. */
export function createFixtureSandbox(
  sessionOf: (id: SessionId) => SessionSummary | undefined,
  patch: (id: string, change: Partial<SessionSummary>) => void,
): Pick<HostHandlers, 'sandbox/facts' | 'sandbox/check'> {
  const ended = { status: 'refused', why: 'This session has ended.' } as const
  return {
    'sandbox/facts': ({ sessionId }) => (sessionOf(sessionId) ? { status: 'known', facts } : ended),
    'sandbox/check': ({ sessionId }) => {
      if (!sessionOf(sessionId)) return ended
      const sandbox = {
        state: 'verified' as const,
        backend: 'bwrap 0.8.0',
        probes: [...fixtureProbes],
        atMs: Date.now(),
      }
      patch(sessionId, { sandbox })
      return { status: 'checked', sandbox }
    },
  }
}
