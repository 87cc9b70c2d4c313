import { readFile, stat } from 'node:fs/promises'
import os from 'node:os'
import { containerOf, type PlatformFacts, wslOf } from './detect-platform.ts'

/** Files that only a container has. */
const markers = ['/.dockerenv', '/run/.containerenv', '/.flatpak-info']

/** Ours, and those that distributions ship. */
const apparmorProfiles = ['gatehouse-bwrap', 'bwrap-userns-restrict', 'bwrap'].map(
  (name) => `/etc/apparmor.d/${name}`,
)

/** Reads what decides about a boundary on this machine. What cannot be read counts as not there. Never throws. */
export async function gatherPlatform(
  env: Readonly<Record<string, string | undefined>>,
): Promise<PlatformFacts> {
  const text = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '')
  const exists = (file: string): Promise<boolean> =>
    stat(file).then(
      () => true,
      () => false,
    )
  const setting = async (name: string): Promise<number | null> => {
    const value = (await text(`/proc/sys/${name}`)).trim()
    return /^\d+$/.test(value) ? Number(value) : null
  }
  const present = async (files: readonly string[]): Promise<string[]> => {
    const found = await Promise.all(files.map(exists))
    return files.filter((_, index) => found[index])
  }
  const [files, profiles, firstEnv, systemd, cgroup, mounts, status, actions, selinux, version] =
    await Promise.all([
      present(markers),
      present(apparmorProfiles),
      text('/proc/1/environ'),
      text('/run/systemd/container'),
      text('/proc/1/cgroup'),
      text('/proc/self/mountinfo'),
      text('/proc/self/status'),
      text('/proc/sys/kernel/seccomp/actions_avail'),
      text('/sys/fs/selinux/enforce'),
      text('/proc/version'),
    ])
  const manager = /(?:^|\0)container=([^\0]*)/.exec(firstEnv)?.[1] ?? systemd.trim()
  const [usernsClone, maxUserNamespaces, apparmorRestricts, yama] = await Promise.all([
    setting('kernel/unprivileged_userns_clone'),
    setting('user/max_user_namespaces'),
    setting('kernel/apparmor_restrict_unprivileged_userns'),
    setting('kernel/yama/ptrace_scope'),
  ])
  return {
    platform: process.platform,
    kernel: os.release(),
    root: process.getuid?.() === 0,
    wsl: process.platform === 'linux' ? wslOf(`${version} ${os.release()}`) : null,
    container:
      process.platform === 'linux'
        ? containerOf({
            env,
            files: new Set(files),
            manager,
            cgroup,
            rootIsOverlay: / \/ \/ .* - overlay /.test(mounts),
          })
        : null,
    usernsClone,
    maxUserNamespaces,
    apparmorRestricts,
    apparmorProfile: profiles.length > 0,
    selinux: selinux.trim() === '1' ? 'enforcing' : selinux.trim() === '0' ? 'permissive' : null,
    yama,
    filtered: /^Seccomp:\s*2$/m.test(status),
    userNotification: /\buser_notif\b/.test(actions),
  }
}
