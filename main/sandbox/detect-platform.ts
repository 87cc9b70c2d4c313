import type { NamespaceCause } from '../../protocol/namespace-cause.ts'
import type { SandboxProblem } from '../../protocol/sandbox.ts'

export type ContainerKind = 'docker' | 'podman' | 'kubernetes' | 'lxc' | 'flatpak' | 'snap' | 'other'

/** What of a machine decides whether a boundary can be built. Gathered by `gatherPlatform`; null: not there. */
export type PlatformFacts = {
  readonly platform: string
  /** As `uname -r` prints it. */
  readonly kernel: string
  readonly root: boolean
  readonly wsl: 1 | 2 | null
  readonly container: ContainerKind | null
  /** kernel.unprivileged_userns_clone: Debian and Arch kernels. */
  readonly usernsClone: number | null
  /** user.max_user_namespaces */
  readonly maxUserNamespaces: number | null
  /** kernel.apparmor_restrict_unprivileged_userns: Ubuntu 23.10 and later. */
  readonly apparmorRestricts: number | null
  /** A profile that lets bubblewrap create user namespaces lies in /etc/apparmor.d. */
  readonly apparmorProfile: boolean
  readonly selinux: 'enforcing' | 'permissive' | null
  /** kernel.yama.ptrace_scope */
  readonly yama: number | null
  /** A filter for system calls is in force for this process already, as in containers. */
  readonly filtered: boolean
  /** The kernel can hold a system call for a supervisor. */
  readonly userNotification: boolean
}

export type KernelVersion = { readonly major: number; readonly minor: number }

/** null for a release that does not begin with two numbers. */
export function kernelVersion(release: string): KernelVersion | null {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})/.exec(release) ?? []
  return major === undefined || minor === undefined ? null : { major: Number(major), minor: Number(minor) }
}

export const atLeast = (release: string, major: number, minor: number): boolean => {
  const found = kernelVersion(release)
  return found !== null && (found.major > major || (found.major === major && found.minor >= minor))
}

/**
 * Why no user namespace can be had, after bubblewrap was seen to fail. The first that fits: what is switched off for
 * the whole machine before what a container or a security module forbids to one program.
 *
 * Pure, so that each case is a fixture.
 */
export function namespaceCause(facts: PlatformFacts): NamespaceCause {
  if (facts.wsl === 1) return 'wsl1'
  if (facts.maxUserNamespaces === 0) return 'maxZero'
  if (facts.usernsClone === 0 && !facts.root) return 'cloneOff'
  switch (facts.container) {
    case 'flatpak':
    case 'snap':
      return facts.container
    case 'docker':
    case 'podman':
    case 'kubernetes':
    case 'lxc':
    case 'other':
      return 'container'
    case null:
      break
  }
  if (facts.apparmorRestricts === 1 && !facts.root) return 'apparmor'
  if (facts.selinux === 'enforcing') return 'selinux'
  return 'unknown'
}

/** The problem with the cause that the machine's facts give it. */
export const withCause = (problem: SandboxProblem, facts: PlatformFacts): SandboxProblem =>
  problem.code === 'namespacesDenied' ? { ...problem, cause: namespaceCause(facts) } : problem

/** From the texts of `/proc` and the environment; in this order, since Kubernetes and Podman also look like Docker. */
export function containerOf(signs: {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Which of the marker files are there. */
  readonly files: ReadonlySet<string>
  /** `/proc/1/environ`'s `container=`, or `/run/systemd/container`; '' when it cannot be read. */
  readonly manager: string
  readonly cgroup: string
  /** `/proc/self/mountinfo` says that `/` is an overlay: an image, not a disk. */
  readonly rootIsOverlay: boolean
}): ContainerKind | null {
  const { env, files, manager, cgroup } = signs
  if (files.has('/.flatpak-info') || env['FLATPAK_ID'] !== undefined) return 'flatpak'
  if (env['SNAP'] !== undefined && env['SNAP_NAME'] !== undefined) return 'snap'
  if (env['KUBERNETES_SERVICE_HOST'] !== undefined || /kubepods/.test(cgroup)) return 'kubernetes'
  if (files.has('/run/.containerenv') || manager === 'podman' || /libpod/.test(cgroup)) return 'podman'
  if (files.has('/.dockerenv') || manager === 'docker' || /\/docker[-/]/.test(cgroup)) return 'docker'
  if (manager.startsWith('lxc') || /\/lxc[./]/.test(cgroup)) return 'lxc'
  return manager !== '' || signs.rootIsOverlay ? 'other' : null
}

/** From `/proc/version` or `uname -r`: WSL1 is Microsoft's own kernel interface, WSL2 a Linux kernel. */
export function wslOf(version: string): 1 | 2 | null {
  if (!/microsoft/i.test(version)) return null
  return /WSL2|microsoft-standard/i.test(version) ? 2 : 1
}
