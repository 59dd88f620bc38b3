import { type ComponentType, lazy, Suspense } from 'react';
import { Link, useLocation } from 'wouter';
import { PanelBoundary } from '../panels/panel.js';
import { Empty, Skeleton } from '../ui/empty.js';
import { ScreenHead } from './screen-head.js';
import css from './settings/settings.module.css';

interface Tab {
  readonly title: string;
  readonly view: ComponentType;
}

/** A tab, an address. */
const tabs: Readonly<Record<string, Tab>> = {
  you: { title: 'You', view: lazy(() => import('./settings/you-tab.js').then((m) => ({ default: m.YouTab }))) },
  people: {
    title: 'People',
    view: lazy(() => import('./settings/people-tab.js').then((m) => ({ default: m.PeopleTab }))),
  },
  tokens: {
    title: 'Tokens',
    view: lazy(() => import('./settings/tokens-tab.js').then((m) => ({ default: m.TokensTab }))),
  },
  agents: {
    title: 'Agents',
    view: lazy(() => import('./settings/agents-tab.js').then((m) => ({ default: m.AgentsTab }))),
  },
  baselines: {
    title: 'Baselines and gates',
    view: lazy(() => import('./settings/baselines-tab.js').then((m) => ({ default: m.BaselinesTab }))),
  },
  system: {
    title: 'System',
    view: lazy(() => import('./settings/system-tab.js').then((m) => ({ default: m.SystemTab }))),
  },
};

export function SettingsScreen() {
  const [path] = useLocation();
  const name = path.split('/')[2] || 'you';
  const tab = tabs[name];
  return (
    <>
      <ScreenHead title={tab ? `Settings: ${tab.title}` : 'Settings'} />
      <nav aria-label="Settings" className={css.tabs}>
        {Object.entries(tabs).map(([each, { title }]) => (
          <Link
            key={each}
            href={`/settings/${each}`}
            className={css.tab}
            aria-current={each === name ? 'page' : undefined}
          >
            {title}
          </Link>
        ))}
      </nav>
      {tab ? (
        <PanelBoundary key={name}>
          <Suspense fallback={<Skeleton rows={6} />}>
            <div className={css.page}>
              <tab.view />
            </div>
          </Suspense>
        </PanelBoundary>
      ) : (
        <Empty>There is no such page of the settings.</Empty>
      )}
    </>
  );
}
