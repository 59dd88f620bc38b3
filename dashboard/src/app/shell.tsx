import {
  Boxes,
  CalendarClock,
  FlaskConical,
  ListChecks,
  Moon,
  PlugZap,
  Plus,
  Search,
  Settings,
  Telescope,
} from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { Link, useRoute } from 'wouter';
import { useDialogs } from '../dialogs/dialogs-context.js';
import { PanelBoundary } from '../panels/panel.js';
import { Button } from '../ui/button.js';
import { ConnectionPill } from './connection-pill.js';
import { useBlocked } from './lab-context.js';
import { LiveRegion } from './live-region.js';
import { Mark } from './mark.js';
import { FollowBar, People } from './people.js';
import { SaidLine } from './said-line.js';
import css from './shell.module.css';
import { type ShellDialog, ShellKeys } from './shell-keys.js';
import { StatusBars } from './status-bars.js';
import { usePresenceReport } from './use-presence.js';
import { UserMenu } from './user-menu.js';

const DrawerButton = lazy(() => import('../drawer/drawer-button.js').then((m) => ({ default: m.DrawerButton })));
const GuestBanner = lazy(() => import('./guest-banner.js').then((m) => ({ default: m.GuestBanner })));
const Missed = lazy(() => import('./missed.js').then((m) => ({ default: m.Missed })));
const LeaseWatch = lazy(() => import('./lease-watch.js').then((m) => ({ default: m.LeaseWatch })));

/** Rail, top bar, the screen. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { open } = useDialogs();
  const blocked = useBlocked('operator');
  const [shown, setShown] = useState<ShellDialog>();
  usePresenceReport();
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#main">
        Skip to the content
      </a>
      <header className={css.bar}>
        <Link href="/" className={css.brand} aria-label="Hilltop, the lab">
          <Mark />
          <span className={css.brandName}>Hilltop</span>
        </Link>
        <button
          type="button"
          className={css.search}
          aria-keyshortcuts="Control+K Meta+K"
          onClick={() => setShown('palette')}
        >
          <Search size={15} aria-hidden />
          <span className={css.searchText}>Go or do</span>
          <kbd className={css.searchKey}>Ctrl K</kbd>
        </button>
        <div className={css.actions}>
          <Button
            kind="primary"
            blocked={blocked}
            icon={<Plus size={16} aria-hidden />}
            onClick={() => open('new-job')}
          >
            <span className={css.newJob}>New job</span>
          </Button>
          <Button
            blocked={blocked}
            icon={<PlugZap size={16} aria-hidden />}
            onClick={() => open('add-device')}
            aria-label="Add a device"
          >
            <span className={css.wide}>Add a device</span>
          </Button>
          <People />
          <Suspense fallback={<span style={{ inlineSize: 44 }} />}>
            <DrawerButton />
          </Suspense>
          <ConnectionPill />
          <UserMenu onKeys={() => setShown('keys')} />
        </div>
      </header>
      <nav className={css.rail} aria-label="Screens">
        <RailLink href="/" pattern="/" icon={<FlaskConical size={16} aria-hidden />} text="Lab" />
        <RailLink href="/models" pattern="/models/*?" icon={<Boxes size={16} aria-hidden />} text="Models" />
        <RailLink href="/jobs" pattern="/jobs/*?" icon={<ListChecks size={16} aria-hidden />} text="Jobs" />
        <RailLink href="/sweeps" pattern="/sweeps/*?" icon={<Telescope size={16} aria-hidden />} text="Sweeps" />
        <RailLink href="/schedules" pattern="/schedules/*?" icon={<Moon size={16} aria-hidden />} text="Schedules" />
        <RailLink
          href="/reservations"
          pattern="/reservations"
          icon={<CalendarClock size={16} aria-hidden />}
          text="Reservations"
        />
        <RailLink href="/settings" pattern="/settings/*?" icon={<Settings size={16} aria-hidden />} text="Settings" />
      </nav>
      <main id="main" className={css.main} tabIndex={-1}>
        <Suspense fallback={null}>
          <GuestBanner />
        </Suspense>
        <FollowBar />
        <StatusBars />
        <Suspense fallback={null}>
          <Missed />
        </Suspense>
        <PanelBoundary>{children}</PanelBoundary>
      </main>
      <LiveRegion />
      <SaidLine />
      <ShellKeys shown={shown} onShow={setShown} />
      <Suspense fallback={null}>
        <LeaseWatch />
      </Suspense>
    </div>
  );
}

interface RailLinkProps {
  readonly href: string;
  readonly pattern: string;
  readonly icon: ReactNode;
  readonly text: string;
}

function RailLink({ href, pattern, icon, text }: RailLinkProps) {
  const [isHere] = useRoute(pattern);
  return (
    <Link href={href} className={css.railLink} aria-current={isHere ? 'page' : undefined}>
      {icon}
      {text}
    </Link>
  );
}
