import { isLabError, Name } from '@hilltop/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useBlocked } from '../../app/lab-context.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice } from '../../ui/notice.js';

export interface PinDialogProps {
  readonly sweepId: string;
  /** To begin with. */
  readonly name?: string;
  readonly onClose: () => void;
}

/** Makes a sweep what later ones are held against; a name that is taken moves only when it is said twice. */
export function PinDialog({ sweepId, name: first = '', onClose }: PinDialogProps) {
  const api = useNightsApi();
  const client = useQueryClient();
  const blocked = useBlocked('operator');
  const form = useId();
  const [name, setName] = useState(first);
  const pin = useMutation({
    mutationFn: (replace: boolean) => api.pin({ name: name.trim(), sweep: sweepId, replace }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['baselines'] });
      onClose();
    },
  });
  const isTaken = isLabError(pin.error, 'baseline.name-taken');
  const wrong = Name.safeParse(name.trim()).success ? undefined : 'A name starts with a letter or digit.';
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (wrong === undefined && blocked === undefined) pin.mutate(isTaken);
  };
  return (
    <Modal
      title="Pin as baseline"
      description="Later sweeps are held against this one, under this name. What was judged before stays as it was."
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button kind="primary" type="submit" form={form} blocked={blocked ?? wrong} disabled={pin.isPending}>
            {isTaken ? 'Move it here' : 'Pin'}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={onSubmit}>
        <Field
          label="Name of the baseline"
          error={isTaken ? 'There is a baseline of that name: move it here, or choose another name.' : undefined}
          hint="Such as release, or last-good."
        >
          {(control) => (
            <input
              {...control}
              value={name}
              onChange={(event) => {
                setName(event.target.value);
                pin.reset();
              }}
            />
          )}
        </Field>
      </form>
      {pin.isError && !isTaken && <ErrorNotice error={pin.error} />}
    </Modal>
  );
}
