import { isLabError, type LabError } from '@hilltop/contracts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { createApi } from '../link/api.js';
import { randomKey } from '../link/random-key.js';
import { createRest, createRestBytes, type RestPorts } from '../link/rest.js';
import { ServerClock } from '../link/server-clock.js';
import { codeOf, guestCodeOf, type SessionStore, type TokenStorage } from '../link/session-store.js';
import { Consoles } from '../live/consoles.js';
import { FrameQueue } from '../live/frame-queue.js';
import { labSocket } from '../live/lab-socket.js';
import { LiveLink } from '../live/live-link.js';
import { PulseStore } from '../live/pulse-store.js';
import { Traces } from '../live/traces.js';
import { type Lab, LabContext } from './lab-context.js';
import { Routes } from './routes.js';

const SignIn = lazy(() => import('./sign-in.js').then((m) => ({ default: m.SignIn })));

export interface AppProps {
  readonly session: SessionStore;
  readonly storage: TokenStorage;
}

/** The page: signed in, or asked to sign in. */
export function App({ session, storage }: AppProps) {
  const token = useStore(session, (state) => state.token);
  // A sign-in address means it, also in a browser that has a token: that one may have expired.
  const [isEntering, setEntering] = useState(() => {
    if (codeOf(location.hash) !== undefined) return true;
    const { token: before, origin } = session.getState();
    // Whoever is signed in already opens a guest's link as themselves.
    return guestCodeOf(location.hash) !== undefined && (before === undefined || origin === 'guest');
  });
  if (token === undefined || isEntering)
    return (
      <Suspense fallback={null}>
        <SignIn
          session={session}
          onTried={() => setEntering(false)}
          rest={createRest(restPorts(session, new ServerClock(Date.now)))}
        />
      </Suspense>
    );
  return <SignedIn key={token} session={session} storage={storage} />;
}

function SignedIn({ session, storage }: AppProps) {
  const lab = useMemo(() => createLab(session, storage), [session, storage]);
  const queries = useMemo(createQueryClient, []);
  useEffect(() => {
    // A tab that comes back draws at once what it has; frames do not come while it is hidden.
    const onVisibility = (): void => {
      if (!lab.frames.paused.getState().active) lab.frames.flush();
    };
    document.addEventListener('visibilitychange', onVisibility);
    const unsubscribe = lab.link.quiet.subscribe(({ active }) =>
      document.documentElement.toggleAttribute('data-quiet', active),
    );
    // A session that was ended elsewhere (revoked, expired) ends here, with the reason.
    const unheard = lab.link.connection.subscribe(({ status, reason }) => {
      if (status === 'refused') session.signOut(reason);
    });
    lab.link.start();
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      unsubscribe();
      unheard();
      lab.link.stop();
    };
  }, [lab, session]);
  return (
    <QueryClientProvider client={queries}>
      <LabContext value={lab}>
        <Routes />
      </LabContext>
    </QueryClientProvider>
  );
}

function createLab(session: SessionStore, storage: TokenStorage): Lab {
  const clock = new ServerClock(Date.now);
  const frames = new FrameQueue({
    requestFrame: (callback) => void requestAnimationFrame(callback),
    setTimer: (callback, milliseconds) => void setTimeout(callback, milliseconds),
    isHidden: () => document.hidden,
  });
  const traces = new Traces(frames);
  const consoles = new Consoles(frames);
  const pulses = new PulseStore(frames);
  const ports = restPorts(session, clock);
  const link = new LiveLink({
    socket: labSocket(() => session.getState().token),
    frames,
    now: Date.now,
    setTimer: (callback, milliseconds) => void setTimeout(callback, milliseconds),
    onLive: (event) => traces.push(event),
    onPulses: ({ pulses: items }) => pulses.push(items),
    onConsole: (event) => consoles.push(event),
  });
  return {
    api: createApi(createRest(ports), createRestBytes(ports)),
    link,
    presences: link.presences,
    traces,
    pulses,
    consoles,
    clock,
    session,
    storage,
    frames,
  };
}

function restPorts(session: SessionStore, clock: ServerClock): RestPorts {
  return {
    fetch: (input, init) => fetch(input, init),
    token: () => session.getState().token,
    onUnauthorized: (error: LabError) => session.signOut(error.message),
    clock,
    uuid: randomKey,
  };
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        refetchOnWindowFocus: false,
        // Only a lab that does not answer is asked again; a refusal stays one.
        retry: (count, error) => isLabError(error, 'lab.unreachable') && count < 20,
        retryDelay: (attempt) => Math.min(5000, 500 * 2 ** attempt),
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}
