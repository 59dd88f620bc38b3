import type { ComponentType } from 'react';
import { Link, useLocation } from 'wouter';
import { PanelBoundary } from '../panels/panel.js';
import { Empty } from '../ui/empty.js';
import { loadable } from '../ui/loadable.js';
import { ScreenHead } from './screen-head.js';
import css from './settings/settings.module.css';

interface Tab {
  readonly title: string;
  readonly view: ComponentType;
}

/** A tab, an address. */
const tabs: Readonly<Record<string, Tab>> = {
  you: { title: 'You', view: loadable(() => import('./settings/you-tab.js').then((m) => m.YouTab)) },
  people: {
    title: 'People',
    view: loadable(() => import('./settings/people-tab.js').then((m) => m.PeopleTab)),
  },
  tokens: {
    title: 'Tokens',
    view: loadable(() => import('./settings/tokens-tab.js').then((m) => m.TokensTab)),
  },
  agents: {
    title: 'Agents',
    view: loadable(() => import('./settings/agents-tab.js').then((m) => m.AgentsTab)),
  },
  baselines: {
    title: 'Baselines and gates',
    view: loadable(() => import('./settings/baselines-tab.js').then((m) => m.BaselinesTab)),
  },
  system: {
    title: 'System',
    view: loadable(() => import('./settings/system-tab.js').then((m) => m.SystemTab)),
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
          <div className={css.page}>
            <tab.view />
          </div>
        </PanelBoundary>
      ) : (
        <Empty>There is no such page of the settings.</Empty>
      )}
    </>
  );
}
