import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/states.tsx'

type Props = {
  readonly filter: string
  /** How many rules there are without the filter. */
  readonly all: number
  onShowAll(): void
  onNew(): void
}

/** In the list's place when it has nothing to show: why, and the next step. */
export function NoRows({ filter, all, onShowAll, onNew }: Props) {
  if (all > 0) {
    return (
      <EmptyState title={filter === '' ? 'No rule needs this look.' : `No rule contains “${filter}”.`}>
        <Button onClick={onShowAll}>Show all {all}</Button>
      </EmptyState>
    )
  }
  return (
    <EmptyState title="No rule yet.">
      <p>
        The preset of each session answers alone, and asks about the rest. A rule answers one kind of question
        from then on, or until it ends; the narrowest ones are made from a card, with W.
      </p>
      <div className="state-actions">
        <Button look="strong" onClick={onNew}>
          New rule
        </Button>
      </div>
    </EmptyState>
  )
}
