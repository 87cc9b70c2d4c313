import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { expect } from 'vitest'
import type { HeldAnswer } from '../../../protocol/sandbox.ts'
import type { Place, Setting } from '../support/lab.ts'
import type { Row } from '../support/row.ts'

const at = (path: (place: Place) => string, answer: HeldAnswer): Setting => ({
  held: (place) => [{ path: path(place), answer }],
})
const nobodyAnswersYes: Setting = { held: () => [] }
const kept = (place: Place) => `${place.out}/kept`
const whole = (place: Place) => place.out

/** Every call that changes something, each made on a place outside and denied. */
const denied: readonly (readonly [string, string])[] = [
  ['a new file', 'echo x > "$OUT/new"'],
  ['a longer file', 'echo x >> "$OUT/kept"'],
  ['an emptied file', ': > "$OUT/kept"'],
  ['a truncated file', 'truncate -s 0 "$OUT/kept"'],
  ['a new folder', 'mkdir "$OUT/new"'],
  ['a removed file', 'rm -f "$OUT/kept" && ! test -e "$OUT/kept"'],
  ['a renamed file', 'mv "$OUT/kept" "$OUT/new"'],
  ['a file moved in', 'mv "$OUT/kept" here || { rm -f here; false; }'],
  ['a file moved out', 'mv file "$OUT/new"'],
  ['a new symlink', 'ln -s nowhere "$OUT/new"'],
  ['a new hard link', 'ln "$OUT/kept" "$OUT/new"'],
  ['another mode', 'chmod 777 "$OUT/kept"'],
  ['another time', 'touch -d @1 "$OUT/kept"'],
  ['a pipe', 'mkfifo "$OUT/new"'],
  ['a temporary file', 'mktemp -p "$OUT"'],
  ['a copied tree', 'cp -r . "$OUT/new"'],
  ['a path with dots', 'echo x > "$WS/../out/new"'],
  ['a path through the working folder', 'cd "$OUT"; echo x > new'],
]

