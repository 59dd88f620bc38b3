import { Route, Switch, useLocation } from 'wouter';
import { DialogsProvider } from '../dialogs/dialogs-context.js';
import { LabScreen } from '../screens/lab-screen.js';
import { loadable } from '../ui/loadable.js';
import { Settle } from './settle.js';
import { Shell } from './shell.js';

const DeviceScreen = loadable(() => import('../screens/device-screen.js').then((m) => m.DeviceScreen), 6);
const ModelScreen = loadable(() => import('../screens/model-screen.js').then((m) => m.ModelScreen), 6);
const ModelsScreen = loadable(() => import('../screens/models-screen.js').then((m) => m.ModelsScreen), 6);
const JobScreen = loadable(() => import('../screens/job-screen.js').then((m) => m.JobScreen), 6);
const JobsScreen = loadable(() => import('../screens/jobs-screen.js').then((m) => m.JobsScreen), 6);
const RunScreen = loadable(() => import('../screens/run-screen.js').then((m) => m.RunScreen), 6);
const SweepsScreen = loadable(() => import('../screens/sweeps-screen.js').then((m) => m.SweepsScreen), 6);
const SweepScreen = loadable(() => import('../screens/sweep-screen.js').then((m) => m.SweepScreen), 6);
const SchedulesScreen = loadable(() => import('../screens/schedules-screen.js').then((m) => m.SchedulesScreen), 6);
const ScheduleScreen = loadable(() => import('../screens/schedule-screen.js').then((m) => m.ScheduleScreen), 6);
const GateScreen = loadable(() => import('../screens/gate-screen.js').then((m) => m.GateScreen), 6);
const SettingsScreen = loadable(() => import('../screens/settings-screen.js').then((m) => m.SettingsScreen), 6);
const ReservationsScreen = loadable(
  () => import('../screens/reservations-screen.js').then((m) => m.ReservationsScreen),
  6,
);
const NotFoundScreen = loadable(() => import('../screens/not-found-screen.js').then((m) => m.NotFoundScreen), 6);

/** Address -> screen. Everything has an address; the lab page comes with the shell, the others when visited. */
export function Routes() {
  const [path] = useLocation();
  return (
    <DialogsProvider>
      <Shell>
        <Settle screen={path.startsWith('/settings') ? '/settings' : path}>
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
        </Settle>
      </Shell>
    </DialogsProvider>
  );
}
