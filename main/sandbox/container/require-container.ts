import type { Abilities } from '../backend.ts'
import type { ContainerKind, PlatformFacts } from '../detect-platform.ts'
import { SandboxUnavailable } from '../sandbox-unavailable.ts'

/** Kinds that hold whole systems of programs. What packages one program (Flatpak, Snap) shares the home folder. */
const boundaries: ReadonlySet<ContainerKind> = new Set(['docker', 'podman', 'kubernetes', 'lxc', 'other'])

/**
 * The container around us, that the settings want to be the boundary.
 *
 * @throws SandboxUnavailable where there is none, or none that could be one
 */
export function requireContainer({ platform, container, wsl }: PlatformFacts): ContainerKind {
  if (platform === 'linux' && container !== null && boundaries.has(container)) return container
  const found =
    platform !== 'linux'
      ? `this is ${platform === 'darwin' ? 'macOS' : platform}`
      : container !== null
        ? `${container === 'flatpak' ? 'Flatpak' : 'Snap'} shares your files with the program`
        : wsl !== null
          ? `WSL${wsl} shares the files of Windows`
          : 'no sign of one was found'
  throw new SandboxUnavailable({ code: 'noContainer', found, where: null })
}

/** Nothing that needs a boundary of ours can be done. */
export const containedAbilities: Abilities = {
  holds: false,
  grows: false,
  why: 'The container is the boundary, and refuses by itself.',
  limits: 'The container is the boundary, and its limits are its own.',
  shim: '',
  kernel: '',
  yama: null,
  fuse: false,
}
