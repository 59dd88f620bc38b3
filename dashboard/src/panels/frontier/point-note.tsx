import type { FrontierPoint } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useBlocked, useLab } from '../../app/lab-context.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { ErrorNotice } from '../../ui/notice.js';

/** A remark on a point: on its run, so that it stays with what was measured. */
export function PointNote({ point, onDone }: { readonly point: FrontierPoint; readonly onDone: () => void }) {
  const { api } = useLab();
  const blocked = useBlocked('operator');
  const [text, setText] = useState('');
  const write = useMutation({
    mutationFn: () => api.writeNote({ subject: { kind: 'run', id: point.runs[0]! }, text }),
    onSuccess: onDone,
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '' && blocked === undefined) write.mutate();
  };
  return (
    <form onSubmit={onSubmit}>
      <Field label="Note on this run" hint="@name tells somebody.">
        {(control) => (
          <textarea
            {...control}
            // biome-ignore lint/a11y/noAutofocus: it opens because somebody wants to write
            autoFocus
            rows={2}
            maxLength={2000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" size="small" blocked={blocked} disabled={write.isPending || text.trim() === ''}>
        Write
      </Button>{' '}
      <Button kind="quiet" size="small" onClick={onDone}>
        Keep silent
      </Button>
      {write.isError && <ErrorNotice error={write.error} onRetry={() => write.mutate()} />}
    </form>
  );
}
