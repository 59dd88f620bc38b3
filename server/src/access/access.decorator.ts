import type { Access as AccessLevel } from '@hilltop/contracts';
import { SetMetadata } from '@nestjs/common';

export const accessKey = 'hilltop:access';

/** What a route or socket event demands. Every one declares it; the lab does not start with one that does not. */
export const Access = (access: AccessLevel) => SetMetadata(accessKey, access);
