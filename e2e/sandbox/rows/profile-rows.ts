import { chmodSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect } from 'vitest'
import { resolveProfile } from '../../../main/policy/settings/resolve-profile.ts'
import type { SpecRequest } from '../../../main/sandbox/backend.ts'
import { noGrant } from '../../../protocol/action.ts'
import type { Place } from '../support/lab.ts'
import type { Row } from '../support/row.ts'

const put = (path: string, text = 'as it was\n') => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
type Spelled = Readonly<Record<string, string | Readonly<Record<string, string>>>>
/** A profile as a person writes it, with `out` as the home folder. */
const profile =
  (filesystem: (place: Place) => Spelled, more: Partial<SpecRequest> = {}) =>
  (place: Place): Partial<SpecRequest> => {
    const sources = new Map([['p', { table: { filesystem: filesystem(place) }, broken: false }]])
    const at = { workspaceRoots: [place.ws], home: place.out, tmpdir: null }
    const { profile: resolved } = resolveProfile('p', sources, at)
    return {
      access: { entries: resolved.entries, lifted: resolved.liftedProtection },
      extraWritableRoots: resolved.extraWritableRoots,
      deniedReads: resolved.deniedReads,
      home: place.out,
      ...more,
    }
  }
const strict = (place: Place): Partial<SpecRequest> => {
  const at = { workspaceRoots: [place.ws], home: place.out, tmpdir: null }
  const { profile: resolved } = resolveProfile(':strict', new Map(), at)
  return {
    access: { entries: resolved.entries, lifted: [] },
    deniedReads: resolved.deniedReads,
    home: place.out,
  }
}
const works = (_: Place, answer: { exitCode: number | null; output: string }) =>
  expect(answer.exitCode, answer.output).toBe(0)
const good = (...mayChange: string[]) => ({ endsWell: true, mayChange, after: works })

const tree = (place: Place) => {
  for (const name of ['docs/a', 'vault/key', 'vault/pub/a', 'vault/pub/deep/key', 'plain/a'])
    put(`${place.ws}/${name}`)
}
const vault = profile(() => ({
  ':root': 'read',
  ':workspace_roots': { '.': 'write', vault: 'none', 'vault/pub': 'read', 'vault/pub/deep': 'none' },
}))
const minimal = profile(() => ({ ':minimal': 'read', ':workspace_roots': 'write' }))
const home = (place: Place) => {
  for (const name of ['.ssh/id_rsa', '.aws/credentials', '.config/gh/hosts.yml', '.netrc', 'letters/a'])
    put(`${place.out}/${name}`, 'private\n')
  put(`${place.out}/.gitconfig`, '[user]\n\tname = a\n')
  put(`${place.out}/.nvm/bin/tool`, '#!/bin/sh\nexit 0\n')
  chmodSync(`${place.out}/.nvm/bin/tool`, 0o755)
}
const namespaces = ['cgroup', 'ipc', 'net', 'pid', 'user', 'uts', 'mnt']

