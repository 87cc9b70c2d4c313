import { z } from 'zod'

/** What keeps a program from making user namespaces, which a boundary is built from. */
export const NamespaceCause = z.enum([
  'apparmor',
  'cloneOff',
  'maxZero',
  'selinux',
  'container',
  'flatpak',
  'snap',
  'wsl1',
  'unknown',
])
export type NamespaceCause = z.infer<typeof NamespaceCause>

/** What it is, and the exact way out of it. Commands are for a shell of the person's own, outside any boundary. */
export const namespaceWords: Readonly<
  Record<NamespaceCause, { readonly what: string; readonly fix: string }>
> = {
  apparmor: {
    what: 'AppArmor lets only programs with a profile create user namespaces (Ubuntu 23.10 and later).',
    fix: 'Give bubblewrap a profile: sudo install -m 644 build-res/apparmor/gatehouse-bwrap /etc/apparmor.d/gatehouse-bwrap && sudo apparmor_parser -r /etc/apparmor.d/gatehouse-bwrap',
  },
  cloneOff: {
    what: 'Only root may create user namespaces here (kernel.unprivileged_userns_clone is 0).',
    fix: 'Allow them: echo kernel.unprivileged_userns_clone=1 | sudo tee /etc/sysctl.d/60-gatehouse.conf && sudo sysctl --system',
  },
  maxZero: {
    what: 'Nobody may create user namespaces here (user.max_user_namespaces is 0).',
    fix: 'Allow them: echo user.max_user_namespaces=15000 | sudo tee /etc/sysctl.d/60-gatehouse.conf && sudo sysctl --system',
  },
  selinux: {
    what: 'SELinux is enforcing, and bubblewrap could not create a user namespace.',
    fix: 'Look at what it refused (sudo ausearch -m avc -ts recent -c bwrap) and allow that: sudo ausearch -m avc -ts recent -c bwrap | audit2allow -M gatehouse-bwrap && sudo semodule -i gatehouse-bwrap.pp',
  },
  container: {
    what: 'This is a container, and its rules do not let a program create namespaces in it.',
    fix: 'Start it with: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined … (Podman: --security-opt seccomp=unconfined --security-opt unmask=ALL; Kubernetes: seccompProfile Unconfined and procMount Unmasked). Or run Gatehouse outside of it. The last choice, which gives up our own boundary: boundary = "container" below [gatehouse] in your config.toml makes the container the boundary.',
  },
  flatpak: {
    what: 'This program runs inside Flatpak, which lets nothing in it create namespaces.',
    fix: 'Run Gatehouse outside Flatpak, or from a terminal of the system: flatpak-spawn --host npx gatehouse.',
  },
  snap: {
    what: 'This program runs inside a Snap, whose rules let nothing in it create namespaces.',
    fix: 'Run Gatehouse outside the Snap, from a terminal of the system.',
  },
  wsl1: {
    what: 'This is WSL1, which has no Linux kernel and so no namespaces.',
    fix: 'Turn the distribution into WSL2, in PowerShell: wsl --set-version DISTRIBUTION 2. wsl --list lists the names.',
  },
  unknown: {
    what: 'This system does not let this user create namespaces.',
    fix: 'See what is refused: bwrap --unshare-user --ro-bind / / true. npx gatehouse doctor lists what it could be.',
  },
}
