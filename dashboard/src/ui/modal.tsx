import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
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
 * A dialog: focus stays inside, Escape closes. The backdrop is our own element: Radix's overlay writes a `<style>`
 * into the page, which the lab's content policy forbids.
 */
export function Modal({ title, description, isOpen, onOpenChange, children, footer }: ModalProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <div className={css.backdrop}>
          <Dialog.Content className={css.content}>
            <header className={css.head}>
              <Dialog.Title className={css.title}>{title}</Dialog.Title>
              <Dialog.Close asChild>
                <Button kind="quiet" size="small" aria-label="Close" icon={<X size={16} aria-hidden />} />
              </Dialog.Close>
            </header>
            <div className={css.body}>
              <Dialog.Description className={css.description}>{description}</Dialog.Description>
              {children}
            </div>
            {footer && <footer className={css.foot}>{footer}</footer>}
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
