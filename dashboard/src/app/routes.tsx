import { lazy, Suspense } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { DialogsProvider } from '../dialogs/dialogs-context.js';
import { LabScreen } from '../screens/lab-screen.js';
import { Skeleton } from '../ui/empty.js';
import { Settle } from './settle.js';
import { Shell } from './shell.js';

const DeviceScreen = lazy(() => import('../screens/device-screen.js').then((m) => ({ default: m.DeviceScreen })));
const ModelScreen = lazy(() => import('../screens/model-screen.js').then((m) => ({ default: m.ModelScreen })));
const ModelsScreen = lazy(() => import('../screens/models-screen.js').then((m) => ({ default: m.ModelsScreen })));
const JobScreen = lazy(() => import('../screens/job-screen.js').then((m) => ({ default: m.JobScreen })));
const JobsScreen = lazy(() => import('../screens/jobs-screen.js').then((m) => ({ default: m.JobsScreen })));
const RunScreen = lazy(() => import('../screens/run-screen.js').then((m) => ({ default: m.RunScreen })));
const SweepsScreen = lazy(() => import('../screens/sweeps-screen.js').then((m) => ({ default: m.SweepsScreen })));
const SweepScreen = lazy(() => import('../screens/sweep-screen.js').then((m) => ({ default: m.SweepScreen })));
const SchedulesScreen = lazy(() =>
  import('../screens/schedules-screen.js').then((m) => ({ default: m.SchedulesScreen })),
);
const ScheduleScreen = lazy(() => import('../screens/schedule-screen.js').then((m) => ({ default: m.ScheduleScreen })));
const GateScreen = lazy(() => import('../screens/gate-screen.js').then((m) => ({ default: m.GateScreen })));
const SettingsScreen = lazy(() => import('../screens/settings-screen.js').then((m) => ({ default: m.SettingsScreen })));
const ReservationsScreen = lazy(() =>
  import('../screens/reservations-screen.js').then((m) => ({ default: m.ReservationsScreen })),
);
const NotFoundScreen = lazy(() =>
  import('../screens/not-found-screen.js').then((m) => ({ default: m.NotFoundScreen })),
);

/** Address -> screen. Everything has an address; the lab page comes with the shell, the others when visited. */
export function Routes() {
  const [path] = useLocation();
  return (
    <DialogsProvider>
      <Shell>
        <Settle screen={path.startsWith('/settings') ? '/settings' : path}>
          <Suspense fallback={<Skeleton rows={6} />}>
            <Switch>
              <Route path="/" component={LabScreen} />
              <Route path="/models" component={ModelsScreen} />
              <Route path="/jobs" component={JobsScreen} />
              <Route path="/sweeps" component={SweepsScreen} />
              <Route path="/sweeps/:id">{({ id }) => <SweepScreen key={id} id={id} />}</Route>
              <Route path="/schedules" component={SchedulesScreen} />
              <Route path="/schedules/:id">{({ id }) => <ScheduleScreen key={id} id={decodeURIComponent(id)} />}</Route>
              <Route path="/gates/:id">{({ id }) => <GateScreen key={id} id={id} />}</Route>
              <Route path="/settings/*?" component={SettingsScreen} />
              <Route path="/reservations" component={ReservationsScreen} />
              <Route path="/devices/:id">{({ id }) => <DeviceScreen key={id} id={decodeURIComponent(id)} />}</Route>
              <Route path="/models/:id">{({ id }) => <ModelScreen key={id} id={decodeURIComponent(id)} />}</Route>
              <Route path="/jobs/:id">{({ id }) => <JobScreen key={id} id={id} />}</Route>
              <Route path="/runs/:id">{({ id }) => <RunScreen key={id} id={id} />}</Route>
              <Route>
                <NotFoundScreen />
              </Route>
            </Switch>
          </Suspense>
        </Settle>
      </Shell>
    </DialogsProvider>
  );
}
