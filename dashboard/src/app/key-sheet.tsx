import { useState } from 'react';
import { Modal } from '../ui/modal.js';
import { isSingle, keyCaps } from './key-match.js';
import css from './key-sheet.module.css';
import { registeredKeys } from './keys.js';
import { setPreference, usePreferences } from './preferences.js';

/** All keys of the page that is open, as the page itself registered them. */
export function KeySheet({ onClose }: { readonly onClose: () => void }) {
  const [scopes] = useState(registeredKeys);
  const { singleKeys } = usePreferences();
  return (
    <Modal
      title="Keys of this page"
      description="In a field letters are letters; keys with Ctrl (⌘ on a Mac) work everywhere."
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      footer={
        <label className={css.setting}>
          <input
            type="checkbox"
            checked={singleKeys}
            onChange={(event) => setPreference('singleKeys', event.target.checked)}
          />
          Single letters are keys
        </label>
      }
    >
      {[...scopes].map(([scope, rows]) => (
        <section key={scope} className={css.scope}>
          <h3>{scope}</h3>
          <dl className={css.keys}>
            {rows.map(({ keys, does, blocked }) => (
              <div key={keys} className={css.row} data-off={(!singleKeys && isSingle(keys)) || undefined}>
                <dt>
                  {keyCaps(keys).map((cap, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the caps of one row never move
                    <kbd key={index} className={css.cap}>
                      {cap}
                    </kbd>
                  ))}
                </dt>
                <dd>
                  {does}
                  {!singleKeys && isSingle(keys) && <span className="caption"> (switched off)</span>}
                  {blocked !== undefined && <span className="caption"> ({blocked})</span>}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  );
}
