import type { Weakening } from './weakenings.ts'

const supervise = 'native-sandbox/linux/supervise.c'

/** A run leaves something. */
export const weakEnds: readonly Weakening[] = [
  {
    name: 'what a run leaves is not ended',
    rows: /ties|outlast/,
    changes: [
      {
        file: 'main/sandbox/bwrap-argv.ts',
        from: "['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],",
        to: '',
      },
      { file: supervise, from: '  prctl(PR_SET_CHILD_SUBREAPER, 1);', to: '' },
      {
        file: supervise,
        from: '  end_children();\n  limits_look(true);',
        to: '  (void)end_children;\n  limits_look(true);',
      },
    ],
  },
  {
    name: 'stand-ins stay',
    rows: /nothing of it stays|absent/,
    changes: [
      {
        file: 'native-sandbox/linux/keeping.c',
        from: '  stand_ins_release();\n',
        to: '',
      },
      {
        file: 'native-sandbox/linux/keeper.c',
        from: '  stand_ins_sweep(kept->folders, kept->files, kept->supervisor);\n',
        to: '',
      },
    ],
  },
]

/** As nobody, who can do no harm to the machine; as root only what looks, or mounts in a namespace of its own. */
export const noBoundary: Weakening = {
  name: 'there is no boundary',
  rows: /^as nobody|^as root (the (user|mnt) namespace|nothing can gain|a set-user-id program|no mount but|new namespaces|a profile that allows nesting)/,
  changes: [
    {
      file: 'main/sandbox/inspect-paths.ts',
      from: "if (request.mode === 'danger-full-access' || request.grant.unsandboxed) return unbounded",
      to: 'if (request.folder) return unbounded',
    },
  ],
}