export const holdingRows: readonly Row[] = [
  ...denied.map(([what, attempt]) => ({
    promise: `held and denied: ${what}`,
    attempt,
    ...nobodyAnswersYes,
    after: (_: Place, answer: { held: readonly unknown[] }) =>
      expect(answer.held.length, JSON.stringify(answer)).toBeGreaterThan(0),
  })),
  {
    promise: 'held: a path through a descriptor is not followed for anybody',
    attempt: 'exec 9< "$OUT"; echo x > /proc/self/fd/9/new',
    ...at((p) => `${p.out}/new`, { verdict: 'once' }),
  },
  {
    promise: 'held: a question names the real place, not the link',
    attempt: 'echo x > link/new',
    ...nobodyAnswersYes,
    prepare: (p) => symlinkSync(p.out, `${p.ws}/link`),
    after: (p, { held }) => expect(held[0]).toMatchObject({ path: `${p.out}/new`, requested: 'link/new' }),
  },
  {
    promise: 'held: a yes for a link’s own name opens nothing behind it',
    attempt: 'echo x > link/new',
    ...at((p) => `${p.ws}/link`, { verdict: 'once' }),
    prepare: (p) => symlinkSync(p.out, `${p.ws}/link`),
  },
  {
    promise: 'held: one path granted, its neighbour stays closed',
    attempt: 'echo x > "$OUT/a"; echo x > "$OUT/b"',
    ...at((p) => `${p.out}/a`, { verdict: 'path' }),
    mayChange: ['out/a'],
    after: (p) => expect(readFileSync(`${p.out}/a`, 'utf8')).toBe('x\n'),
  },
  {
    promise: 'held: one path granted, it cannot be swapped for a link to its neighbour',
    attempt: 'echo x > "$OUT/a" && rm "$OUT/a" && ln -s kept "$OUT/a" && echo x > "$OUT/a"',
    ...at((p) => `${p.out}/a`, { verdict: 'path' }),
    mayChange: ['out/a'],
    after: (p) => expect(readFileSync(kept(p), 'utf8')).toBe('kept\n'),
  },
  {
    promise: 'held: a folder granted, the folder beside it stays closed',
    attempt: 'mkdir "$OUT/in/new" && echo x > "$OUT/kept"',
    held: (p) => [{ path: `${p.out}/in`, answer: { verdict: 'directory', path: `${p.out}/in` } }],
    prepare: (p) => mkdirSync(`${p.out}/in`),
    mayChange: ['out/in'],
  },
  {
    promise: 'held: a granted folder cannot be moved away or removed itself',
    attempt:
      'echo x > "$OUT/in/new" && { mv "$OUT/in" "$OUT/away" || rm -r "$OUT/in" && ! test -e "$OUT/in"; }',
    held: (p) => [{ path: `${p.out}/in/new`, answer: { verdict: 'directory', path: `${p.out}/in` } }],
    prepare: (p) => mkdirSync(`${p.out}/in`),
    mayChange: ['out/in/'],
    after: (p) => expect(existsSync(`${p.out}/in`)).toBe(true),
  },
  {
    promise: 'held: a granted folder above the workspace keeps .git closed',
    attempt: 'echo x > "$OUT/new"; echo x > .git/config',
    held: (p) => [{ path: p.out, answer: { verdict: 'directory', path: p.base } }],
    mayChange: ['out'],
    after: (p) => expect(readFileSync(`${p.ws}/.git/config`, 'utf8')).not.toBe('x\n'),
  },
  {
    promise: 'held: a wide yes never opens Gatehouse’s own folder',
    attempt: 'touch "$OUT/new"; touch "$GHOME/new" || cat "$GHOME/config.toml"',
    held: (p) => [{ path: p.base, answer: { verdict: 'directory', path: p.base } }],
    home: (p) => `${p.base}/home`,
    mayChange: ['out'],
    noControl: 'the state is in use',
  },
  {
    promise: 'held: the whole disk is never opened by one answer',
    attempt: 'echo x > "$OUT/new"; echo x > "$OUT/../secret"',
    held: (p) => [{ path: `${p.out}/new`, answer: { verdict: 'directory', path: '/' } }],
    mayChange: ['out/new'],
  },
  {
    promise: 'held: a folder that does not hold the place is no answer',
    attempt: 'echo x > "$OUT/new"',
    held: (p) => [{ path: `${p.out}/new`, answer: { verdict: 'directory', path: p.ws } }],
  },
  {
    promise: 'held: with one end granted, nothing is renamed to the other',
    attempt: '"$TRY" rename "$OUT/kept" "$OUT/new"',
    held: (p) => [{ path: `${p.out}/new`, answer: { verdict: 'path' } }],
  },
  {
    promise: 'held: a hook is closed to a yes for the folder of the workspace',
    attempt: 'touch .git/hooks/post-commit',
    held: (p) => [{ path: p.ws, answer: { verdict: 'directory', path: p.ws } }],
  },
  {
    promise: 'held: a set-user-id bit is never granted',
    attempt: 'chmod 4755 "$OUT/kept" && test -u "$OUT/kept"',
    ...at(kept, { verdict: 'once' }),
  },
  {
    promise: 'held: a device is never granted',
    only: 'root',
    attempt: 'mknod "$OUT/null" c 1 3',
    ...at(whole, { verdict: 'once' }),
  },
  {
    promise: 'held, as root: a file of another user stays his',
    only: 'root',
    attempt: 'echo x > "$OUT/his"',
    ...at((p) => `${p.out}/his`, { verdict: 'once' }),
    prepare: (p) => {
      writeFileSync(`${p.out}/his`, 'his\n')
      chownSync(`${p.out}/his`, 12_345, 12_345)
      chmodSync(`${p.out}/his`, 0o600)
    },
    noControl: 'root outside may do everything',
    after: (p) => expect(readFileSync(`${p.out}/his`, 'utf8')).toBe('his\n'),
  },
  {
    promise: 'held: whoever opts out of waiting gets the kernel’s refusal',
    attempt: '"$CALL" skip-hold "$OUT/new"',
    ...at((p) => `${p.out}/new`, { verdict: 'once' }),
    after: (_, { held }) => expect(held).toEqual([]),
  },
  {
    promise: 'held: the shim taken off, a call is held as ever',
    attempt: 'LD_PRELOAD= sh -c \'echo x > "$OUT/new"\'',
    request: { holdShim: true },
    ...nobodyAnswersYes,
    after: (p, { held }) => expect(held).toMatchObject([{ path: `${p.out}/new` }]),
  },
  {
    promise: 'held: another library in place of the shim grants nothing',
    attempt: 'LD_PRELOAD="$LIBRARY" sh -c \'echo x > "$OUT/new"\'',
    request: { holdShim: true },
    ...nobodyAnswersYes,
    after: (p, { held }) => expect(held.map(({ path }) => path)).toContain(`${p.out}/new`),
  },
  {
    promise: 'held: no listener of one’s own is added',
    attempt: '"$CALL" listener',
    ...nobodyAnswersYes,
  },
  {
    promise: 'held: io_uring opens nothing unasked',
    attempt: '"$CALL" io-uring',
    ...nobodyAnswersYes,
  },
  {
    promise: 'held: the supervisor cannot be seen',
    // Spelled so that it does not find itself.
    attempt: 'grep -qz -e "--outsid[e]" /proc/[0-9]*/cmdline',
    ...nobodyAnswersYes,
    noControl: 'without a boundary there is no such process',
  },
  {
    promise: 'held: no descriptor of the supervisor is inside',
    attempt:
      'for fd in /proc/[0-9]*/fd/*; do case "$(readlink "$fd")" in *seccomp*|*eventfd*|socket:*) exit 0;; esac; done; exit 1',
    ...nobodyAnswersYes,
    noControl: 'what it would find belongs to others',
  },
  {
    promise: 'held: a call nobody answers ends with the run, and changes nothing',
    attempt: 'echo waiting; echo x > "$OUT/new"',
    held: (p) => [{ path: p.out, answer: 'wait' }],
    stopAt: 'waiting',
    noControl: 'nothing waits there',
  },
  ...(
    [
      ['a file made once', 'echo x > "$OUT/new"', 'new', 'once'],
      ['a file changed once', 'echo x >> "$OUT/kept"', 'kept', 'once'],
      ['a folder made', 'mkdir "$OUT/new"', 'new', 'once'],
      // Without -f, rm on a terminal asks access(2) first, which nobody holds, and gives up.
      ['a file removed', 'rm -f "$OUT/kept" && ! test -e "$OUT/kept"', 'kept', 'once'],
      ['a file renamed', '"$TRY" rename "$OUT/kept" "$OUT/kept2"', 'kept', 'once'],
      ['a symlink made', 'ln -s x "$OUT/new"', 'new', 'once'],
      ['a mode changed', 'chmod 600 "$OUT/kept"', 'kept', 'once'],
      ['a time changed', 'touch -d @1 "$OUT/kept"', 'kept', 'once'],
      ['a pipe made', 'mkfifo "$OUT/new"', 'new', 'once'],
      ['a path granted', 'echo a > "$OUT/new" && echo b >> "$OUT/new"', 'new', 'path'],
    ] as const
  ).map(
    ([what, attempt, name, verdict]): Row => ({
      promise: `held and allowed, the same process goes on: ${what}`,
      attempt: `P=$$; ${attempt} && test $$ = $P`,
      held: (p) => [
        { path: `${p.out}/${name}`, answer: { verdict } },
        { path: `${p.out}/kept2`, answer: { verdict } },
      ],
      endsWell: true,
      mayChange: ['out'],
      after: (_, answer) => expect(answer, answer.output).toMatchObject({ exitCode: 0 }),
    }),
  ),
]
