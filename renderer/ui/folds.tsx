import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'

type Watch = { closed(id: object): void; opened(id: object): void }

const FoldContext = createContext<Watch | null>(null)

/** Counts the folds below it that still hide text: what hides must be seen before much is allowed. */
export function FoldWatch({ onChange, children }: { onChange(closed: number): void; children: ReactNode }) {
  const ids = useRef(new Set<object>())
  const watch = useMemo<Watch>(
    () => ({
      closed(id) {
        ids.current.add(id)
        onChange(ids.current.size)
      },
      opened(id) {
        ids.current.delete(id)
        onChange(ids.current.size)
      },
    }),
    [onChange],
  )
  return <FoldContext value={watch}>{children}</FoldContext>
}

/** Whether a long text is shown whole. Tells the nearest FoldWatch as long as it is not. */
export function useFold(hides: boolean): { open: boolean; show(): void } {
  const watch = useContext(FoldContext)
  const [open, setOpen] = useState(false)
  const id = useRef({})
  const closed = hides && !open
  useEffect(() => {
    const key = id.current
    if (!watch || !closed) return
    watch.closed(key)
    return () => watch.opened(key)
  }, [watch, closed])
  return { open, show: useCallback(() => setOpen(true), []) }
}
