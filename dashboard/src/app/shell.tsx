import { Boxes, CalendarClock, FlaskConical, ListChecks, PlugZap, Plus, Telescope } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useRoute } from 'wouter';
import { useDialogs } from '../dialogs/dialogs-context.js';
import { PanelBoundary } from '../panels/panel.js';
import { Button } from '../ui/button.js';
import { ConnectionPill } from './connection-pill.js';
import { useBlocked } from './lab-context.js';
import { LiveRegion } from './live-region.js';
import { Mark } from './mark.js';
import { FollowBar, People } from './people.js';
import css from './shell.module.css';
import { StatusBars } from './status-bars.js';
import { usePresenceReport } from './use-presence.js';
import { UserMenu } from './user-menu.js';

/** Rail, top bar, the screen. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { open } = useDialogs();
  const blocked = useBlocked('operator');
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
        <div className={css.actions}>
          <Button
            kind="primary"
            blocked={blocked}
            icon={<Plus size={16} aria-hidden />}
            onClick={() => open('new-job')}
          >
            New job
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
          <ConnectionPill />
          <UserMenu />
        </div>
      </header>
      <nav className={css.rail} aria-label="Screens">
        <RailLink href="/" pattern="/" icon={<FlaskConical size={16} aria-hidden />} text="Lab" />
        <RailLink href="/models" pattern="/models/*?" icon={<Boxes size={16} aria-hidden />} text="Models" />
        <RailLink href="/jobs" pattern="/jobs/*?" icon={<ListChecks size={16} aria-hidden />} text="Jobs" />
        <RailLink href="/sweeps" pattern="/sweeps/*?" icon={<Telescope size={16} aria-hidden />} text="Sweeps" />
        <RailLink
          href="/reservations"
          pattern="/reservations"
          icon={<CalendarClock size={16} aria-hidden />}
          text="Reservations"
        />
      </nav>
      <main id="main" className={css.main} tabIndex={-1}>
        <FollowBar />
        <StatusBars />
        <PanelBoundary>{children}</PanelBoundary>
      </main>
      <LiveRegion />
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
