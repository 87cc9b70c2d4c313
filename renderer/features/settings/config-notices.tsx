import type { Notice } from '../../../protocol/config.ts'
import { Place } from '../../ui/place.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { noticeLevels } from './permission-words.ts'

type Props = {
  readonly notices: readonly Notice[]
  /** Sentences with their place in them, which no notice tells. */
  readonly others: readonly string[]
}

/** What in the files has no effect or could not be used, with the line to mend. */
export function ConfigNotices({ notices, others }: Props) {
  return (
    <ul className="config-notices" aria-label="What files say that is not used">
      {notices.map((notice, place) => (
        <li key={place} className={`config-notice config-notice-${notice.level}`}>
          <strong>{noticeLevels[notice.level]}</strong>
          <div>
            <Spelled text={notice.message} limit={500} />{' '}
            {notice.place !== null && <Place file={notice.place.file} line={notice.place.line} />}
          </div>
        </li>
      ))}
      {others.map((text) => (
        <li key={text} className="config-notice config-notice-warning">
          <strong>{noticeLevels.warning}</strong>
          <div>
            <Spelled text={text} limit={500} />
          </div>
        </li>
      ))}
    </ul>
  )
}
