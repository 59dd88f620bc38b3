import { createContext, lazy, type ReactNode, Suspense, useContext, useMemo, useState } from 'react';

export type DialogName = 'new-job' | 'add-device';

/** What a dialog may start with. */
export interface DialogStart {
  readonly modelId?: string;
  readonly deviceId?: string;
}

interface Dialogs {
  readonly open: (name: DialogName, start?: DialogStart) => void;
}

const DialogsContext = createContext<Dialogs>({ open: () => undefined });

export const useDialogs = (): Dialogs => useContext(DialogsContext);

const NewJobDialog = lazy(() => import('./new-job/new-job-dialog.js').then((m) => ({ default: m.NewJobDialog })));
const AddDeviceDialog = lazy(() =>
  import('./add-device/add-device-dialog.js').then((m) => ({ default: m.AddDeviceDialog })),
);

/** The dialogs any screen can open. Their code is fetched when the first one opens. */
export function DialogsProvider({ children }: { readonly children: ReactNode }) {
  const [current, setCurrent] = useState<{ name: DialogName; start: DialogStart; turn: number }>();
  const dialogs = useMemo<Dialogs>(
    () => ({ open: (name, start = {}) => setCurrent((before) => ({ name, start, turn: (before?.turn ?? 0) + 1 })) }),
    [],
  );
  const close = (): void => setCurrent(undefined);
  return (
    <DialogsContext value={dialogs}>
      {children}
      {current && (
        <Suspense fallback={null}>
          {current.name === 'new-job' ? (
            <NewJobDialog key={current.turn} start={current.start} onClose={close} />
          ) : (
            <AddDeviceDialog key={current.turn} onClose={close} />
          )}
        </Suspense>
      )}
    </DialogsContext>
  );
}
