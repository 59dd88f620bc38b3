import { X } from 'lucide-react';
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { Button } from './button.js';
import css from './modal.module.css';

export interface ModalProps {
  readonly title: string;
  readonly description: string;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
}

/**
 * The browser's own modal dialog: focus stays inside and goes back where it was, Escape closes, the page behind is
 * inert. It writes no `<style>` into the page, which the lab's content policy forbids.
 */
export function Modal(props: ModalProps) {
  return props.isOpen ? <OpenModal {...props} /> : null;
}

function OpenModal({ title, description, onOpenChange, children, footer }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={dialog}
      className={css.content}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onCancel={(event) => {
        // The owner takes it off the page, or keeps it.
        event.preventDefault();
        if (event.target === event.currentTarget) onOpenChange(false);
      }}
      onClick={(event) => event.target === event.currentTarget && onOpenChange(false)}
    >
      <div className={css.frame}>
        <header className={css.head}>
          <h2 id={`${id}-title`} className={css.title}>
            {title}
          </h2>
          <Button
            kind="quiet"
            size="small"
            aria-label="Close"
            icon={<X size={16} aria-hidden />}
            onClick={() => onOpenChange(false)}
          />
        </header>
        <div className={css.body}>
          <p id={`${id}-text`} className={css.description}>
            {description}
          </p>
          {children}
        </div>
        {footer && <footer className={css.foot}>{footer}</footer>}
      </div>
    </dialog>
  );
}
