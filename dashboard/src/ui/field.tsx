import { type ReactNode, useId } from 'react';
import css from './field.module.css';

export interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  /** Gets the ids to put on the control. */
  readonly children: (control: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': true | undefined;
    className: string | undefined;
  }) => ReactNode;
  readonly layout?: 'stacked' | 'inline';
}

/** A label, a control, a hint and an error that belong together for everyone. */
export function Field({ label, hint, error, children, layout = 'stacked' }: FieldProps) {
  const id = useId();
  const describedBy = error !== undefined || hint !== undefined ? `${id}-hint` : undefined;
  return (
    <div className={`${css.field} ${css[layout]}`}>
      <label htmlFor={id} className={css.label}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': describedBy,
        'aria-invalid': error === undefined ? undefined : true,
        className: css.control,
      })}
      {describedBy && (
        <p id={describedBy} className={error === undefined ? css.hint : css.error}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}
