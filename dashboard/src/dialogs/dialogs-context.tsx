import type { ProtocolName, RunSettings } from '@hilltop/contracts';
import {
  type ComponentType,
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  useContext,
  useMemo,
  useState,
} from 'react';

export type DialogName =
  | 'new-job'
  | 'add-device'
  | 'new-schedule'
  | 'new-sweep'
  | 'reserve'
  | 'hand-over'
  | 'take-home'
  | 'share';

/** What a dialog may start with. */
export interface DialogStart {
  readonly modelId?: string;
  readonly deviceId?: string;
  /** Whose file a new schedule begins with. */
  readonly sweepId?: string;
  readonly variantId?: string;
  /** Why this one: a sentence of the screen that recommends it. */
  readonly reason?: string;
  /** What to measure again: recipe, settings and protocol of a point. */
  readonly recipe?: string;
  readonly settings?: RunSettings;
  readonly protocol?: ProtocolName;
  /** How long to reserve, in s. */
  readonly forSeconds?: number;
}

export interface DialogProps {
  readonly start: DialogStart;
  readonly onClose: () => void;
}

interface Dialogs {
  readonly open: (name: DialogName, start?: DialogStart) => void;
}

const DialogsContext = createContext<Dialogs>({ open: () => undefined });

export const useDialogs = (): Dialogs => useContext(DialogsContext);

/** The dialogs any screen can open, a row each. Their code is fetched when the first one opens. */
const dialogs: Partial<Record<DialogName, ComponentType<DialogProps>>> = {
  'new-job': lazy(() => import('./new-job/new-job-dialog.js').then((m) => ({ default: m.NewJobDialog }))),
  'new-schedule': lazy(() =>
    import('./new-schedule/new-schedule-dialog.js').then((m) => ({ default: m.NewScheduleDialog })),
  ),
  'new-sweep': lazy(() => import('./new-sweep/new-sweep-dialog.js').then((m) => ({ default: m.NewSweepDialog }))),
  'add-device': lazy(() => import('./add-device/add-device-dialog.js').then((m) => ({ default: m.AddDeviceDialog }))),
  reserve: lazy(() => import('./reserve/reserve-dialog.js').then((m) => ({ default: m.ReserveDialog }))),
  'hand-over': lazy(() => import('./hand-over/hand-over-dialog.js').then((m) => ({ default: m.HandOverDialog }))),
  share: lazy(() => import('./share/share-dialog.js').then((m) => ({ default: m.ShareDialog }))),
  'take-home': lazy(() => import('./take-home/take-home-dialog.js').then((m) => ({ default: m.TakeHomeDialog }))),
};

/** Whether there is such a dialog. */
export const hasDialog = (name: DialogName): boolean => dialogs[name] !== undefined;

export function DialogsProvider({ children }: { readonly children: ReactNode }) {
  const [current, setCurrent] = useState<{ name: DialogName; start: DialogStart; turn: number }>();
  const context = useMemo<Dialogs>(
    () => ({ open: (name, start = {}) => setCurrent((before) => ({ name, start, turn: (before?.turn ?? 0) + 1 })) }),
    [],
  );
  const View = current && dialogs[current.name];
  return (
    <DialogsContext value={context}>
      {children}
      {current && View && (
        <Suspense fallback={null}>
          <View key={current.turn} start={current.start} onClose={() => setCurrent(undefined)} />
        </Suspense>
      )}
    </DialogsContext>
  );
}
