import type { Weakening } from './weakenings.ts'

const native = (name: string) => `native-sandbox/linux/${name}`

/** Held calls are decided, answered or made wrongly. */
export const weakHolding: readonly Weakening[] = [
  {
    name: 'a denied call is made',
    rows: /held/,
    changes: [
      {
        file: native('carry-out.c'),
        from: 'if (order->verdict == VERDICT_DENY) decide_refuse(call);',
        to: 'if (order->verdict == VERDICT_DENY) decide_make(call);',
      },
    ],
  },
  {
    name: 'a call that nobody answered is made at the end',
    rows: /held/,
    changes: [
      {
        file: native('waiting.c'),
        from: 'while (waiting != NULL) decide_refuse(take(&waiting));',
        to: 'while (waiting != NULL) decide_make(take(&waiting));',
      },
    ],
  },
  {
    name: 'an answer for one path opens its folder',
    rows: /held/,
    changes: [
      {
        file: native('carry-out.c'),
        from: 'bool kept = rules_add(call->path, below, call->reads, true);',
        to: 'bool kept = rules_add(call->place.directory, below || true, call->reads, true);',
      },
    ],
  },
  {
    name: 'an answer opens whatever it names',
    rows: /held/,
    changes: [
      {
        file: native('carry-out.c'),
        from: 'bool fitting = fits(call, folder);',
        to: 'bool fitting = fits(call, folder) || true;',
      },
      {
        file: native('rules.c'),
        from: 'if (rule->allow && !is_below(barrier, rule->path)) continue;',
        to: '(void)barrier;',
      },
      {
        file: native('rules.c'),
        from: 'if (rule->allow && exact && rule->below && entry) continue;',
        to: '(void)entry;',
      },
      {
        file: native('rules.c'),
        from: 'if (is_below(folder, place) && strcmp(folder, place) != 0) strings_add(out, place);',
        to: '(void)place, (void)folder, (void)out;',
      },
    ],
  },
  {
    name: 'calls are made with all rights, with any bits and of any kind',
    rows: /held/,
    changes: [
      {
        file: native('held.c'),
        from: 'return syscall(SYS_capset, &header, none) == 0;',
        to: '(void)header;\n  return true;',
      },
      {
        file: native('seccomp.c'),
        from: 'if_bits(out, SET_ID, 0, 1);\n  give(out, FAIL(EPERM));',
        to: 'load(out, LOW(call->mode - 1));',
      },
      {
        file: native('possible.c'),
        from: 'return !(call->mode & SET_ID_BITS) && !S_ISLNK(call->place.object_stat.st_mode) && owns(call);',
        to: 'return true;',
      },
      {
        file: native('possible.c'),
        from: 'if ((call->mode & S_IFMT) != 0 && !S_ISREG(call->mode) && !S_ISFIFO(call->mode)) return false;',
        to: '',
      },
      {
        file: native('emulate.c'),
        from: 'return outcome(chmod(self, call->mode & 01777));',
        to: 'return outcome(chmod(self, call->mode & 07777));',
      },
    ],
  },
  {
    name: 'whoever opts out of waiting is let through',
    rows: /opts out/,
    changes: [
      {
        file: native('seccomp.c'),
        from: 'if_equal(out, (unsigned)(FILTER_SKIP_MAGIC >> 32), 0, 1);\n  give(out, ALLOW);',
        to: 'if_equal(out, (unsigned)(FILTER_SKIP_MAGIC >> 32), 0, 1);\n  give(out, SECCOMP_RET_USER_NOTIF);',
      },
    ],
  },
  {
    name: 'a held call is made without a decision',
    rows: /held/,
    changes: [
      {
        file: native('decide.c'),
        from: 'second == RULING_ALLOW) decide_make(call);\n  else waiting_add(call);',
        to: 'second == RULING_ALLOW) decide_make(call);\n  else decide_make(call);',
      },
    ],
  },
  {
    name: 'nothing is held',
    rows: /held|denied pattern/,
    changes: [
      {
        file: 'main/sandbox/control/start-message.ts',
        from: "return asks || seesReads ? wanted : 'none'",
        to: "return 'none'",
      },
    ],
  },
  {
    name: 'a pattern denies nothing that comes later',
    rows: /denied pattern/,
    changes: [
      {
        file: native('reading.c'),
        from: 'bool denied = pattern_denies(path);',
        to: 'bool denied = false;',
      },
      {
        file: native('decide.c'),
        from: 'if (watches && error == -RESOLVE_UNCLEAR &&',
        to: 'if (!watches && error == -RESOLVE_UNCLEAR &&',
      },
      {
        file: 'main/sandbox/watch-denied.ts',
        from: 'let stopped = globs.length === 0',
        to: 'let stopped = true',
      },
    ],
  },
  {
    name: 'a pattern denies everything',
    rows: /denied pattern/,
    changes: [
      {
        file: native('reading.c'),
        from: 'bool denied = pattern_denies(path);',
        to: 'bool denied = glob_count > 0;',
      },
    ],
  },
]
