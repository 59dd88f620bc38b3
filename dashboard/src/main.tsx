import './link/zod-config.js';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.js';
import { applyPreferences } from './app/preferences.js';
import { browserStorage } from './link/browser-storage.js';
import { createSessionStore } from './link/session-store.js';
import './styles/tokens.css';
import './styles/base.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const storage = browserStorage(() => localStorage);
applyPreferences(document.documentElement);
createRoot(root).render(
  <StrictMode>
    <App session={createSessionStore(storage)} storage={storage} />
  </StrictMode>,
);
