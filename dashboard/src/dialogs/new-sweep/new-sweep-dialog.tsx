import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useBlocked } from '../../app/lab-context.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import { Button } from '../../ui/button.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice } from '../../ui/notice.js';
import type { DialogProps } from '../dialogs-context.js';
import { SweepFileField } from '../sweep-file/sweep-file-field.js';
import { useSweepFile } from '../sweep-file/use-sweep-file.js';

/** A search over recipes, settings and devices: from a file to its own screen. */
export function NewSweepDialog({ onClose }: DialogProps) {
  const api = useNightsApi();
  const [, navigate] = useLocation();
  const blocked = useBlocked('operator');
  const [text, setText] = useState('');
  const state = useSweepFile(text);
  const start = useMutation({
    mutationFn: () => api.createSweep(state.file!),
    onSuccess: (sweep) => {
      onClose();
      navigate(`/sweeps/${sweep.id}`);
    },
  });
  const missing = !state.file
    ? 'Give it a sweep file that can be read.'
    : state.preview.isError
      ? 'The lab refuses this file; the reason stands below it.'
      : undefined;
  return (
    <Modal
      title="New sweep"
      description="A sweep searches recipes, settings and devices by itself, within its budget."
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button kind="primary" blocked={blocked ?? missing} disabled={start.isPending} onClick={() => start.mutate()}>
            Start sweep
          </Button>
        </>
      }
    >
      <SweepFileField text={text} onText={setText} state={state} />
      {start.isError && <ErrorNotice error={start.error} onRetry={() => start.mutate()} />}
    </Modal>
  );
}
