import { describeProblem } from '../../protocol/sandbox.ts'
import { atLeast, kernelVersion, type PlatformFacts } from './detect-platform.ts'
import type { DoctorFacts } from './doctor-facts.ts'

/** `limited`: it works, with less. `broken`: no boundary, or nothing at all, until it is mended. */
export type CheckState = 'ok' | 'limited' | 'broken'

export type Check = {
  readonly name: string
  readonly state: CheckState
  /** What was found and what follows from it, in one sentence or two. */
  readonly means: string
  /** What to do about it, with the exact commands; null when there is nothing to do. */
  readonly fix: string | null
}

export const ok = (name: string, means: string): Check => ({ name, state: 'ok', means, fix: null })

export function bwrapCheck({ bwrap }: DoctorFacts): Check {
  const name = 'bubblewrap'
  if (bwrap === null) {
    const { title, fix } = describeProblem({ code: 'backendMissing', backend: 'bwrap' })
    return { name, state: 'broken', means: title, fix }
  }
  const [major = 0, minor = 0] = (bwrap.version ?? '0.0').split('.').map(Number)
  if (bwrap.setuid)
    return {
      name,
      state: 'limited',
      means: `${bwrap.path} runs as root (it is set-user-id). The boundary holds, but folders cannot be opened while a command runs.`,
      fix: `Where user namespaces are allowed it needs no such rights: sudo chmod u-s ${bwrap.path}`,
    }
  if (major === 0 && minor < 8)
    return {
      name,
      state: 'limited',
      means: `${bwrap.path} is version ${bwrap.version ?? 'unknown'}. Before 0.8 it cannot refuse user namespaces inside its own; the filter of system calls does.`,
      fix: 'Install bubblewrap 0.8 or newer (Debian 12, Ubuntu 23.04 and later have it).',
    }
  return ok(name, `${bwrap.path}, version ${bwrap.version}.`)
}

export function kernelCheck({ kernel, userNotification }: PlatformFacts): Check {
  const name = 'kernel'
  if (kernelVersion(kernel) === null)
    return { name, state: 'limited', means: `${kernel} names no version that is known.`, fix: null }
  if (!atLeast(kernel, 5, 14))
    return {
      name,
      state: 'limited',
      means: `Linux ${kernel}. The boundary holds; holding a file call needs 5.9 and was tried from 5.14 on.`,
      fix: 'Debian 12, Ubuntu 22.04, RHEL 9 and later have a newer kernel.',
    }
  return userNotification
    ? ok(name, `Linux ${kernel}: calls can be held for a supervisor.`)
    : {
        name,
        state: 'limited',
        means: `Linux ${kernel} was built without user notification, so no call can be held.`,
        fix: 'Use a kernel with CONFIG_SECCOMP_FILTER=y.',
      }
}

export function launcherCheck({ launcher }: DoctorFacts): Check {
  const name = 'launcher'
  if (launcher.state === 'ready') return ok(name, `${launcher.path} is there.`)
  const { fix } = describeProblem({ code: 'launcherMissing', path: launcher.path })
  return {
    name,
    state: launcher.state === 'missing' ? 'broken' : 'limited',
    means: `${launcher.path} is ${launcher.state}.`,
    fix: launcher.state === 'missing' ? fix : 'Build it: node native-sandbox/build.mjs',
  }
}

export function fuseCheck({ fuse }: DoctorFacts): Check {
  const name = 'masks of running commands'
  if (fuse === 'usable')
    return ok(name, '/dev/fuse can be opened: a denied file can be closed while a command runs.')
  return {
    name,
    state: 'limited',
    means: `/dev/fuse is ${fuse === 'absent' ? 'not there' : 'closed to this user'}. A file that is denied after a command started is closed by a mount alone.`,
    fix: fuse === 'absent' ? 'Load it: sudo modprobe fuse' : 'Allow it: sudo chmod 666 /dev/fuse',
  }
}

export function homeCheck({ home }: DoctorFacts): Check {
  const name = 'own folder'
  if (home.problem !== null)
    return {
      name,
      state: 'broken',
      means: `${home.path} cannot be used: ${home.problem}.`,
      fix: `Make it yours: sudo chown -R "$USER" ${home.path}. Or name another one in GATEHOUSE_HOME.`,
    }
  if (home.open)
    return {
      name,
      state: 'limited',
      means: `Others may write in ${home.path}, so they could change your settings and rules.`,
      fix: `chmod go-w ${home.path}`,
    }
  return ok(name, `${home.path} can be written, by you only.`)
}