/** Permission profiles, the strict one, and what every run has for itself. */
export const profileRows: readonly Row[] = [
  {
    promise: 'a profile that writes one folder writes no other',
    attempt: 'echo x > plain/a || echo x > new',
    prepare: tree,
    request: profile(() => ({ ':root': 'read', ':workspace_roots': { docs: 'write' } })),
  },
  {
    promise: 'a profile that writes one folder writes it',
    attempt: 'echo x > docs/a && touch docs/new',
    prepare: tree,
    request: profile(() => ({ ':root': 'read', ':project_roots': { docs: 'write' } })),
    ...good('ws/docs'),
  },
  {
    promise: 'what is read-only inside something writable stays as it is, and in its place',
    attempt: 'echo x > docs/a || touch docs/new || $TRY rename docs away',
    prepare: tree,
    request: profile(() => ({ ':root': 'read', ':workspace_roots': { '.': 'write', docs: 'read' } })),
  },
  {
    promise: 'what is writable inside something read-only is',
    attempt: 'echo x > vault/pub/a && touch vault/pub/new && ! touch vault/key 2>/dev/null',
    prepare: tree,
    request: profile(() => ({
      ':root': 'read',
      ':workspace_roots': { '.': 'write', vault: 'read', 'vault/pub': 'write' },
    })),
    noControl: 'it also tries what must fail',
    ...good('ws/vault/pub'),
  },
  {
    promise: 'a writable folder named by itself is, and nothing beside it',
    attempt: 'echo x > "$OUT/named/a" && ! touch "$OUT/beside" 2>/dev/null',
    prepare: (place) => put(`${place.out}/named/a`),
    request: profile(() => ({ ':root': 'read', ':workspace_roots': 'write', '~/named': 'write' })),
    noControl: 'it also tries what must fail',
    ...good('out/named'),
  },
  {
    promise: 'a closed folder with an open one inside does not show the rest',
    attempt: 'cat vault/key',
    prepare: tree,
    request: vault,
  },
  { promise: 'nor does it list the rest', attempt: 'ls vault | grep -qx key', prepare: tree, request: vault },
  {
    promise: 'what is open inside a closed folder can be read',
    attempt: 'cat vault/pub/a',
    prepare: tree,
    request: vault,
    ...good(),
  },
  {
    promise: 'what is closed again deeper cannot',
    attempt: 'cat vault/pub/deep/key',
    prepare: tree,
    request: vault,
  },
  {
    promise: 'what is open inside a closed folder cannot be written',
    attempt: 'echo x > vault/pub/a',
    prepare: tree,
    request: vault,
  },
  {
    promise: 'a closed folder takes no new files',
    attempt: 'touch vault/new',
    prepare: tree,
    request: vault,
  },
  {
    promise: 'a closed folder cannot be moved away',
    attempt: '$TRY rename vault away || rm -f vault/pub/a',
    prepare: tree,
    request: vault,
  },
  {
    promise: 'a grant of the folder above does not open what the profile closed',
    attempt: 'cat vault/key || cat vault/pub/deep/key',
    prepare: tree,
    request: (place) => ({ ...vault(place), grant: { ...noGrant, writePaths: [place.ws] } }),
  },
  {
    promise: 'a pinned folder does not open a closed one inside it',
    attempt: 'cat a/vault/key',
    prepare: (place) => {
      put(`${place.ws}/a/vault/key`)
      put(`${place.ws}/a/vault/pub/x`)
      put(`${place.ws}/a/ro/x`)
    },
    request: profile(() => ({
      ':root': 'read',
      ':workspace_roots': { '.': 'write', 'a/vault': 'none', 'a/vault/pub': 'read', 'a/ro': 'read' },
    })),
  },
  {
    promise: 'in read-only, what the profile closes stays closed',
    attempt: 'cat vault/key',
    prepare: tree,
    request: vault,
    mode: 'read-only',
  },
  {
    promise: 'in read-only, what the profile writes is read',
    attempt: 'echo x > plain/a',
    prepare: tree,
    request: vault,
    mode: 'read-only',
  },

  // Minimal reads.
  {
    promise: 'minimal reads run programs',
    attempt: 'ls /usr/bin/env && git --version && echo x > new',
    request: minimal,
    ...good('ws/new'),
  },
  { promise: 'minimal reads do not show a secret', attempt: 'cat "$SECRET"', request: minimal },
  {
    promise: 'minimal reads do not show a neighbour',
    attempt: 'ls "$OUT" || cat "$OUT/kept"',
    request: minimal,
  },
  {
    promise: 'minimal reads show no /var, /opt, /srv or /mnt',
    attempt: 'ls -d /var/lib || ls -d /opt || ls -d /srv || ls -d /mnt',
    request: minimal,
  },
  {
    promise: 'minimal reads leave nothing of the disk to write',
    // Asks only, since outside, as root, it would leave a file.
    attempt: 'test -w / || test -w /var || test -w /etc || test -w /usr',
    request: minimal,
    noControl: 'outside, only root may',
  },
  {
    promise: 'without any read entry outside, the folder still works',
    attempt: 'ls "$OUT/kept"',
    request: profile(() => ({ ':minimal': 'read', ':workspace_roots': 'write', '~': 'none' })),
  },

  // Temporary folders.
  {
    promise: 'an excluded /tmp cannot be written',
    attempt: 'f=$(mktemp -p /tmp) && rm "$f"',
    request: profile(() => ({ ':root': 'read', ':workspace_roots': 'write' })),
  },
  {
    promise: 'an excluded /tmp shows nothing of the host',
    attempt: 'test -e "$TMP_SOCKET"',
    request: profile(() => ({ ':root': 'read', ':workspace_roots': 'write' })),
  },
  {
    promise: 'an own /tmp can be written',
    attempt: 'f=$(mktemp -p /tmp) && rm "$f"',
    request: profile(() => ({ ':root': 'read', ':workspace_roots': 'write', ':slash_tmp': 'write' })),
    ...good(),
  },
  {
    promise: 'an own /tmp shows nothing of the host',
    attempt: 'test -e "$TMP_SOCKET"',
    request: profile(() => ({ ':root': 'read', ':workspace_roots': 'write', ':slash_tmp': 'write' })),
  },
  {
    promise: 'a shared /tmp keeps sockets of others closed',
    attempt: '$TRY unix "$TMP_SOCKET"',
    request: profile(() => ({ ':root': 'read', ':workspace_roots': 'write', '/tmp': 'write' })),
  },

  // Strict.
  ...['.ssh/id_rsa', '.aws/credentials', '.config/gh/hosts.yml', '.netrc', 'letters/a'].map((name) => ({
    promise: `strict: ${name} of the home folder cannot be read`,
    attempt: `cat "$OUT/${name}"`,
    prepare: home,
    request: strict,
  })),
  {
    promise: 'strict: names in the home folder are not shown',
    attempt: 'ls -a "$OUT" | grep -qx .ssh',
    prepare: home,
    request: strict,
  },
  {
    promise: 'strict: settings of git and tool chains work',
    attempt: 'grep -q name "$OUT/.gitconfig" && "$OUT/.nvm/bin/tool" && git status -s',
    prepare: home,
    request: strict,
    ...good(),
  },
  {
    promise: 'strict: what is shown of the home folder cannot be written',
    attempt: 'echo x >> "$OUT/.gitconfig" || echo x > "$OUT/.nvm/bin/tool"',
    prepare: home,
    request: strict,
  },
  {
    promise: 'strict: nothing new can be made in the home folder',
    attempt: 'touch "$OUT/.bash_login" || mkdir "$OUT/.ssh2"',
    prepare: home,
    request: strict,
  },
  {
    promise: 'strict: git settings that hold a password are not shown',
    attempt: 'grep -q hunter2 "$OUT/.gitconfig"',
    prepare: (place) =>
      put(`${place.out}/.gitconfig`, '[url "https://me:hunter2@example.invalid/"]\n\tinsteadOf = x:\n'),
    request: strict,
  },
  {
    promise: 'strict: homes of others are closed',
    attempt: 'ls /root || test -n "$(ls /home)"',
    noControl: 'not everybody may look there',
    request: strict,
  },
  {
    promise: 'strict: passwords of the machine cannot be read',
    attempt: 'cat /etc/shadow',
    only: 'root',
    request: strict,
  },

  // What every run has for itself.
  ...namespaces.map((name) => ({
    promise: `the ${name} namespace is its own`,
    attempt: `test "$(readlink /proc/self/ns/${name})" = "$HOST_NS"`,
    env: () => ({ HOST_NS: readlinkSync(`/proc/self/ns/${name}`) }),
  })),
  {
    promise: 'no mount but those of bubblewrap runs set-user-id programs',
    attempt: `awk '$5 !~ "^/(proc|dev)" && $6 !~ /nosuid/ { found = 1 } END { exit !found }' /proc/self/mountinfo`,
  },
  {
    promise: 'no mount but those of bubblewrap opens devices',
    attempt: `awk '$5 !~ "^/(proc|dev)" && $6 !~ /nodev/ { found = 1 } END { exit !found }' /proc/self/mountinfo`,
  },
  {
    promise: '/dev/shm has an end, far from that of the memory',
    attempt: 'test "$(df -k --output=size /dev/shm | tail -n 1)" -gt 262144',
    noControl: 'machines differ',
  },
  {
    promise: '/dev/shm works',
    attempt: 'head -c 1000000 /dev/zero > /dev/shm/x && rm /dev/shm/x',
    ...good(),
  },
  {
    promise: '/dev is its own',
    attempt: 'test -e /dev/kmsg || test -e /dev/mem || ls /dev/sd* || ls /dev/vd*',
    noControl: 'machines differ',
  },
  {
    promise: 'a profile that allows nesting does not let a mount be opened in it',
    attempt: '$TRY namespaces-remount / "$OUT/new"',
    request: { nesting: true },
    noControl: 'the mounts of the host are not to be undone',
  },
  {
    promise: 'folders inside a closed disk hold what the host has',
    attempt: 'cat /etc/hostname && test "$(cat file)" = text',
    request: minimal,
    ...good(),
    after: (place, answer) => {
      works(place, answer)
      expect(answer.output).toContain(readFileSync('/etc/hostname', 'utf8').trim())
    },
  },
]
