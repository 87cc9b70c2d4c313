/** 16 px, 1.5 px stroke, square caps, ink only. Never alone: a word stands beside each, outside the rail. */
const paths = {
  command: 'M3 4.5 6.5 8 3 11.5M8 12h5',
  outside: 'M7 3H3v10h10V9M9.5 2.5h4v4M13 3 7.5 8.5',
  writeInside: 'M3.5 2.5h6l3 3v8h-9zM9.5 2.5v3h3M6 9.5l1.5 1.5 3-3',
  writeOutside: 'M9 13.5H3.5v-11H10v3M8 10h5.5M11 7.5l2.5 2.5-2.5 2.5',
  protected: 'M10 13.5H3.5v-11H10v2M9 9h5v4.5H9zM10 9V7.5a1.5 1.5 0 0 1 3 0V9',
  network: 'M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5ZM8 2.25v11.5M2.25 8h11.5',
  edit: 'M3 13.5h10M4.5 10.5l6-6 2 2-6 6h-2z',
  input: 'M2.5 4.5h11v7h-11zM5 6.5v3M4 6.5h2M4 9.5h2',
  bundle: 'M3 4h10M3 8h10M3 12h10',
  waiting: 'M5.5 3.5v9M10.5 3.5v9',
  idle: 'M8 4.25a3.75 3.75 0 1 0 0 7.5 3.75 3.75 0 0 0 0-7.5Z',
  working: 'M5 3.5 12 8l-7 4.5z',
  unbounded: 'M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5ZM4 12 12 4',
  folder: 'M2.5 12.5v-9h4l1.5 2h5.5v7z',
  inbox: 'M2.5 9.5h3l1 2h3l1-2h3M2.5 9.5v3h11v-3l-2-6h-7z',
  sessions: 'M2.5 3.5h11v9h-11zM6 3.5v9',
  settings: 'M3 5h6M11 5h2M3 11h2M7 11h6M9 3.5v3M5 9.5v3',
} as const
export type IconName = keyof typeof paths

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="square" />
    </svg>
  )
}
