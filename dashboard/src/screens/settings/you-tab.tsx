import { initialsOf } from '@hilltop/contracts';
import { useStore } from 'zustand';
import { useLab, useMe } from '../../app/lab-context.js';
import { choices, type Preferences, setPreference, usePreferences } from '../../app/preferences.js';
import { partyKey } from '../../panels/leases/lease-model.js';
import { Skeleton } from '../../ui/empty.js';
import { Facts } from '../../ui/facts.js';
import { ErrorNotice } from '../../ui/notice.js';
import { OwnTokens } from './own-tokens.js';
import { Section } from './section.js';
import css from './settings.module.css';

/** What each choice is called. */
const words: { readonly [K in keyof Preferences]: Readonly<Record<string, string>> } = {
  singleKeys: { true: 'On: r reserves, ? shows all keys', false: 'Off: only keys with Control' },
  cursors: { following: 'Of the person I follow', all: 'Of everybody', off: 'Of nobody, and mine is not sent' },
  density: { cards: 'Cards', table: 'Table, rows closer together' },
  theme: { system: 'As the system', light: 'Light', dark: 'Dark' },
};
const titles = {
  theme: 'Theme',
  density: 'Devices',
  singleKeys: 'Single-letter keys',
  cursors: 'Cursors of others',
} as const satisfies Partial<Record<keyof Preferences, string>>;

/** Who I am here, how this browser shows the lab, and what signs me in. */
export function YouTab() {
  const asked = useMe();
  const me = asked.data;
  const here = useStore(useLab().presences.store, (state) => state.here);
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!me) return <Skeleton />;
  const screens = [...here.values()].filter(({ person }) => person.key === partyKey(me));
  const name = me.user?.name ?? me.guest?.name;
  return (
    <>
      <Section title="Who you are">
        <Facts
          rows={[
            ['Name', name ?? 'a service token'],
            ['Role', me.guest ? 'guest: sees, changes nothing' : me.role],
            [
              'Your colour',
              <span key="colour" className={css.swatch} data-colour={screens[0]?.person.colour}>
                {initialsOf(name ?? '?')}
              </span>,
            ],
            [
              'Your screens now',
              screens.length === 0 ? undefined : (
                <ul key="screens" className={css.list}>
                  {screens.map(({ connection, page }) => (
                    <li key={connection}>{page.split('?')[0]}</li>
                  ))}
                </ul>
              ),
            ],
          ]}
        />
      </Section>
      <Section title="This browser">
        <p className="muted">Kept in this browser, told to nobody.</p>
        <div className={css.choices}>
          {(Object.keys(titles) as (keyof typeof titles)[]).map((each) => (
            <Choice key={each} name={each} />
          ))}
        </div>
      </Section>
      {!me.guest && <OwnTokens me={me} />}
    </>
  );
}

function Choice({ name }: { readonly name: keyof typeof titles }) {
  const chosen = usePreferences()[name];
  return (
    <fieldset className={css.group}>
      <legend>{titles[name]}</legend>
      {choices[name].map((value) => (
        <label key={String(value)}>
          <input
            type="radio"
            name={`settings-${name}`}
            checked={chosen === value}
            onChange={() => setPreference(name, value as never)}
          />
          {words[name][String(value)]}
        </label>
      ))}
    </fieldset>
  );
}
