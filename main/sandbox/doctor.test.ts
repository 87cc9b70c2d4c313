import { expect, test } from 'vitest'
import { containerOf, kernelVersion, namespaceCause, type PlatformFacts, wslOf } from './detect-platform.ts'
import { diagnose, type Trial } from './doctor.ts'
import type { DoctorFacts } from './doctor-facts.ts'

const debian: PlatformFacts = {
  platform: 'linux',
  kernel: '6.1.0-18-amd64',
  root: false,
  wsl: null,
  container: null,
  usernsClone: 1,
  maxUserNamespaces: 127_000,
  apparmorRestricts: null,
  apparmorProfile: false,
  selinux: null,
  yama: 1,
  filtered: false,
  userNotification: true,
}
const facts = (platform: Partial<PlatformFacts> = {}, more: Partial<DoctorFacts> = {}): DoctorFacts => ({
  platform: { ...debian, ...platform },
  bwrap: { path: '/usr/bin/bwrap', version: '0.8.0', setuid: false },
  launcher: { path: '/gate/launcher', state: 'ready' },
  fuse: 'usable',
  node: '24.21.0',
  home: { path: '/home/ann/.gatehouse', problem: null, open: false },
  ...more,
})
const stands: Trial = {
  backend: 'bwrap 0.8.0',
  abilities: { holds: true, grows: true, why: '', limits: '', shim: '', kernel: '6.1', yama: 1, fuse: true },
  probes: [{ kind: 'write', target: 'a new file in /', blocked: true, detail: 'Read-only file system' }],
}
const denied: Trial = { problem: { code: 'namespacesDenied', detail: 'Operation not permitted' } }
const abilities = {
  holds: true,
  grows: true,
  why: '',
  limits: '',
  shim: '',
  kernel: '6.1',
  yama: 1,
  fuse: true,
}

test('on a machine that is as it should be there is nothing to do', () => {
  expect(diagnose(facts(), stands).filter(({ state, fix }) => state !== 'ok' || fix !== null)).toEqual([])
})

test.each([
  ['Ubuntu 24.04', { apparmorRestricts: 1, usernsClone: null }, 'apparmor', 'apparmor_parser -r'],
  ['Debian with the switch off', { usernsClone: 0 }, 'cloneOff', 'kernel.unprivileged_userns_clone=1'],
  ['no user namespaces at all', { maxUserNamespaces: 0 }, 'maxZero', 'user.max_user_namespaces=15000'],
  ['Docker as it starts', { container: 'docker', filtered: true }, 'container', 'seccomp=unconfined'],
  ['Kubernetes', { container: 'kubernetes' }, 'container', 'procMount Unmasked'],
  ['Flatpak', { container: 'flatpak' }, 'flatpak', 'flatpak-spawn --host'],
  ['Snap', { container: 'snap' }, 'snap', 'outside the Snap'],
  ['Fedora', { selinux: 'enforcing' }, 'selinux', 'ausearch'],
  ['WSL1', { wsl: 1, kernel: '4.4.0-19041-Microsoft' }, 'wsl1', 'wsl --set-version'],
  ['nothing known', {}, 'unknown', 'bwrap --unshare-user'],
] as const)('%s: the boundary is broken, with the cause and its fix', (_name, platform, cause, fix) => {
  expect(namespaceCause({ ...debian, ...platform })).toBe(cause)
  const [boundary] = diagnose(facts(platform), denied)
  expect(boundary).toMatchObject({ name: 'boundary', state: 'broken' })
  expect(boundary?.fix).toContain(fix)
  expect(boundary?.means).toContain('Operation not permitted')
})

test('what is switched off for the whole machine comes before what a container forbids', () => {
  expect(namespaceCause({ ...debian, container: 'docker', maxUserNamespaces: 0 })).toBe('maxZero')
  expect(namespaceCause({ ...debian, container: 'docker', apparmorRestricts: 1 })).toBe('container')
})

test('root is not held by the switches for others', () => {
  expect(namespaceCause({ ...debian, root: true, usernsClone: 0, apparmorRestricts: 1 })).toBe('unknown')
})

test('another problem is not blamed on a container', () => {
  const failed: Trial = { problem: { code: 'backendFailed', detail: 'no room' } }
  const checks = diagnose(facts({ container: 'docker' }), failed)
  expect(checks.filter(({ state }) => state === 'broken').map(({ name }) => name)).toEqual(['boundary'])
})

test.each([
  ['darwin', 'macOS'],
  ['win32', 'WSL2'],
])('%s: no boundary, in plain words', (platform, word) => {
  const problem = { code: 'unsupportedPlatform', platform } as const
  const [boundary, ...others] = diagnose(facts({ platform }), { problem })
  expect(boundary?.state).toBe('broken')
  expect(`${boundary?.means} ${boundary?.fix}`).toContain(word)
  expect(others.map(({ name }) => name)).toEqual(['own folder'])
})

