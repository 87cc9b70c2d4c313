import { describeProblem, type Probe, type SandboxProblem } from '../../protocol/sandbox.ts'
import { containerWords } from '../../protocol/sandbox-proof.ts'
import type { Abilities } from './backend.ts'
import { namespaceCause, type PlatformFacts, withCause } from './detect-platform.ts'
import {
  bwrapCheck,
  type Check,
  fuseCheck,
  homeCheck,
  kernelCheck,
  launcherCheck,
  ok,
} from './doctor-checks.ts'
import type { DoctorFacts } from './doctor-facts.ts'

/** What came of really building a boundary and knocking at it. null: it was not tried, since nothing could come of it. */
export type Trial =
  | { readonly problem: SandboxProblem }
  | {
      readonly backend: string
      readonly abilities: Abilities
      readonly probes: readonly Probe[]
      /** The container that the settings make the boundary. Absent: a boundary of ours was built. */
      readonly container?: string
    }

/**
 * What every fact means for a boundary on this machine, the boundary itself first. Pure: every case is a fixture.
 */
export function diagnose(facts: DoctorFacts, trial: Trial, holdShim = false): readonly Check[] {
  const { platform } = facts
  const denied = 'problem' in trial && trial.problem.code === 'namespacesDenied'
  const boundary = boundaryCheck(platform, trial)
  if (platform.platform !== 'linux') return [boundary, homeCheck(facts)]
  const contained = !('problem' in trial) && trial.container !== undefined
  if (contained) return [boundary, surroundingsCheck(platform, false), launcherCheck(facts), homeCheck(facts)]
  return [
    boundary,
    bwrapCheck(facts),
    namespacesCheck(platform, denied),
    surroundingsCheck(platform, denied),
    ...('problem' in trial ? [] : [holdingCheck(trial.abilities), limitsCheck(trial.abilities)]),
    kernelCheck(platform),
    launcherCheck(facts),
    ...('problem' in trial || !holdShim ? [] : [shimCheck(trial.abilities)]),
    fuseCheck(facts),
    homeCheck(facts),
  ]
}

function boundaryCheck(platform: PlatformFacts, trial: Trial): Check {
  const name = 'boundary'
  if ('problem' in trial) {
    const { title, fix } = describeProblem(withCause(trial.problem, platform))
    return { name, state: 'broken', means: title, fix }
  }
  const open = trial.probes.find(({ blocked }) => !blocked)
  if (open) {
    const problem: SandboxProblem =
      open.made === false
        ? { code: 'backendFailed', detail: `the check "${open.target}" could not be made. ${open.detail}` }
        : { code: 'probeNotBlocked', target: open.target, detail: open.detail }
    const { title, fix } = describeProblem(problem)
    return { name, state: 'broken', means: title, fix }
  }
  if (trial.container !== undefined)
    return {
      name,
      state: 'limited',
      means: `The container is the boundary. ${containerWords(trial.container, trial.probes.length)}`,
      fix: null,
    }
  return ok(
    name,
    `A boundary was built with ${trial.backend} and stopped all of ${trial.probes.length} attempts.`,
  )
}

function namespacesCheck(platform: PlatformFacts, denied: boolean): Check {
  const name = 'user namespaces'
  const { maxUserNamespaces, usernsClone, apparmorRestricts, apparmorProfile } = platform
  const settings = [
    maxUserNamespaces === null ? '' : `user.max_user_namespaces is ${maxUserNamespaces}`,
    usernsClone === null ? '' : `kernel.unprivileged_userns_clone is ${usernsClone}`,
    apparmorRestricts === null ? '' : `kernel.apparmor_restrict_unprivileged_userns is ${apparmorRestricts}`,
  ].filter((text) => text !== '')
  const found = settings.length > 0 ? `${settings.join(', ')}.` : 'This kernel has no setting about them.'
  if (denied) {
    const cause = namespaceCause(platform)
    if (cause === 'apparmor' || cause === 'cloneOff' || cause === 'maxZero') {
      const { fix } = describeProblem({ code: 'namespacesDenied', detail: '', cause })
      return { name, state: 'broken', means: found, fix }
    }
  }
  const profile =
    apparmorRestricts === 1 && apparmorProfile
      ? ' AppArmor restricts them, and has a profile for bubblewrap.'
      : ''
  return ok(name, found + profile)
}

function surroundingsCheck(platform: PlatformFacts, denied: boolean): Check {
  const name = 'surroundings'
  const { container, wsl, selinux, filtered } = platform
  const parts = [
    wsl === null ? '' : `WSL${wsl}`,
    container === null ? '' : container === 'other' ? 'a container' : `a ${container} container`,
    selinux === null ? '' : `SELinux ${selinux}`,
    filtered ? 'a filter of system calls around this process' : '',
  ].filter((text) => text !== '')
  if (parts.length === 0) return ok(name, 'No container, no WSL, no SELinux.')
  const cause = namespaceCause(platform)
  const named = ['wsl1', 'container', 'flatpak', 'snap', 'selinux'].includes(cause)
  if (denied && named) {
    const { fix } = describeProblem({ code: 'namespacesDenied', detail: '', cause })
    return { name, state: 'broken', means: `Found: ${parts.join(', ')}.`, fix }
  }
  return ok(name, `Found: ${parts.join(', ')}.`)
}

function holdingCheck({ holds, grows, why, yama }: Abilities): Check {
  const name = 'questions while a command waits'
  if (holds && grows)
    return ok(name, 'A refused file call can wait for an answer, and folders can be opened meanwhile.')
  const means = holds
    ? `A refused file call can wait, but no folder can be opened for a running command${why ? ` (${why})` : ''}; each file is asked by itself.`
    : `A refused file call fails at once${why ? ` (${why})` : ''}. The command is asked about afterwards, and runs again with exactly the missing path.`
  const fix =
    yama !== null && yama >= 2
      ? yama === 2
        ? 'Let a supervisor look at what it started: echo kernel.yama.ptrace_scope=1 | sudo tee /etc/sysctl.d/60-gatehouse.conf && sudo sysctl --system'
        : 'kernel.yama.ptrace_scope is 3, which lasts until the next start of the machine; set it to 1 in /etc/sysctl.d and restart.'
      : null
  return { name, state: 'limited', means, fix }
}

function shimCheck({ shim }: Abilities): Check {
  const name = 'preload shim'
  if (shim === '') return ok(name, 'Write calls are tried before they wait, as hold_shim says.')
  return {
    name,
    state: 'limited',
    means: 'hold_shim is set, and the shim is not there: every write call waits for the supervisor.',
    fix: shim,
  }
}

function limitsCheck({ limits }: Abilities): Check {
  const name = 'limits of memory and processes'
  if (limits === '') return ok(name, 'Memory, processes and processor time of a command can be limited.')
  return {
    name,
    state: 'limited',
    means: `They cannot be set here: ${limits.replace(/\.$/, '')}. Everything else holds.`,
    fix: 'With systemd: start Gatehouse in a scope of its own, systemd-run --user --scope -p Delegate=yes npx gatehouse …',
  }
}
