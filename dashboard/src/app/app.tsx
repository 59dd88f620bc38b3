import { isLabError, type LabError } from '@hilltop/contracts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { createApi } from '../link/api.js';
import { randomKey } from '../link/random-key.js';
import { createRest, createRestBytes, type RestPorts } from '../link/rest.js';
import { ServerClock } from '../link/server-clock.js';
import { codeOf, type SessionStore, type TokenStorage } from '../link/session-store.js';
import { Consoles } from '../live/consoles.js';
import { FrameQueue } from '../live/frame-queue.js';
import { labSocket } from '../live/lab-socket.js';
import { LiveLink } from '../live/live-link.js';
import { Traces } from '../live/traces.js';
import { type Lab, LabContext } from './lab-context.js';
import { Routes } from './routes.js';
import { SignIn } from './sign-in.js';

export interface AppProps {
  readonly session: SessionStore;
  readonly storage: TokenStorage;
}

/** The page: signed in, or asked to sign in. */
export function App({ session, storage }: AppProps) {
  const token = useStore(session, (state) => state.token);
  // A sign-in address means it, also in a browser that has a token: that one may have expired.
  const [isEntering, setEntering] = useState(() => codeOf(location.hash) !== undefined);
  if (token === undefined || isEntering)
    return (
      <SignIn
        session={session}
        onTried={() => setEntering(false)}
        rest={createRest(restPorts(session, new ServerClock(Date.now)))}
      />
    );
  return <SignedIn key={token} session={session} storage={storage} />;
}

function SignedIn({ session, storage }: AppProps) {
  const lab = useMemo(() => createLab(session, storage), [session, storage]);
  const queries = useMemo(createQueryClient, []);
  useEffect(() => {
    // A tab that comes back draws at once what it has; frames do not come while it is hidden.
    const onVisibility = (): void => lab.frames.flush();
    document.addEventListener('visibilitychange', onVisibility);
    const unsubscribe = lab.link.quiet.subscribe(({ active }) =>
      document.documentElement.toggleAttribute('data-quiet', active),
    );
    lab.link.start();
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      unsubscribe();
      lab.link.stop();
    };
  }, [lab]);
  return (
    <QueryClientProvider client={queries}>
      <LabContext value={lab}>
        <Routes />
      </LabContext>
    </QueryClientProvider>
  );
}

function createLab(session: SessionStore, storage: TokenStorage): Lab & { readonly frames: FrameQueue } {
  const clock = new ServerClock(Date.now);
  const frames = new FrameQueue({
    requestFrame: (callback) => void requestAnimationFrame(callback),
    setTimer: (callback, milliseconds) => void setTimeout(callback, milliseconds),
    isHidden: () => document.hidden,
  });
  const traces = new Traces(frames);
  const consoles = new Consoles(frames);
  const ports = restPorts(session, clock);
  const link = new LiveLink({
    socket: labSocket(() => session.getState().token),
    frames,
    now: Date.now,
    setTimer: (callback, milliseconds) => void setTimeout(callback, milliseconds),
    onLive: (event) => traces.push(event),
    onConsole: (event) => consoles.push(event),
  });
  return {
    api: createApi(createRest(ports), createRestBytes(ports)),
    link,
    presences: link.presences,
    traces,
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
