import { CircleUser, Keyboard, LogOut, Settings, Share2 } from 'lucide-react';
import { useId, useRef } from 'react';
import { Link } from 'wouter';
import { useDialogs } from '../dialogs/dialogs-context.js';
import { Button } from '../ui/button.js';
import { useLab, useMe } from './lab-context.js';
import { choices, type Preferences, setPreference, usePreferences } from './preferences.js';
import css from './user-menu.module.css';

const words = { system: 'As the system', light: 'Light', dark: 'Dark' } as const satisfies Record<
  Preferences['theme'],
  string
>;

/** Who you are, the theme, the keys, signing out. The browser's own popover: Escape and a click elsewhere close it. */
export function UserMenu({ onKeys }: { readonly onKeys: () => void }) {
  const { api, session } = useLab();
  const { open } = useDialogs();
  const me = useMe().data;
  const { theme } = usePreferences();
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const close = (): void => menu.current?.hidePopover();
  const signOut = (): void => {
    // A token of this browser alone is revoked; without the lab it is at least forgotten here.
    const ended = session.getState().origin === 'code' ? api.endSession() : Promise.resolve();
    void ended.catch(() => undefined).then(() => session.signOut());
  };
  return (
    <>
      <Button
        kind="quiet"
        aria-label="You and the theme"
        popoverTarget={id}
        icon={<CircleUser size={18} aria-hidden />}
      />
      <div ref={menu} id={id} popover="auto" className={css.menu}>
        <p className={css.who}>
          <strong>{me?.user?.name ?? me?.guest?.name ?? 'Signed in'}</strong>
          {me && <span className="muted"> {me.guest ? 'guest' : me.role}</span>}
        </p>
        <fieldset className={css.group}>
          <legend className={css.legend}>Theme</legend>
          {choices.theme.map((name) => (
            <label key={name} className={css.item}>
              <input type="radio" name="theme" checked={theme === name} onChange={() => setPreference('theme', name)} />
              {words[name]}
            </label>
          ))}
        </fieldset>
        <div className={css.group}>
          <button
            type="button"
            className={css.item}
            onClick={() => {
              close();
              open('share');
            }}
          >
            <Share2 size={15} aria-hidden /> Share this page
          </button>
          <Link href="/settings" className={css.item} onClick={close}>
            <Settings size={15} aria-hidden /> Settings
          </Link>
          <button
            type="button"
            className={css.item}
            onClick={() => {
              close();
              onKeys();
            }}
          >
            <Keyboard size={15} aria-hidden /> Keys of this page <kbd className={css.key}>?</kbd>
          </button>
          <button type="button" className={css.item} onClick={signOut}>
            <LogOut size={15} aria-hidden /> Sign out
          </button>
        </div>
      </div>
    </>
  );
}
