import type { PlatformFacts } from '../sandbox/detect-platform.ts'

/** A Linux machine that is no container and forbids nothing. */
export const plainMachine: PlatformFacts = {
  platform: 'linux',
  kernel: '6.1.0',
  root: false,
  wsl: null,
  container: null,
  usernsClone: null,
  maxUserNamespaces: 15_000,
  apparmorRestricts: null,
  apparmorProfile: false,
  selinux: null,
  yama: null,
  filtered: false,
  userNotification: true,
}
