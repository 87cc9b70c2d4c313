import { Short } from './short.tsx'
import { splitAtName } from './split-at-name.ts'

type Props = {
  readonly text: string
  /** The last part of the path that the text is about; null for other texts. */
  readonly name: string | null
  readonly limit: number
}

/** One line that is cut before and after the name of its file, so that the name can always be read. */
export function KeptName({ text, name, limit }: Props) {
  const parts = name === null ? null : splitAtName(text, name)
  if (parts === null) return <Short text={text} limit={limit} />
  const [before, kept, after] = parts
  return (
    <>
      <span className="sr-only">
        <Short text={text} limit={limit} />
      </span>
      <span className="kept-name" aria-hidden="true">
        <span className="kept-name-before">
          <Short text={before} limit={limit} />
        </span>
        <span className="kept-name-whole">
          <Short text={kept} limit={limit} />
        </span>
        <span className="kept-name-after">
          <Short text={after} limit={limit} />
        </span>
      </span>
    </>
  )
}
