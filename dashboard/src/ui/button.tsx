import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import css from './button.module.css';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly size?: 'normal' | 'small';
  readonly icon?: ReactNode;
  /** Why it cannot be pressed now. It stays focusable, so that the reason can be read. */
  readonly blocked?: string | undefined;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({
  kind = 'plain',
  size = 'normal',
  icon,
  blocked,
  children,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={blocked === undefined ? type : 'button'}
      className={`${css.button} ${css[kind]} ${css[size]}`}
      aria-disabled={blocked !== undefined || undefined}
      title={blocked ?? rest.title}
      onClick={(event) => (blocked === undefined ? onClick?.(event) : event.preventDefault())}
    >
      {icon}
      {children}
    </button>
  );
}
