import * as z from 'zod';

// The lab's content policy forbids `new Function`, which zod would otherwise try for every schema it makes.
// main.tsx imports this file first: a schema decides at its creation.
z.config({ jitless: true });
