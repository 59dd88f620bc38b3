import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError, type Session, type SessionCode } from '@hilltop/contracts';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AccessService } from '../access/access.service.js';
import type { Actor } from '../access/actor.js';
import { CONFIG, type Config } from '../config.js';
import { LabAddress } from '../lab/lab-address.js';
import { writePrivateFile } from '../links/private-file.js';
import { TokenService } from '../tokens/token.service.js';
import { UserService } from '../users/user.service.js';
import { SignInCodes } from './sign-in-codes.js';

/** A browser stays signed in this long. */
const sessionSeconds = 30 * 86_400;

/** How people come in: a one-time code becomes a token of theirs. The address they come from never counts. */
@Injectable()
export class SessionService implements OnApplicationBootstrap {
  readonly #codes = new SignInCodes(Date.now);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly users: UserService,
    private readonly tokens: TokenService,
    private readonly access: AccessService,
    private readonly address: LabAddress,
  ) {}

  /** Who can read the data directory owns the lab: the CLI on this machine gets its token from there. */
  async onApplicationBootstrap(): Promise<void> {
    const file = join(this.config.dataDir, 'admin-token');
    if (existsSync(file) && (await this.#works(readFileSync(file, 'utf8').trim()))) return;
    const { secret } = await this.tokens.forUser(await this.users.owner(), 'this machine');
    writePrivateFile(file, `${secret}\n`);
  }

  /** Throws `auth.code-invalid`. */
  async create(code: string): Promise<Session> {
    const userId = this.#codes.redeem(code);
    if (userId === undefined) {
      throw new LabError(
        'auth.code-invalid',
        'this sign-in code was used or has expired; get a new address with `hilltop open`',
      );
    }
    const user = await this.users.get(userId);
    const { secret } = await this.tokens.forUser(user, 'browser', sessionSeconds);
    return { token: secret, user };
  }

  /** A code for the caller. Throws `auth.forbidden` for a token without a user. */
  createCode(actor: Actor): SessionCode {
    if (actor.userId === undefined) throw new LabError('auth.forbidden', 'a service token cannot sign a person in');
    return this.#codeFor(actor.userId);
  }

  /** A code for the first user, printed at each start. */
  async createFirstCode(): Promise<SessionCode> {
    return this.#codeFor((await this.users.owner()).id);
  }

  /** Signs the caller out. */
  async end(actor: Actor): Promise<void> {
    await this.tokens.revoke(actor, actor.tokenId);
  }

  #codeFor(userId: string): SessionCode {
    const { code, expiresMs } = this.#codes.mint(userId);
    return { code, url: `${this.address.urls[0]}/#code=${code}`, expiresAt: new Date(expiresMs).toISOString() };
  }

  async #works(secret: string): Promise<boolean> {
    try {
      await this.access.authenticate(secret);
      return true;
    } catch (error) {
      if (error instanceof LabError) return false;
      throw error;
    }
  }
}
