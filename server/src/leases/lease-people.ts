import { allows, isLabError, LabError, type User } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { UserService } from '../users/user.service.js';
import type { Party } from './lease-state.js';

/** Who can be given a device. */
@Injectable()
export class LeasePeople {
  constructor(private readonly users: UserService) {}

  /** A user by name or id. Throws `request.not-found`, `auth.forbidden` for one who may only look. */
  async find(nameOrId: string): Promise<Party> {
    const user = await this.#user(nameOrId);
    if (!allows(user.role, 'operator'))
      throw new LabError('auth.forbidden', `${user.name} may only look; an admin gives the role operator`);
    return { owner: user.id, name: user.name, person: true };
  }

  async #user(nameOrId: string): Promise<User> {
    try {
      return await this.users.byName(nameOrId);
    } catch (error) {
      if (!isLabError(error, 'request.not-found')) throw error;
      return this.users.get(nameOrId);
    }
  }
}
