import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { DialogsProvider } from '../dialogs/dialogs-context.js';
import { LabScreen } from '../screens/lab-screen.js';
import { Skeleton } from '../ui/empty.js';
import { Shell } from './shell.js';

const DeviceScreen = lazy(() => import('../screens/device-screen.js').then((m) => ({ default: m.DeviceScreen })));
const ModelScreen = lazy(() => import('../screens/model-screen.js').then((m) => ({ default: m.ModelScreen })));
const ModelsScreen = lazy(() => import('../screens/models-screen.js').then((m) => ({ default: m.ModelsScreen })));
const JobScreen = lazy(() => import('../screens/job-screen.js').then((m) => ({ default: m.JobScreen })));
const JobsScreen = lazy(() => import('../screens/jobs-screen.js').then((m) => ({ default: m.JobsScreen })));
const RunScreen = lazy(() => import('../screens/run-screen.js').then((m) => ({ default: m.RunScreen })));
const SweepsScreen = lazy(() => import('../screens/sweeps-screen.js').then((m) => ({ default: m.SweepsScreen })));
const SweepScreen = lazy(() => import('../screens/sweep-screen.js').then((m) => ({ default: m.SweepScreen })));
const ReservationsScreen = lazy(() =>
  import('../screens/reservations-screen.js').then((m) => ({ default: m.ReservationsScreen })),
);
const NotFoundScreen = lazy(() =>
  import('../screens/not-found-screen.js').then((m) => ({ default: m.NotFoundScreen })),
);

/** Address -> screen. Everything has an address; the lab page comes with the shell, the others when visited. */
export function Routes() {
  return (
    <DialogsProvider>
      <Shell>
        <Suspense fallback={<Skeleton rows={6} />}>
          <Switch>
            <Route path="/" component={LabScreen} />
            <Route path="/models" component={ModelsScreen} />
            <Route path="/jobs" component={JobsScreen} />
            <Route path="/sweeps" component={SweepsScreen} />
            <Route path="/sweeps/:id">{({ id }) => <SweepScreen key={id} id={id} />}</Route>
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
      </Shell>
    </DialogsProvider>
  );
}