test.each([
  [
    'setuid bwrap',
    facts({}, { bwrap: { path: '/usr/bin/bwrap', version: '0.8.0', setuid: true } }),
    stands,
    'chmod u-s',
  ],
  [
    'old bwrap',
    facts({}, { bwrap: { path: '/usr/bin/bwrap', version: '0.4.1', setuid: false } }),
    stands,
    '0.8 or newer',
  ],
  ['old kernel', facts({ kernel: '4.19.0-26-amd64' }), stands, 'newer kernel'],
  ['Yama 2', facts(), { ...stands, abilities: { ...abilities, holds: false, yama: 2 } }, 'ptrace_scope=1'],
  ['Yama 3', facts(), { ...stands, abilities: { ...abilities, grows: false, yama: 3 } }, 'restart'],
  ['no control groups', facts(), { ...stands, abilities: { ...abilities, limits: 'none.' } }, 'Delegate=yes'],
  ['no /dev/fuse', facts({}, { fuse: 'absent' }), stands, 'modprobe fuse'],
  ['closed /dev/fuse', facts({}, { fuse: 'closed' }), stands, 'chmod 666 /dev/fuse'],
  [
    'old launcher',
    facts({}, { launcher: { path: '/l', state: 'older than its source' } }),
    stands,
    'build.mjs',
  ],
  ['open home', facts({}, { home: { path: '/h', problem: null, open: true } }), stands, 'chmod go-w /h'],
] as const)('%s: limited, and the boundary stands', (_name, found, trial, fix) => {
  const checks = diagnose(found, trial)
  expect(checks[0]).toMatchObject({ name: 'boundary', state: 'ok' })
  const limited = checks.filter(({ state }) => state === 'limited')
  expect(limited).toHaveLength(1)
  expect(limited[0]?.fix).toContain(fix)
})

test.each([
  ['missing bwrap', facts({}, { bwrap: null }), 'bubblewrap', 'apt-get install bubblewrap'],
  ['missing launcher', facts({}, { launcher: { path: '/l', state: 'missing' } }), 'launcher', 'npm start'],
  [
    'a home that cannot be written',
    facts({}, { home: { path: '/h', problem: 'EACCES', open: false } }),
    'own folder',
    'GATEHOUSE_HOME',
  ],
] as const)('%s: broken', (_name, found, name, fix) => {
  const check = diagnose(found, denied).find((one) => one.name === name)
  expect(check?.state).toBe('broken')
  expect(check?.fix).toContain(fix)
})

test('a boundary that let something through, or proved nothing, is broken', () => {
  const probe = { kind: 'write', target: 'a file in /etc', detail: 'It went through.' } as const
  expect(diagnose(facts(), { ...stands, probes: [{ ...probe, blocked: false }] })[0]?.state).toBe('broken')
  const nothing = diagnose(facts(), { ...stands, probes: [{ ...probe, blocked: false, made: false }] })[0]
  expect(nothing).toMatchObject({ state: 'broken' })
  expect(nothing?.means).toContain('could not be made')
})

test.each([
  ['6.18.44-fc-v782', { major: 6, minor: 18 }],
  ['4.4.0-19041-Microsoft', { major: 4, minor: 4 }],
  ['', null],
  ['six', null],
  ['99999999999999999999.1', null],
])('kernel %j', (release, version) => expect(kernelVersion(release)).toEqual(version))

const signs = { env: {}, files: new Set<string>(), manager: '', cgroup: '', rootIsOverlay: false }
test.each([
  ['nothing', {}, null],
  ['docker', { files: new Set(['/.dockerenv']) }, 'docker'],
  ['docker by its group', { cgroup: '0::/docker/0a1b' }, 'docker'],
  ['podman', { files: new Set(['/run/.containerenv', '/.dockerenv']) }, 'podman'],
  [
    'kubernetes',
    { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, files: new Set(['/.dockerenv']) },
    'kubernetes',
  ],
  ['lxc', { manager: 'lxc' }, 'lxc'],
  ['systemd-nspawn', { manager: 'systemd-nspawn' }, 'other'],
  ['flatpak', { files: new Set(['/.flatpak-info']) }, 'flatpak'],
  ['snap', { env: { SNAP: '/snap/x/1', SNAP_NAME: 'x' } }, 'snap'],
  ['an image without a marker', { rootIsOverlay: true }, 'other'],
] as const)('container: %s', (_name, found, kind) => expect(containerOf({ ...signs, ...found })).toBe(kind))

test.each([
  ['Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)', 1],
  ['Linux version 5.15.153.1-microsoft-standard-WSL2', 2],
  ['Linux version 6.1.0-18-amd64', null],
])('WSL: %s', (version, wsl) => expect(wslOf(version)).toBe(wsl))

test('the container as the boundary is said, and is less than a boundary of ours', () => {
  const probe = { kind: 'filter', target: 'keyctl', blocked: true, detail: '' } as const
  const [check, ...others] = diagnose(facts(), {
    backend: 'container docker',
    container: 'docker',
    abilities,
    probes: [probe],
  })
  expect(check).toMatchObject({ name: 'boundary', state: 'limited' })
  expect(check?.means).toContain('The container is the boundary.')
  expect(check?.means).not.toMatch(/verified/i)
  expect(others.map(({ name }) => name)).not.toContain('bubblewrap')
})

test('a wanted shim that is not there is told once, with what builds it', () => {
  const missing = { ...stands, abilities: { ...abilities, shim: 'Build it.' } }
  const named = (holdShim: boolean) =>
    diagnose(facts(), missing, holdShim).filter(({ name }) => name === 'preload shim')
  expect(named(true)).toMatchObject([{ state: 'limited', fix: 'Build it.' }])
  expect(named(false)).toEqual([])
})
