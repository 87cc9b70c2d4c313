import { type ComponentProps, type ReactNode, useId } from 'react'

type Common = { readonly label: ReactNode; readonly hint?: ReactNode; readonly problem?: string | null }

/** A label above its control, a hint below, and the problem in words when there is one. */
export function Field({
  label,
  hint,
  problem,
  control,
}: Common & { readonly control: (ids: { id: string; describedBy: string | undefined }) => ReactNode }) {
  const id = useId()
  const hintId = `${id}-hint`
  const describedBy = hint || problem ? hintId : undefined
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {control({ id, describedBy })}
      {(hint || problem) && (
        <p id={hintId} className={problem ? 'field-problem' : 'field-hint'}>
          {problem ?? hint}
        </p>
      )}
    </div>
  )
}

type TextProps = Common & Omit<ComponentProps<'input'>, 'id' | 'children'> & { readonly machine?: boolean }

export function TextField({ label, hint, problem = null, machine, className, ...input }: TextProps) {
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      control={({ id, describedBy }) => (
        <input
          autoComplete="off"
          autoCorrect="off"
          autoCapitalize="off"
          spellCheck={false}
          {...input}
          id={id}
          aria-describedby={describedBy}
          aria-invalid={problem ? true : undefined}
          className={`input${machine ? ' mono' : ''}${className ? ` ${className}` : ''}`}
        />
      )}
    />
  )
}
