import type { Access as AccessLevel } from '@hilltop/contracts';
import { SetMetadata } from '@nestjs/common';

export const accessKey = 'hilltop:access';

/** What a route or socket event demands. Every one declares it; the lab does not start with one that does not. */
export const Access = (access: AccessLevel) => SetMetadata(accessKey, access);

export const guestsKey = 'hilltop:guests';

/**
 * Whether guests may use a route or event. Without it they may read (`GET`) what viewers may read, and nothing else. A table of
 * all routes in a test says which that is.
 */
export const Guests = (may: 'welcome' | 'refused') => SetMetadata(guestsKey, may);
