import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { expect } from 'vitest'
import type { Lab, Place, Setting } from '../support/lab.ts'
import { processesWith } from '../support/processes-with.ts'
import { always, needsCapability, type Row } from '../support/row.ts'

const git = (place: Place, ...argv: string[]) =>
  execFileSync('git', ['-c', 'safe.directory=*', '-C', place.ws, ...argv], { stdio: 'pipe' })

const grantGit: Setting = { grant: (place) => ({ writePaths: [`${place.ws}/.git`] }) }
/** A workspace whose .git is a pointer to a directory deep inside it. */
const deepGitDir = (place: Place) => {
  mkdirSync(`${place.ws}/a/b`, { recursive: true })
  renameSync(`${place.ws}/.git`, `${place.ws}/a/b/dir`)
  writeFileSync(`${place.ws}/.git`, `gitdir: ${place.ws}/a/b/dir\n`)
}

/** That nothing by the name of the lab is there; it goes, so that the next row finds the folder as it was. */
const absentOnHost =
  (folder: string) =>
  (_: Place, __: unknown, { variables }: Lab) => {
    const path = `${folder}/${variables['ABSTRACT']}`
    const there = existsSync(path)
    rmSync(path, { force: true })
    expect(there).toBe(false)
  }

/** Files, mounts, processes, sockets, reading and grants, from the first day on. */
export const baseRows: readonly Row[] = [
  // The four of LAYOUT.md 8.
  { promise: 'a protected .git cannot be written', attempt: 'echo x > .git/config' },
  { promise: 'a protected .git cannot be renamed', attempt: 'mv .git away' },
  { promise: 'a protected .git cannot be removed', attempt: 'rm -rf .git' },
  ...['.codex', '.agents', '.gatehouse'].map((name) => ({
    promise: `an absent ${name} cannot be made, and nothing of it stays`,
    attempt: `rmdir ${name} 2>/dev/null; mv ${name} away 2>/dev/null; mkdir -p ${name} && touch ${name}/config.toml`,
    after: (place: Place) => expect(readdirSync(place.ws).toSorted()).toEqual(['.git', 'file']),
  })),
  {
    promise: 'a protected path that is a symlink is refused before anything starts',
    attempt: 'rm .git && mkdir -p .git/hooks && touch .git/hooks/post-commit',
    prepare: (place) => {
      renameSync(`${place.ws}/.git`, `${place.ws}/real`)
      symlinkSync('real', `${place.ws}/.git`)
    },
    refused: 'protectedPathIsSymlink',
  },
  {
    promise: 'a dangling symlink at a protected path is refused as well',
    attempt: 'rm .codex && mkdir .codex && touch .codex/config.toml',
    prepare: (place) => symlinkSync('nowhere', `${place.ws}/.codex`),
    refused: 'protectedPathIsSymlink',
  },
  {
    promise: 'a folder above a deep protected git directory cannot be moved away',
    attempt: 'mv a c || mv a/b a/c',
    prepare: deepGitDir,
  },
  {
    promise: 'the git directory behind a pointer file cannot be written',
    attempt: 'echo x > a/b/dir/config',
    prepare: deepGitDir,
  },
  { promise: 'the pointer file cannot be re-pointed', attempt: 'echo gitdir: x > .git', prepare: deepGitDir },

  // Files outside.
  { promise: 'nothing outside the workspace can be written', attempt: 'touch "$OUT/new"' },
  { promise: 'nothing outside the workspace can be changed', attempt: 'echo x >> "$OUT/kept"' },
  {
    promise: 'nothing outside the workspace can be removed',
    attempt: 'rm -f "$OUT/kept" && ! test -e "$OUT/kept"',
  },
  {
    promise: 'a symlink in the workspace does not lead out',
    attempt: 'echo x > link/kept || echo x > straight',
    prepare: (place) => {
      symlinkSync(place.out, `${place.ws}/link`)
      symlinkSync(`${place.out}/kept`, `${place.ws}/straight`)
    },
  },
  {
    promise: 'a file outside cannot be linked into the workspace',
    attempt: '"$TRY" link "$OUT/kept" kept && echo x > kept',
  },
  { promise: 'a protected file cannot be linked to a free name', attempt: '"$TRY" link .git/config free' },
  {
    promise: 'the workspace itself cannot be moved',
    attempt: 'mv "$WS" "$WS-moved" && mv "$WS-moved" "$WS"',
  },
  { promise: 'nothing can be moved out', attempt: '"$TRY" rename file "$OUT/file"' },
  { promise: 'read-only: the workspace cannot be written', mode: 'read-only', attempt: 'touch new' },
  {
    promise: 'read-only: the .git of the workspace cannot be written',
    mode: 'read-only',
    attempt: 'touch .git/new',
  },
  {
    promise: 'what a neighbour process sees through /proc is not there',
    attempt: 'touch "/proc/$HOST_PID/root$OUT/new"',
  },
  {
    promise: 'the first process of the namespace has no other view of the disk',
    attempt: 'touch "/proc/1/root$OUT/new"',
    noControl: 'the first process of the machine belongs to somebody else',
  },
  {
    promise: 'no descriptor of the host is open',
    attempt: 'test "$(ls /proc/self/fd | wc -l)" -gt 4',
    noControl: 'the host opens none for it either',
  },
  {
    promise: 'no descriptor of any visible process leads to the host',
    attempt:
      'for fd in /proc/[0-9]*/fd/*; do case "$(readlink "$fd")" in *escapes*|*gatehouse*) exit 0;; esac; done; exit 1',
    noControl: 'what it would find belongs to others',
  },
  {
    promise: 'kernel settings cannot be written',
    only: 'root',
    // Opened for writing is enough: nothing is set.
    attempt: ': >> /proc/sys/vm/swappiness',
  },
  {
    promise: '/dev/shm is not the one of the host',
    attempt: 'ls /dev/shm > /dev/null; echo x > "/dev/shm/$ABSTRACT"',
    endsWell: true,
    after: absentOnHost('/dev/shm'),
    noControl: 'it would leave a file',
  },
  { promise: '/tmp is private and ends with the run', attempt: 'test -S "$TMP_SOCKET"' },
  {
    promise: 'read-only: not even the private /tmp can be written',
    mode: 'read-only',
    attempt: 'f=$(mktemp -p /tmp) && rm "$f"',
  },
  {
    promise: 'what is written to /tmp stays in the run',
    attempt: 'touch "/tmp/$ABSTRACT"',
    endsWell: true,
    after: absentOnHost('/tmp'),
    noControl: 'it would leave a file',
  },
  { promise: 'no device can be made', only: 'root', attempt: 'mknod zero c 1 5' },

  // Mounts and namespaces.
  {
    promise: 'root cannot make the disk writable again',
    only: 'root',
    attempt: '"$TRY" remount / "$OUT/new"',
    noControl: 'the mounts of the host are not to be undone',
  },
  {
    promise: 'root cannot make .git writable again',
    only: 'root',
    attempt: '"$TRY" remount "$WS/.git" .git/new',
    noControl: 'nothing is mounted there',
  },
  {
    promise: 'a protected mount cannot be taken away',
    attempt: '"$TRY" umount "$WS/.git"',
    noControl: 'nothing is mounted there',
    alsoStopped: needsCapability,
  },
  {
    promise: 'new namespaces cannot undo the mounts',
    attempt: '"$TRY" namespaces-remount / "$OUT/new"',
    noControl: 'the mounts of the host are not to be undone',
  },
  { promise: 'no further user namespace can be made', attempt: '"$TRY" namespaces' },
  { promise: 'nothing can gain privileges', attempt: 'grep -q "NoNewPrivs:.0" /proc/self/status' },
  {
    promise: 'no capability is left',
    attempt: 'grep -Eq "Cap(Prm|Eff|Bnd|Amb):.0*[1-9a-f]" /proc/self/status',
  },

  // Processes.
  { promise: 'a host process cannot be seen', attempt: 'test -d "/proc/$HOST_PID"' },
  { promise: 'a host process cannot be signalled', attempt: 'kill -0 "$HOST_PID"' },
  { promise: 'a host process cannot be traced', attempt: '"$TRY" ptrace "$HOST_PID"' },
  {
    promise: 'what cut all its ties is gone when the run was stopped',
    attempt: '"$TRY" outlive; echo started; read -r _',
    stopAt: 'started',
    endsWell: true,
    noControl: 'without a boundary it would stay',
    after: (_, __, lab) => expect(processesWith(`${lab.root}/attempts outlive`)).toEqual([]),
  },
  {
    promise: 'what cut all its ties is gone when the command ended by itself',
    attempt: '"$TRY" outlive',
    endsWell: true,
    noControl: 'without a boundary it would stay',
    after: (_, __, lab) => expect(processesWith(`${lab.root}/attempts outlive`)).toEqual([]),
  },
  {
    promise: 'text pushed into the terminal reaches nobody outside',
    attempt: `"$TRY" tiocsti "touch $OUT/new
"; exit 0`,
    endsWell: true,
    after: (place) => expect(existsSync(`${place.out}/new`)).toBe(false),
    alsoStopped: always('the terminal is the run’s own, and nobody outside reads from it'),
    noControl: 'the terminal of a run is its own there as well',
  },
  {
    promise: 'a library named in the environment is not loaded before the boundary stands',
    attempt: 'test -e "$LOADED"',
    env: (p) => ({ LD_PRELOAD: `${p.base}/../mark.so` }),
    prepare: (p) => rmSync(`${p.base}/../marks/loaded`, { force: true }),
  },
  {
    promise: 'the environment is in no command line',
    attempt: 'echo looking; read -r _; test "$TOKEN" = shown-to-nobody',
    env: () => ({ TOKEN: 'shown-to-nobody' }),
    look: true,
    endsWell: true,
    after: (_, answer) => {
      expect(answer.commandLines).toContain('read -r _')
      // The script itself holds the word once; an argument with the variable would hold its name before it.
      expect(answer.commandLines).not.toContain('TOKEN=shown')
    },
  },
  {
    promise: 'the environment of the host stays outside',
    attempt: 'grep -qz HOST_SECRET /proc/*/environ',
    noControl: 'nothing is inherited there either',
  },

  // Network and sockets.
  { promise: 'no server of this machine can be reached', attempt: ': < "/dev/tcp/127.0.0.1/$PORT"' },
  { promise: 'no abstract socket can be reached', attempt: '"$TRY" abstract "$ABSTRACT"' },
  { promise: 'no socket in /run can be reached', attempt: '"$TRY" unix "$RUN_SOCKET"' },
  { promise: 'no socket in /tmp can be reached', attempt: '"$TRY" unix "$TMP_SOCKET"' },
  { promise: 'no host socket elsewhere on the disk can be reached', attempt: '"$TRY" unix "$DISK_SOCKET"' },
  {
    promise: 'a network grant opens the network',
    grant: () => ({ network: true }),
    attempt: ': < "/dev/tcp/127.0.0.1/$PORT"',
    endsWell: true,
    after: (_, answer) => expect(answer.exitCode).toBe(0),
  },
  {
    promise: 'a network grant opens no files',
    grant: () => ({ network: true }),
    attempt: 'touch "$OUT/new" || echo x > .git/config',
  },
  {
    promise: 'a network grant opens no socket in /run',
    grant: () => ({ network: true }),
    attempt: '"$TRY" unix "$RUN_SOCKET"',
  },

  // Reading.
  { promise: 'a denied file cannot be read', denied: (p) => [p.secret], attempt: 'grep -q secret "$SECRET"' },
  {
    promise: 'a denied file cannot be read through a link',
    denied: (p) => [p.secret],
    prepare: (p) => symlinkSync(p.secret, `${p.ws}/link`),
    attempt: 'grep -q secret link',
  },
  {
    promise: 'a denied link keeps its target closed',
    denied: (p) => [`${p.ws}/link`],
    prepare: (p) => symlinkSync(p.secret, `${p.ws}/link`),
    attempt: 'grep -q secret "$SECRET"',
  },
  {
    promise: 'a denied file cannot be read through /proc/self/root',
    denied: (p) => [p.secret],
    attempt: 'grep -q secret "/proc/self/root$SECRET"',
  },
  {
    promise: 'a denied file inside the workspace cannot be read or moved',
    denied: (p) => [`${p.ws}/file`],
    attempt: 'grep -q text file || { mv file free && grep -q text free; }',
  },
  { promise: 'a denied folder cannot be listed', denied: (p) => [p.out], attempt: 'ls "$OUT"' },
  { promise: 'Gatehouse’s own folder cannot be read', attempt: 'cat "$GHOME/config.toml"' },
  {
    promise: 'Gatehouse’s own folder cannot be written',
    attempt: 'touch "$GHOME/state/new"',
    noControl: 'the state is in use',
  },
  {
    promise: 'Gatehouse’s own folder stays hidden inside a writable root',
    roots: (p) => [p.base],
    home: (p) => `${p.base}/home`,
    attempt:
      'cat "$GHOME/config.toml" || touch "$GHOME/new" || { chmod 700 "$GHOME" && cat "$GHOME/config.toml"; }',
    mayChange: ['ws'],
  },
  {
    promise: 'the folder above Gatehouse’s own cannot be moved away',
    roots: (p) => [p.base],
    home: (p) => `${p.base}/above/home`,
    prepare: (p) => mkdirSync(`${p.base}/above/home/state`, { recursive: true }),
    attempt: 'mv "$(dirname "$GHOME")" "$WS/../moved"',
    noControl: 'the state is in use',
  },

  // Grants.
  {
    promise: 'a granted file can be written',
    grant: (p) => ({ writePaths: [`${p.out}/kept`] }),
    attempt: 'echo granted > "$OUT/kept"',
    endsWell: true,
    mayChange: ['out/kept'],
    after: (place) => expect(readFileSync(`${place.out}/kept`, 'utf8')).toBe('granted\n'),
  },
  {
    promise: 'a granted absent file can be written',
    grant: (p) => ({ writePaths: [`${p.out}/deep/new`] }),
    attempt: 'echo granted > "$OUT/deep/new"',
    noControl: 'its folder is made by the grant',
    endsWell: true,
    mayChange: ['out/deep'],
    after: (place) => expect(readFileSync(`${place.out}/deep/new`, 'utf8')).toBe('granted\n'),
  },
  {
    promise: 'the neighbour of a granted file stays closed',
    grant: (p) => ({ writePaths: [`${p.out}/granted`] }),
    attempt: 'touch "$OUT/kept2" || echo x > "$OUT/kept"',
  },
  {
    promise: 'git commit works with a granted .git, and leaves only a commit',
    ...grantGit,
    attempt: 'echo more >> file && git commit -q -a -m second',
    endsWell: true,
    mayChange: ['ws'],
    after: (place, answer) => {
      expect(answer.output).toBe('')
      expect(git(place, 'log', '--format=%s').toString()).toBe('second\nfirst\n')
      expect(readdirSync(`${place.ws}/.git`)).not.toContain('modules')
      expect(readdirSync(`${place.ws}/.git`)).not.toContain('config.worktree')
    },
  },
  ...[
    ['its config', 'git config core.fsmonitor "touch pwned" || echo x >> .git/config'],
    ['its hooks', 'touch .git/hooks/post-commit'],
    ['the place of its hooks', 'mv .git/hooks .git/old && mkdir .git/hooks'],
    ['its attributes', 'mkdir -p .git/info && echo "* filter=x" > .git/info/attributes'],
    ['the folder of its attributes', 'mv .git/info .git/old && mkdir .git/info'],
    ['its alternates', 'echo "$OUT" > .git/objects/info/alternates'],
    [
      'the folder of its alternates',
      '"$TRY" rename .git/objects .git/old || "$TRY" rename .git/objects/info .git/objects/old',
    ],
    ['directories of submodules', 'mkdir -p .git/modules/x && touch .git/modules/x/config'],
  ].map(([what, attempt]) => ({
    promise: `a granted .git keeps closed: ${what}`,
    ...grantGit,
    attempt: attempt ?? '',
    after: (place: Place) => expect(git(place, 'status', '--short').toString()).toBe(''),
  })),
  {
    promise: 'a granted .git is not re-pointed by a commondir',
    ...grantGit,
    attempt: 'echo "$OUT" > .git/commondir',
    endsWell: true,
    after: (place) => expect(existsSync(`${place.ws}/.git/commondir`)).toBe(false),
  },
  {
    promise: 'a granted folder keeps its own .git and .codex closed',
    grant: (p) => ({ writePaths: [p.ws] }),
    mode: 'read-only',
    attempt: 'echo x > .git/config || touch .codex/config.toml',
    noControl: 'the first row shows it',
  },
]
